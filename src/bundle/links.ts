import { limited } from '../content/limited.js'
import type { GraphNode } from '../content/node.js'
import type { CallOptions } from '../content/store.js'
import { hasCode } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { nv2Of, nv2TargetOf } from '../trust/nv2/nv2-manifest.js'
import type { RecordedLink } from './document.js'

export interface LinkOptions extends CallOptions {
  readonly concurrency: number
  /** Verified bytes, all of them. */
  readonly read: (descriptor: Descriptor, call: CallOptions & { readonly maxBytes: number }) => Promise<Uint8Array>
  /** Told of a signature that says nothing that can be read. */
  readonly onUnreadable?: (signature: Digest, reason: string) => void
}

/**
 * The signatures among these manifests that no registry ties to anything, with the subjects that they name themselves:
 * the nv2 prototype's (nv2, docs/nv2: found "out of band"). The exporter records them, and the importer finds the same.
 * @throws what `read` throws
 */
export async function linksOf(nodes: Iterable<GraphNode>, given: LinkOptions): Promise<readonly RecordedLink[]> {
  const found = new Map<Digest, RecordedLink>()
  const { concurrency: limit, signal } = given
  await limited(tokensIn(nodes), { limit, signal }, async ({ signature, token }, stop) => {
    try {
      const bytes = await given.read(token, { signal: stop, maxBytes: LIMITS.envelopeBytes })
      found.set(signature, { signature, subject: nv2TargetOf(bytes).digest })
    } catch (cause) {
      if (!hasCode(cause, 'ERR_SIGNATURE_INVALID') && !hasCode(cause, 'ERR_LIMIT_EXCEEDED')) throw cause
      given.onUnreadable?.(signature, cause.message)
    }
  })
  return [...found.values()].sort((a, b) => (a.signature < b.signature ? -1 : 1))
}

function* tokensIn(nodes: Iterable<GraphNode>) {
  const seen = new Set<Digest>()
  for (const { descriptor, read } of nodes) {
    const token = read === undefined ? undefined : nv2Of(read.manifest)
    if (token === undefined || seen.has(descriptor.digest)) continue
    seen.add(descriptor.digest)
    yield { signature: descriptor.digest, token }
  }
}
