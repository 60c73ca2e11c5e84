import { GLOBAL_SCOPE, isRepositoryScope, WAYBILL_SCOPE } from './scopes.js'
import type { TrustPolicy, TrustStatement } from './trust-policy.js'

/**
 * The statement for an artifact (trust-store-trust-policy, "Selecting a trust policy to verify a signed OCI artifact"):
 * the one with exactly this scope, letter by letter, else the global one. Undefined means that nobody is trusted for it.
 * @param repository `HOST/REPOSITORY`, the artifact's source name, without tag or digest
 * @param target the name that it gets at the target. Asked only where no statement has the source name, and found only
 * by statements that say `waybill.matchTarget`: whoever makes a bundle chooses neither the target nor the statement.
 */
export function selectStatement(policy: TrustPolicy, repository: string, target?: string): TrustStatement | undefined {
  if (policy.kind !== 'oci' || !isRepositoryScope(repository)) return undefined
  // The exporter chooses what a source is called. By this name the statement for its bundles would be that for artifacts.
  if (repository === WAYBILL_SCOPE || target === WAYBILL_SCOPE) return undefined
  const having = (scope: string) => policy.statements.filter(({ scopes }) => scopes.includes(scope))
  const [source] = having(repository)
  const [there] = target === undefined ? [] : having(target).filter(({ waybill }) => waybill.matchTarget)
  const [global] = having(GLOBAL_SCOPE)
  return source ?? there ?? global
}

/**
 * The statement for the signatures of bundles: the one that lists `WAYBILL_SCOPE` itself. Never the global one: who may
 * sign artifacts may not thereby say what a bundle holds.
 */
export function selectWaybillStatement(policy: TrustPolicy): TrustStatement | undefined {
  return policy.kind === 'oci' ? policy.statements.find(({ scopes }) => scopes.includes(WAYBILL_SCOPE)) : undefined
}

/**
 * The statement for a blob: the one of this name, and where no name is given the global one
 * (trust-store-trust-policy, "Selecting a trust policy to verify a signed blob").
 */
export function selectBlobStatement(policy: TrustPolicy, name?: string): TrustStatement | undefined {
  if (policy.kind !== 'blob') return undefined
  return policy.statements.find((statement) => (name === undefined ? statement.global : statement.name === name))
}
