import { openBundle } from '../../bundle/reader.js'
import { amount } from '../../encoding/amount.js'
import type { CommandContext, ExitCode } from '../context.js'
import { blobsOutput, claimsLines, claimsOutput } from '../render/claims.js'

/** `inspect FILE`: what a bundle claims. Its structure is checked; nothing it says is. */
export async function inspectBundle(path: string, context: CommandContext): Promise<ExitCode> {
  const bundle = await openBundle(path)
  try {
    const { waybill, document, inventory, signatures, size } = bundle
    context.print(
      {
        schema: 'waybill.inspect.v1',
        verified: false,
        path,
        size,
        waybill: waybill.descriptor.digest,
        signatures: signatures.map(({ descriptor }) => descriptor.digest),
        ...claimsOutput(document),
        blobs: blobsOutput(inventory),
      },
      [
        'CLAIMS ONLY: nothing of this has been verified. `waybill verify` does that.',
        `${path}: ${amount(size)}`,
        `waybill ${waybill.descriptor.digest}`,
        signatures.length === 0 ? 'not signed' : `${signatures.length} signature(s), not checked`,
        ...claimsLines(document),
      ],
    )
    return 0
  } finally {
    await bundle.close()
  }
}
