import type { Root } from '../bundle/document.js'
import type { OpenedBundle } from '../bundle/reader.js'
import type { Lookup, Omission } from '../content/node.js'
import type { ErrorCode } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Brand, Digest } from '../oci/digest.js'
import type { Manifest } from '../oci/manifest.js'
import type { ArtifactOutcome } from '../trust/notary/verify-artifact.js'
import type { SignatureOutcome } from '../trust/outcome.js'
import type { PolicyFindings } from './policy/findings.js'

export const CHECKS = [
  'structure',
  'signature',
  'signer',
  'validity',
  'revocation',
  'freshness',
  'rollback',
  'closure',
  'policy',
  'content',
] as const
/** `base` is made of incremental bundles alone: what they do not carry, and whether the target has it. */
export type CheckName = (typeof CHECKS)[number] | 'base'

/**
 * One judgement. A `fail` has the code that decides the exit status; `logged` is a failure that the importer's trust policy
 * only records, and must stay visible.
 */
export interface Check {
  readonly name: CheckName
  /** The digest or path that was looked at. */
  readonly subject: string
  readonly result: 'pass' | 'fail' | 'logged' | 'not-applicable'
  readonly detail: string
  readonly code?: ErrorCode
}

export interface SignerFacts {
  readonly subject: string
  readonly thumbprint: string
  readonly root: string
  readonly rootThumbprint: string
  readonly signedAt: string
}

/** An artifact of the bundle held against the importer's trust policy. */
export interface ArtifactVerification extends ArtifactOutcome {
  /** full reference at the source */
  readonly name: string
  /** a root: without its verdict nothing is loaded */
  readonly required: boolean
}

/** What hangs together below one root, in the order in which a registry takes it. */
export interface RootClosure {
  readonly root: Root
  readonly nodes: readonly Descriptor[]
  /** Of all roots together: what has the same number can be pushed at the same time, and needs only what has a lower one. */
  readonly waves: ReadonlyMap<Digest, number>
  readonly tags: readonly { readonly tag: string; readonly descriptor: Descriptor }[]
  /** What each manifest among the nodes points at, and what hangs on it. */
  readonly manifests: ReadonlyMap<Digest, ManifestFacts>
}

/** What is kept of a manifest when its bytes are gone. */
export interface ManifestFacts {
  readonly kind: Manifest['kind']
  readonly artifactType?: string
  /** directly below, without what was left out; those of an index with their platforms */
  readonly children: readonly Descriptor[]
  readonly omissions: readonly Omission[]
  readonly lookup: Lookup
}

/** Everything that was looked at, and what came of it. */
export interface Verification {
  readonly bundle: OpenedBundle
  readonly checks: readonly Check[]
  readonly signers: readonly SignerFacts[]
  /** Each signature on the waybill, validation by validation. */
  readonly waybillSignatures: readonly SignatureOutcome[]
  /** Empty where the importer has no trust policy, or an earlier check failed. */
  readonly artifacts: readonly ArtifactVerification[]
  /** What is below each root, to be looked at; empty where it was not found whole. */
  readonly closures: readonly RootClosure[]
  /** what the import policy says; absent where none is asked, or an earlier check failed */
  readonly policy?: PolicyFindings
  /** Present only where every check passed: nothing else can be loaded. */
  readonly verified?: VerifiedBundle
}

/** A bundle that passed every check. Only `import/verify.ts` makes one. */
export type VerifiedBundle = Brand<
  { readonly bundle: OpenedBundle; readonly closures: readonly RootClosure[] },
  'VerifiedBundle'
>
