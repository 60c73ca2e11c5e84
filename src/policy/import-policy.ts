import type { Digest } from '../oci/digest.js'
import type { TrustStatement } from '../trust/policy/trust-policy.js'

/** An importer's own rules, read from one YAML document. What no rule allows is refused. */
export interface ImportPolicy {
  /** the file, for messages */
  readonly path: string
  /** of the file's bytes: receipts name it */
  readonly digest: Digest
  readonly signers: ReadonlyMap<string, PolicySigner>
  readonly bundles: BundleRules
  /** The first one that has the bundle's stream counts. */
  readonly streams: readonly StreamRule[]
  /** who may sign bundles that belong to no stream; undefined: nobody, they are refused */
  readonly unstreamed: UnstreamedRule | undefined
  /** The first one that has the root's source counts. */
  readonly artifacts: readonly ArtifactRule[]
  readonly names: NameRules
  /** roots that are refused do not keep the others from being loaded */
  readonly partial: boolean
  readonly opa: OpaRule | undefined
}

/**
 * Somebody who may be asked for as a signer: whom a statement in the terms of the Notary Project trusts. The statement is
 * written out in the policy, or one of the importer's trust policy, by its name.
 */
export type PolicySigner = {
  readonly name: string
  /** kinds of signatures that count; all that the statement accepts where it is empty, which it never is for a written one */
  readonly kinds: readonly ('jws' | 'cose' | 'nv2')[]
} & (
  | { readonly by: 'statement'; readonly statement: TrustStatement }
  | { readonly by: 'trust-policy'; readonly statementName: string }
)

export interface BundleRules {
  /** since it was made */
  readonly maxAgeMs: number | undefined
  readonly requireExpiry: boolean
}

export interface StreamRule {
  /** `acme/nightly`, or `acme/*` for all below, or `*` for every stream */
  readonly stream: string
  /** names of signers, of which one must have signed the waybill */
  readonly signedBy: readonly string[]
  /** as `--require-chain` */
  readonly requireChain: boolean
}

export type UnstreamedRule = Pick<StreamRule, 'signedBy'>

/** So many different ones of these signers, each by a certificate of its own. */
export interface SignatureRequirement {
  readonly atLeast: number
  /** names of signers */
  readonly of: readonly string[]
}

/** What has to hang on a root: an SBOM, an attestation. */
export interface DocumentRequirement {
  /** artifact types, of which one is meant */
  readonly types: readonly string[]
  readonly atLeast: number
  /** on the root itself, or on each image below an index */
  readonly on: 'root' | 'platforms'
  /** each counted document has to have all of these; where it is empty its presence is enough */
  readonly signatures: readonly SignatureRequirement[]
}

export interface ArtifactRule {
  /** for messages: as it is written, or `artifacts[0] (line 12)` */
  readonly name: string
  /** `HOST/NAME`, or `HOST/PATH/*` for all below, or `*` for everything */
  readonly sources: readonly string[]
  /** All of these have to hold; where it is empty the trust policy's word is enough, and there has to be one. */
  readonly signatures: readonly SignatureRequirement[]
  readonly documents: readonly DocumentRequirement[]
  /** what happens to a root without any signature; one that has some is judged by them */
  readonly unsigned: 'refuse' | 'admit'
  /** tags that never move at the target once they are there; `v*` stands for all that begin so */
  readonly immutableTags: readonly string[]
}

export interface NameRules {
  /** `HOST[:PORT]` that may be imported to; all where it is empty */
  readonly registries: readonly string[]
  /** whole names of repositories at the target, with the prefix of `--to`: `NAME` or `PATH/*`; all where it is empty */
  readonly allowed: readonly string[]
  /** The first one that has the root's source counts; where none has, its path at the source is kept. */
  readonly rename: readonly RenameRule[]
}

export interface RenameRule {
  /** `HOST/NAME`, `HOST/NAME:TAG`, or `HOST/PATH/*` */
  readonly from: string
  /**
   * The whole name at the target without the registry, `NAME`, `NAME:TAG`, `PATH/*` or `*`, in the same form as `from`.
   * It has to lie below the prefix of `--to`, where there is one.
   */
  readonly to: string
}

/** Who has the last word. */
export type OpaRule =
  | { readonly by: 'wasm'; readonly path: string; readonly entrypoint: string }
  /** `tokenFile`: a bearer token for the server */
  | { readonly by: 'server'; readonly url: string; readonly path: string; readonly tokenFile?: string }
