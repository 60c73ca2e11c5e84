import type { Certificate } from '../trust/certificate/certificate.js'
import type { FindPlugin } from '../trust/plugin.js'
import type { TrustPolicy, TrustStatement, TrustStoreName } from '../trust/policy/trust-policy.js'

/** Whom the importer trusts, and for what: its own folders' word, never the bundle's. */
export interface ImporterTrust {
  /** governs the signature on the waybill */
  readonly waybill: TrustStatement
  /** governs the signatures on artifacts; absent where the importer has no trust policy */
  readonly artifacts?: TrustPolicy
  /** @throws ERR_TRUST_STORE_INVALID */
  readonly store: (store: TrustStoreName) => Promise<readonly Certificate[]>
  /** where the stores of `waybill` lie, if not with those of the artifacts */
  readonly exporterStore?: (store: TrustStoreName) => Promise<readonly Certificate[]>
  readonly findPlugin?: FindPlugin
}

/**
 * The statement for the waybill's signature where the trust policy has none of its own: strict, by the roots in the
 * importer's stores of exporters (ADR 13). The statements for artifacts never stand in for it.
 * @param stores names of stores of type `ca`
 */
export function exporterStatement(stores: readonly string[]): TrustStatement {
  return {
    name: 'exporters',
    scopes: [],
    global: false,
    level: {
      name: 'strict',
      actions: {
        integrity: 'enforce',
        authenticity: 'enforce',
        authenticTimestamp: 'enforce',
        expiry: 'enforce',
        revocation: 'enforce',
      },
    },
    verifyTimestamp: 'always',
    stores: stores.map((name) => ({ type: 'ca', name })),
    identities: ['*'],
    waybill: { matchTarget: false, acceptNv2: false },
  }
}
