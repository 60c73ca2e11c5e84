import { hasCode } from '../../src/errors.js'

export const ACME = 'x509.subject: C=US, ST=WA, O=acme'

/** A statement that trusts anybody of one store, for everything; a member that is undefined is left out. */
export function aStatement(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: 'acme',
    registryScopes: ['*'],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
    ...changes,
  }
}

/** The document of a trust policy. */
export function policyBytes(statements: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ version: '1.0', trustPolicies: statements }, null, 2))
}

export function isTrustPolicyError(cause: unknown): boolean {
  return hasCode(cause, 'ERR_TRUST_POLICY_INVALID')
}
