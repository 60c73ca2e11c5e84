import type { Omission } from '../content/node.js'
import { canonicalBytes } from '../encoding/canonical-json.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { formatPlatform } from '../oci/platform.js'
import type { BundleBase } from './base.js'
import type { FORMAT_VERSION } from './layout.js'

/** What the bundle claims. Nothing in it may be believed before the waybill's signature has been checked. */
export interface BundleDocument {
  readonly version: typeof FORMAT_VERSION
  readonly kind: 'full' | 'incremental'
  /** what an incremental bundle builds on, and nothing else has; never empty */
  readonly base?: readonly BundleBase[]
  /** RFC 3339, UTC, whole seconds */
  readonly createdAt: string
  readonly expiresAt?: string
  /** the stream that the bundle belongs to, and its number there from 1; both or neither */
  readonly stream?: string
  readonly sequence?: number
  /** the waybill of the bundle before it in the stream */
  readonly previous?: Digest
  readonly generator: string
  readonly roots: readonly Root[]
  readonly lookups: readonly RecordedLookup[]
  readonly omissions: readonly RecordedOmission[]
  /** signatures that nothing in a registry ties to their subjects; absent where there is none, by signature in ascending order */
  readonly links?: readonly RecordedLink[]
  /** absent where there is none, and then never empty */
  readonly evidence?: readonly RecordedEvidence[]
  /** absent where everything was had */
  readonly evidenceMissing?: readonly MissingEvidence[]
  readonly totals: Totals
}

/** One artifact that was asked for, under the name it had at its source. */
export interface Root {
  /** `HOST/NAME` */
  readonly repository: string
  readonly tag?: string
  readonly descriptor: Descriptor
  /** The platforms that were kept; absent where all were. */
  readonly platforms?: readonly string[]
}

/** What came of asking, in one repository, what hangs on one subject. */
export interface RecordedLookup {
  readonly repository: string
  readonly subject: Digest
  readonly referrers: RecordedAnswer
  readonly tags: RecordedTags
}

export type RecordedAnswer =
  | { readonly result: 'found'; readonly digests: readonly Digest[] }
  | { readonly result: 'none' }
  | { readonly result: 'could-not-ask'; readonly reason: string }

export type RecordedTags =
  | { readonly result: 'found'; readonly tags: readonly { readonly tag: string; readonly digest: Digest }[] }
  | { readonly result: 'none' }
  | { readonly result: 'could-not-ask'; readonly reason: string }

export interface RecordedOmission {
  readonly digest: Digest
  readonly size: number
  readonly mediaType: string
  readonly parent: Digest
  readonly reason: Omission['reason']
  readonly platform?: string
}

/** A signature among the roots, and the subject that it names itself. */
export interface RecordedLink {
  /** of the signature's manifest */
  readonly signature: Digest
  readonly subject: Digest
}

/** A CRL or an OCSP response that travels along, so that revocation can be judged where nobody can be asked. */
export interface RecordedEvidence {
  readonly type: 'crl' | 'ocsp'
  /** the address in the certificate, or in the list, whoever was asked in its place; absent for what came as a file */
  readonly url?: string
  /** RFC 3339, UTC, whole seconds, as all times here */
  readonly fetchedAt: string
  readonly thisUpdate: string
  readonly nextUpdate?: string
  readonly descriptor: Descriptor
  /** The certificates for which it was obtained, by the SHA-256 of their DER, in ascending order. */
  readonly certificates: readonly string[]
}

/** Evidence that could not be had. The far side may have to refuse for it, and is told why. */
export interface MissingEvidence {
  /** SHA-256 of the certificate's DER */
  readonly certificate: string
  readonly subject: string
  /** absent where it names no address that can be asked */
  readonly url?: string
  readonly reason: string
}

export interface Totals extends Amounts {
  /** the part of it that is not carried; absent where everything is */
  readonly expected?: Amounts
}

interface Amounts {
  readonly blobs: number
  readonly bytes: number
}

/** What lies in the archive. */
export function carriedTotals({ totals: { blobs, bytes, expected } }: Pick<BundleDocument, 'totals'>): Amounts {
  return { blobs: blobs - (expected?.blobs ?? 0), bytes: bytes - (expected?.bytes ?? 0) }
}

/** The document's bytes: RFC 8785, so that one document has one encoding. */
export function formatDocument(document: BundleDocument): Uint8Array {
  const { evidence } = document
  return canonicalBytes({
    ...document,
    roots: document.roots.map((root) => ({ ...root, descriptor: { ...bare(root.descriptor) } })),
    ...(evidence === undefined
      ? {}
      : { evidence: evidence.map((one) => ({ ...one, descriptor: { ...bare(one.descriptor) } })) }),
  })
}

export function recordOmission(omission: Omission): RecordedOmission {
  const { descriptor, parent, reason, platform } = omission
  return {
    ...bare(descriptor),
    parent,
    reason,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
  }
}

/** The full name of a root: `HOST/NAME:TAG`, or `HOST/NAME@DIGEST` where it was asked for by digest alone. */
export function rootName(root: Root): string {
  return root.tag === undefined ? `${root.repository}@${root.descriptor.digest}` : `${root.repository}:${root.tag}`
}
