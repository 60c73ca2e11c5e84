import { fetchAll } from '../../content/read-all.js'
import type { CallOptions, ContentSource } from '../../content/store.js'
import { canonicalJson } from '../../encoding/canonical-json.js'
import { hasCode, TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { artifactTypeOf, parseManifest } from '../../oci/manifest.js'
import { parseReceipt } from '../../receipt/parse-receipt.js'
import { RECEIPT_TYPE, type Receipt } from '../../receipt/receipt.js'
import { buildReceiptManifest, type ReceiptManifest } from '../../receipt/receipt-manifest.js'

/** A receipt that hangs on a waybill; a claim, whoever has put it there. */
export interface FoundReceipt {
  readonly receipt: Receipt
  readonly document: Uint8Array
  readonly manifest: ReceiptManifest
}

/**
 * The receipts on a waybill that say the same as this one, but for when it was said and how much had to be sent: an
 * import that is repeated finds the one that it has written before.
 * @throws what keeps us from asking
 */
export async function* sameReceipts(
  source: ContentSource,
  { receipt, waybill }: { readonly receipt: Receipt; readonly waybill: Descriptor },
  call: CallOptions,
): AsyncGenerator<FoundReceipt> {
  const outcome = outcomeOf(receipt)
  for await (const referrer of source.referrers(waybill, call)) {
    const found = await readFound(source, referrer, call)
    if (found !== undefined && outcomeOf(found.receipt) === outcome) yield found
  }
}

function outcomeOf({ waybill, bundle, result, target, policy, allowedRollback, roots, held }: Receipt): string {
  const rulings = roots.map(({ change, was, ...root }) => root)
  return canonicalJson({ waybill, bundle, result, target, policy, allowedRollback, roots: rulings, held })
}

const NO_RECEIPT = [
  'ERR_RECEIPT_INVALID',
  'ERR_CONTENT_AMBIGUOUS',
  'ERR_JSON_INVALID',
  'ERR_CONTENT_MISMATCH',
  'ERR_NOT_FOUND',
  'ERR_LIMIT_EXCEEDED',
] as const

/** Whatever else hangs there is no receipt of ours; a registry that cannot be asked is none of these. */
async function readFound(
  source: ContentSource,
  referrer: Descriptor,
  call: CallOptions,
): Promise<FoundReceipt | undefined> {
  try {
    const bytes = await fetchAll(source, referrer, { ...call, maxBytes: LIMITS.manifestBytes })
    const manifest = parseManifest(bytes, referrer.mediaType, referrer.digest)
    const [layer] = manifest.kind === 'image' ? manifest.layers : []
    if (artifactTypeOf(manifest) !== RECEIPT_TYPE || layer === undefined) return undefined
    const document = await fetchAll(source, layer, { ...call, maxBytes: LIMITS.receiptBytes })
    const receipt = parseReceipt(document)
    const built = buildReceiptManifest(document, receipt)
    return built.descriptor.digest === referrer.digest ? { receipt, document, manifest: built } : undefined
  } catch (cause) {
    if (cause instanceof TransferError && NO_RECEIPT.some((code) => hasCode(cause, code))) return undefined
    throw cause
  }
}
