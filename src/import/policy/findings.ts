import type { Root } from '../../bundle/document.js'
import type { ErrorCode } from '../../errors.js'
import type { Digest } from '../../oci/digest.js'
import type { SignatureOutcome } from '../../trust/outcome.js'

/** What an import policy makes of a bundle; all of it in the words of the policy, for people, programs and receipts. */
export interface PolicyFindings {
  /** the file */
  readonly path: string
  readonly digest: Digest
  readonly partial: boolean
  /** the bundle itself: who may sign it, how old it may be */
  readonly bundle: BundleFinding
  /** One for each root; none where the bundle itself is refused. */
  readonly roots: readonly RootFinding[]
}

export interface BundleFinding {
  readonly admitted: boolean
  /** one sentence for the operator */
  readonly detail: string
  /** where it is refused */
  readonly code?: ErrorCode
  /** the `stream` of the rule that governs it, or `unstreamed`; absent where there is none */
  readonly rule?: string
  /** the signers of that rule who signed it, one at least where it is admitted */
  readonly signers: readonly CountedSigner[]
}

/** A signer of the policy, and the signature and certificate by which it counts. */
export interface CountedSigner {
  readonly signer: string
  /** where the signature was found: a digest */
  readonly signature: string
  /** of the certificate */
  readonly subject: string
  /** SHA-256 of the certificate, lower-case hexadecimal */
  readonly thumbprint: string
}

export interface RootFinding {
  readonly root: Root
  readonly admitted: boolean
  readonly detail: string
  readonly code?: ErrorCode
  readonly rule?: RuleName
  readonly signatures: readonly RequirementFinding[]
  readonly documents: readonly DocumentFinding[]
  /** the trust policy lets it pass, and records a failure or asks for nothing */
  readonly recorded: boolean
  /** It is a signature of what is in these roots, and comes in with any of them. */
  readonly follows?: readonly Root[]
}

export interface RuleName {
  readonly name: string
  /** among `artifacts`, from 1 */
  readonly number: number
}

/** So many of these signers. */
export interface RequirementFinding {
  readonly atLeast: number
  readonly of: readonly string[]
  readonly met: boolean
  readonly counted: readonly CountedSigner[]
  readonly detail: string
  /** each signature that was looked at; the same for all requirements of one thing */
  readonly judged: readonly JudgedSignature[]
}

/** One signature, and what each signer makes of it. */
export interface JudgedSignature {
  readonly signature: string
  readonly outcomes: readonly {
    readonly signer: string
    readonly outcome: SignatureOutcome
    readonly counts: boolean
  }[]
}

/** So many documents of these types, on one subject. */
export interface DocumentFinding {
  readonly types: readonly string[]
  readonly atLeast: number
  /** the root, or an image below it */
  readonly subject: Digest
  readonly platform?: string
  readonly met: boolean
  readonly detail: string
  readonly found: readonly FoundDocument[]
}

/** A document of one of the types that hangs there, whether or not it counts. */
export interface FoundDocument {
  readonly digest: Digest
  readonly type: string
  readonly counts: boolean
  readonly signatures: readonly RequirementFinding[]
}
