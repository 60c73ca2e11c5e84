import type { Descriptor } from '../../oci/descriptor.js'
import { selectStatement } from '../policy/select.js'
import type { TrustPolicy } from '../policy/trust-policy.js'
import type { VerificationContext } from './context.js'
import { type ArtifactOutcome, type CarriedSignature, verifyArtifact } from './verify-artifact.js'

/** Where an artifact is, or is going to be: what the scopes of a policy are compared with. */
export interface ArtifactNames {
  /** `HOST/NAME` at its source */
  readonly source: string
  /** `HOST/NAME` at the target, where that is known */
  readonly target?: string
}

export interface RepositoryQuestion {
  readonly target: Descriptor
  readonly names: ArtifactNames
  /** Asked only where the statement wants a signature: nobody has to know of any where it does not. */
  readonly signatures: () => Promise<readonly CarriedSignature[]>
}

/**
 * Finds the statement for an artifact, and holds the artifact against it. Without a statement nobody is trusted
 * (trust-store-trust-policy, "Trust Policy").
 * @throws what `signatures` throws
 */
export async function verifyInRepository(
  { target, names, signatures }: RepositoryQuestion,
  given: Omit<VerificationContext, 'statement'> & { readonly policy: TrustPolicy },
): Promise<ArtifactOutcome> {
  const { policy, ...context } = given
  const scope = names.source
  const statement = selectStatement(policy, scope, names.target)
  if (statement === undefined) {
    const detail = `no statement of ${policy.path} is for ${scope}`
    return { target, scope, verdict: 'refused', code: 'ERR_TRUST_POLICY_NONE', detail, signatures: [] }
  }
  const found = statement.level.name === 'skip' ? [] : await signatures()
  return await verifyArtifact({ target, scope, signatures: found }, { ...context, statement })
}
