import { canonicalBytes } from '../encoding/canonical-json.js'
import type { Digest } from '../oci/digest.js'

/** The document's media type, and the type of the artifact that carries it. */
export const RECEIPT_TYPE = 'application/vnd.waybill.receipt.v1+json'
export const RECEIPT_VERSION = 1

/**
 * What an importer says of one import. Like a bundle it is a claim until its signature has been verified; and then it is
 * the importer's word, and nothing more.
 */
export interface Receipt {
  readonly version: typeof RECEIPT_VERSION
  /** the manifest of the waybill, on which the receipt hangs */
  readonly waybill: { readonly digest: Digest; readonly size: number }
  readonly bundle: ReceiptBundle
  /** `partial`: some roots were admitted, and others refused */
  readonly result: ReceiptResult
  /** RFC 3339, UTC, whole seconds: when it was judged, and when everything was done */
  readonly verifiedAt: string
  readonly finishedAt: string
  /** `HOST[:PORT]`, and what all names there begin with */
  readonly target: { readonly registry: string; readonly prefix?: string }
  readonly generator: string
  /** of the bytes of the import policy; absent where there was none */
  readonly policy?: Digest
  /** why somebody let a bundle in that the importer's memory refused */
  readonly allowedRollback?: string
  readonly checks: readonly ReceiptCheck[]
  /** in the order of the waybill's document */
  readonly roots: readonly ReceiptRoot[]
  /** Everything of the admitted roots, manifests and blobs: what a later bundle may build on. In ascending order, each once. */
  readonly held: readonly Digest[]
  readonly counts: { readonly blobs: ReceiptCounts; readonly manifests: ReceiptCounts }
}

export type ReceiptResult = 'loaded' | 'partial' | 'refused'

/** What the waybill's document says of itself. */
export interface ReceiptBundle {
  readonly createdAt: string
  readonly stream?: string
  readonly sequence?: number
  readonly previous?: Digest
  /** whose signatures on the waybill were looked at */
  readonly signers: readonly { readonly subject: string; readonly rootThumbprint: string }[]
}

export interface ReceiptCheck {
  readonly name: string
  readonly subject: string
  readonly result: 'pass' | 'fail' | 'logged' | 'not-applicable'
  readonly detail: string
  readonly code?: string
}

export interface ReceiptRoot {
  /** full name at its source */
  readonly source: string
  readonly digest: Digest
  readonly ruling: 'admitted' | 'refused'
  /** the rule of the import policy that it fell under */
  readonly rule?: string
  /** Only of one that is refused: why, at least one reason. */
  readonly because?: readonly ReceiptReason[]
  /** Only of one that is admitted: its full name at the target, and what became of the name. */
  readonly target?: string
  readonly change?: 'new' | 'same' | 'moved'
  /** what a name meant before that is moved; a digest, where it is known */
  readonly was?: string
  /** of the manifest of the importer's own signature on it */
  readonly countersignature?: Digest
}

export interface ReceiptReason {
  readonly detail: string
  readonly code?: string
}

export interface ReceiptCounts {
  readonly copied: number
  readonly present: number
  readonly mounted: number
}

/** The bytes of a receipt: RFC 8785, so that one receipt has one encoding. */
export function formatReceipt(receipt: Receipt): Uint8Array {
  return canonicalBytes(receipt)
}
