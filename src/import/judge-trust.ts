import type { OpenedBundle } from '../bundle/reader.js'
import type { RevocationQuestion } from '../trust/notary/context.js'
import { revocationJudge } from '../trust/revocation/judge.js'
import { carriedEvidence } from './carried-evidence.js'
import { type ArtifactFindings, checkArtifacts } from './checks/artifacts.js'
import { checkSignatures, type SignatureFindings } from './checks/signature.js'
import type { VerifyOptions } from './verify.js'

export interface TrustFindings extends SignatureFindings {
  /** To be asked only of a bundle of which everything else is known: its answers stand on the signature of the waybill. */
  readonly judgeArtifacts: () => Promise<ArtifactFindings>
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
  const signatures = await checkSignatures(bundle, {
    ...context,
    store: trust.exporterStore ?? trust.store,
    statement: trust.waybill,
  })
  const createdAt = new Date(bundle.document.createdAt)
  const sealedAt = createdAt <= now ? { sealedAt: createdAt } : {}
  return {
    ...signatures,
    judgeArtifacts: () =>
      checkArtifacts(bundle, {
        signal,
        policy: trust.artifacts,
        context: { ...context, ...sealedAt },
        ...(given.targetOf === undefined ? {} : { targetOf: given.targetOf }),
      }),
  }
}
