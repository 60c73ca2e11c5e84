import { limited } from '../../content/limited.js'
import type { CallOptions } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import { formatRepository } from '../../oci/reference.js'
import type { Decision } from '../decide.js'
import type { OpenTarget } from '../run.js'

const CONCURRENCY = 8

/**
 * Asks the target for everything that a receipt is going to say it has. A run that had nothing to do has asked for names
 * alone, and what a registry has lost since it was loaded must not be attested.
 * @throws ERR_NOT_FOUND for the first thing that is gone, and what the target throws
 */
export async function requireStillThere(
  { rulings }: Decision,
  { open, ...call }: CallOptions & { readonly open: OpenTarget },
): Promise<void> {
  for (const ruling of rulings) {
    if (ruling.kind !== 'admit') continue
    const target = await open(ruling.target)
    await limited(ruling.closure.nodes, { limit: CONCURRENCY, ...call }, async (node, signal) => {
      if (await target.has(node, { signal })) return
      const where = formatRepository(ruling.target)
      const message = `${where} has lost ${node.digest} since it was loaded, and no receipt says otherwise: import the bundle again with --recheck`
      throw new TransferError('ERR_NOT_FOUND', message, { side: 'sink', subject: node.digest })
    })
  }
}
