import type { BundleDocument, MissingEvidence, RecordedEvidence, RecordedOmission } from '../../bundle/document.js'
import type { Digest } from '../../oci/digest.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import type {
  BundleFinding,
  DocumentFinding,
  FoundDocument,
  PolicyFindings,
  RequirementFinding,
  RootFinding,
} from '../policy/findings.js'
import type { ArtifactVerification, Check, SignerFacts } from '../verification.js'

/**
 * What a policy in Rego gets to decide on. Versioned by `schema`, described by docs/schema/waybill.policy-input.v1.json:
 * members are added, never renamed, and none changes its meaning.
 */
export interface PolicyInput {
  readonly schema: 'waybill.policy-input.v1'
  /** the importer's clock, RFC 3339, UTC, whole seconds, as all times here */
  readonly verifiedAt: string
  /** where the bundle is to go; absent where nobody has said so */
  readonly target?: { readonly registry: string; readonly prefix?: string }
  readonly bundle: InputBundle
  readonly checks: readonly Check[]
  readonly signers: readonly SignerFacts[]
  /** each signature on the waybill, with its chain and validations */
  readonly waybillSignatures: readonly SignatureOutcome[]
  readonly artifacts: readonly InputArtifact[]
  readonly lookups: readonly InputLookup[]
  readonly omissions: readonly RecordedOmission[]
  readonly evidence: readonly InputEvidence[]
  readonly evidenceMissing: readonly MissingEvidence[]
  /** what the import policy says of the bundle; absent where none is asked, or an earlier check failed */
  readonly policy?: Pick<PolicyFindings, 'digest' | 'partial'> & { readonly bundle: BundleFinding }
  /** what the importer's own rules make of each root */
  readonly roots: readonly InputRoot[]
}

export type InputBundle = Pick<
  BundleDocument,
  'kind' | 'base' | 'createdAt' | 'expiresAt' | 'stream' | 'sequence' | 'previous' | 'generator' | 'totals'
> & {
  readonly waybill: Digest
  /** bytes of the file */
  readonly size: number
  /** from `createdAt` to `verifiedAt`, whole seconds; below zero where the exporter's clock is ahead */
  readonly ageSeconds: number
}

/** An artifact of the bundle as the trust policy judges it, with every signature that it has. */
export type InputArtifact = Pick<
  ArtifactVerification,
  'name' | 'required' | 'scope' | 'statement' | 'level' | 'verdict' | 'detail' | 'code' | 'signatures'
> & { readonly digest: Digest; readonly mediaType: string; readonly size: number }

/** What came of asking, at the source, what hangs on one manifest. */
export interface InputLookup {
  readonly repository: string
  readonly subject: Digest
  readonly referrers: 'found' | 'none' | 'could-not-ask'
  readonly tags: 'found' | 'none' | 'could-not-ask'
  readonly found: readonly InputReferrer[]
  /** why it could not be asked */
  readonly reason?: string
}

/** Something that hangs on a manifest: a signature, an SBOM, an attestation. */
export interface InputReferrer {
  readonly digest: Digest
  /** where it was found by a tag */
  readonly tag?: string
  /** absent where the bundle is not verified */
  readonly mediaType?: string
  readonly artifactType?: string
}

export type InputEvidence = Omit<RecordedEvidence, 'descriptor'> & { readonly digest: Digest; readonly size: number }

export interface InputRoot {
  /** `HOST/NAME:TAG`, or `HOST/NAME@DIGEST` */
  readonly name: string
  /** `HOST/NAME` */
  readonly repository: string
  readonly tag?: string
  readonly digest: Digest
  readonly mediaType: string
  /** the platforms that were kept; absent where all were */
  readonly platforms?: readonly string[]
  readonly ruling: 'admit' | 'refuse'
  /** `HOST/NAME` at the target; absent where it is refused */
  readonly target?: string
  /** its tag there; absent where it gets none */
  readonly targetTag?: string
  /** why it is refused */
  readonly because: readonly Check[]
  /** the rule of the import policy that governs it, and what counted; absent where no policy is asked */
  readonly policy?: InputRule
}

export type InputRule = Pick<RootFinding, 'admitted' | 'detail' | 'code' | 'rule' | 'recorded'> & {
  readonly signatures: readonly InputRequirement[]
  readonly documents: readonly (Omit<DocumentFinding, 'found'> & {
    readonly found: readonly (Omit<FoundDocument, 'signatures'> & {
      readonly signatures: readonly InputRequirement[]
    })[]
  })[]
  /** names of the roots of which it is a signature, and with any of which it comes in */
  readonly follows?: readonly string[]
}

/** Without what each signer makes of each signature: a policy in Rego decides on what counted. */
export type InputRequirement = Omit<RequirementFinding, 'judged'>
