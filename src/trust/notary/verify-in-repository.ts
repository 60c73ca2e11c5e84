import { selectStatement } from '../policy/select.js'
import type { TrustPolicy } from '../policy/trust-policy.js'
import type { VerificationContext } from './context.js'
import { type ArtifactOutcome, type ArtifactQuestion, verifyArtifact } from './verify-artifact.js'

/** Where an artifact is, or is going to be: what the scopes of a policy are compared with. */
export interface ArtifactNames {
  /** `HOST/NAME` at its source */
  readonly source: string
  /** `HOST/NAME` at the target, where that is known */
  readonly target?: string
}

/**
 * Finds the statement for an artifact, and holds the artifact against it. Without a statement nobody is trusted
 * (trust-store-trust-policy, "Trust Policy").
 */
export async function verifyInRepository(
  question: Omit<ArtifactQuestion, 'scope'> & { readonly names: ArtifactNames },
  given: Omit<VerificationContext, 'statement'> & { readonly policy: TrustPolicy },
): Promise<ArtifactOutcome> {
  const { target, names } = question
  const { policy, ...context } = given
  const statement = selectStatement(policy, names.source, names.target)
  if (statement === undefined) {
    const detail = `no statement of ${policy.path} is for ${names.source}`
    return { target, scope: names.source, verdict: 'refused', code: 'ERR_TRUST_POLICY_NONE', detail, signatures: [] }
  }
  return await verifyArtifact({ ...question, scope: names.source }, { ...context, statement })
}
