import type { OpenedBundle } from '../../bundle/reader.js'
import type { CallOptions } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import { carriedEvidence } from '../carried-evidence.js'

/**
 * Holds what the document says of its evidence against the evidence itself: an auditor reads the windows there. Whether a
 * list is about the certificates that the document names is not asked; what it is worth is found by its signature.
 * @throws ERR_BUNDLE_INCOMPLETE, and what `carriedEvidence` throws
 */
export async function checkEvidence(bundle: OpenedBundle, call: CallOptions): Promise<void> {
  const entries = bundle.document.evidence ?? []
  if (entries.length === 0) return
  // Loaded only where there is something to read with it: decoders are large.
  const { describeEvidence } = await import('../../trust/revocation/describe.js')
  const carried = await carriedEvidence(bundle, call)
  entries.forEach(({ descriptor, thisUpdate, nextUpdate }, at) => {
    const evidence = carried[at]
    if (evidence === undefined) throw new Error('evidence without an entry')
    const found = describeEvidence(evidence)
    const until = found.nextUpdate && formatTimestamp(found.nextUpdate)
    if (formatTimestamp(found.thisUpdate) === thisUpdate && until === nextUpdate) return
    throw new TransferError(
      'ERR_BUNDLE_INCOMPLETE',
      `the document says that ${descriptor.digest} is in force from ${thisUpdate} to ${nextUpdate ?? 'no end'}, and it says from ${formatTimestamp(found.thisUpdate)} to ${until ?? 'no end'}`,
      { side: 'medium', subject: descriptor.digest },
    )
  })
}
