import type { OpenedBundle } from '../bundle/reader.js'
import type { RevocationQuestion } from '../trust/notary/context.js'
import { revocationJudge } from '../trust/revocation/judge.js'
import { carriedEvidence } from './carried-evidence.js'
import { type ArtifactFindings, checkArtifacts, signatureRoots } from './checks/artifacts.js'
import { checkSignatures, type SignatureFindings } from './checks/signature.js'
import { judgeBundle } from './policy/bundle-rules.js'
import type { BundleFinding, RootFinding } from './policy/findings.js'
import { judgeRoots } from './policy/roots.js'
import type { RootClosure } from './verification.js'
import type { VerifyOptions } from './verify-options.js'

export interface TrustFindings extends SignatureFindings {
  /** The bundle by the import policy, where one is given: to be asked when the signatures of the waybill are found good. */
  readonly judgeBundle: () => Promise<BundleFinding | undefined>
  /** To be asked only of a bundle of which everything else is known: its answers stand on the signature of the waybill. */
  readonly judgeArtifacts: (closures: readonly RootClosure[]) => Promise<JudgedArtifacts>
}

export interface JudgedArtifacts extends ArtifactFindings {
  /** by the import policy, where one is given */
  readonly roots?: readonly RootFinding[]
}

/**
 * Judges who signed the waybill, and, when the rest of the bundle's metadata has been found sound, who signed what is in
 * it. Both look at the same revocation evidence; what it is worth is in the signatures of those who issued it.
 */
export async function judgeTrust(bundle: OpenedBundle, given: VerifyOptions): Promise<TrustFindings> {
  const { now, signal } = given
  const trust = await given.trust
  const judge = revocationJudge([...(given.evidence ?? []), ...(await carriedEvidence(bundle, given))])
  const context = {
    now,
    signal,
    store: trust.store,
    judgeRevocation: (chain: Parameters<typeof judge>[0], question: RevocationQuestion) => judge(chain, question),
    ...(trust.findPlugin === undefined ? {} : { findPlugin: trust.findPlugin }),
  }
  // The exporter's own word about the time is not used for its own certificates (ADR 23).
  const exporters = { ...context, store: trust.exporterStore ?? trust.store }
  const signatures = await checkSignatures(bundle, { ...exporters, statement: trust.waybill })
  const createdAt = new Date(bundle.document.createdAt)
  const artifacts = { ...context, ...(createdAt <= now ? { sealedAt: createdAt } : {}) }
  const { policy } = given
  return {
    ...signatures,
    judgeBundle: async () =>
      policy === undefined ? undefined : await judgeBundle(bundle, { policy, trust, context: exporters }),
    judgeArtifacts: async (closures) => {
      const targetOf = given.targetOf === undefined ? {} : { targetOf: given.targetOf }
      const found = await checkArtifacts(bundle, { signal, policy: trust.artifacts, context: artifacts, ...targetOf })
      if (policy === undefined) return found
      const besides = signatureRoots(bundle)
      const asked = { policy, trust, context: artifacts, closures, artifacts: found.artifacts, besides }
      // What the policy says of a root has the trust policy's word in it.
      return { artifacts: found.artifacts, checks: [], roots: await judgeRoots(bundle, asked) }
    },
  }
}
