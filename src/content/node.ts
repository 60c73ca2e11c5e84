import type { Descriptor, Platform } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { Manifest } from '../oci/manifest.js'

export type Role = 'index' | 'manifest' | 'config' | 'layer' | 'blob'

/** One digest of a closure. Blobs have neither bytes nor children. */
export interface GraphNode {
  readonly descriptor: Descriptor
  readonly role: Role
  /** Directly below, without what was omitted. */
  readonly children: readonly Descriptor[]
  readonly omissions: readonly Omission[]
  /** Of a manifest: its bytes as received, what they say, and what came of asking for referrers. */
  readonly read?: { readonly bytes: Uint8Array; readonly manifest: Manifest; readonly lookup: Lookup }
}

/** Content that stays behind, and why. An omission is a result: plan, document and screen show it. */
export interface Omission {
  readonly descriptor: Descriptor
  readonly parent: Digest
  readonly reason: 'platform' | 'non-distributable'
  readonly platform?: Platform
}

/** "None there" and "could not ask" are different results. */
export type Answer =
  | { readonly result: 'found'; readonly digests: readonly Digest[] }
  | { readonly result: 'none' }
  | { readonly result: 'could-not-ask'; readonly reason: string }

/** What came of asking what hangs on one subject: by the Referrers API or its tag schema, and by cosign's tags. */
export interface Lookup {
  readonly subject: Digest
  readonly referrers: Answer
  readonly tags: Answer
  /** The tags that were found, with what they name. */
  readonly tagged: readonly TaggedDescriptor[]
  /** Everything that was found, each digest once. */
  readonly descriptors: readonly Descriptor[]
}

export interface TaggedDescriptor {
  readonly tag: string
  readonly descriptor: Descriptor
}
