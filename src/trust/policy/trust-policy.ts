import type { Certificate } from '../certificate/certificate.js'

/** The validations of the Notary Project (trust-store-trust-policy, "Signature Verification Details"). */
export const VALIDATIONS = ['integrity', 'authenticity', 'authenticTimestamp', 'expiry', 'revocation'] as const
export type Validation = (typeof VALIDATIONS)[number]

/** What a failed validation does: ends in refusal, is only recorded, or was never made. */
export type Action = 'enforce' | 'log' | 'skip'

/** Which signers a store answers for: those of `notary.x509`, signing authorities, timestamp authorities. */
export const TRUST_STORE_TYPES = ['ca', 'signingAuthority', 'tsa'] as const
export type TrustStoreType = (typeof TRUST_STORE_TYPES)[number]

export interface TrustStoreName {
  readonly type: TrustStoreType
  readonly name: string
}

export interface VerificationLevel {
  readonly name: 'strict' | 'permissive' | 'audit' | 'skip'
  /** the level with its overrides applied */
  readonly actions: Readonly<Record<Validation, Action>>
}

export interface TrustStatement {
  readonly name: string
  /** `['*']`, or full repository names; empty in a blob document */
  readonly scopes: readonly string[]
  /** a blob document's statement for signatures that name no policy */
  readonly global: boolean
  readonly level: VerificationLevel
  readonly verifyTimestamp: 'always' | 'afterCertExpiry'
  readonly stores: readonly TrustStoreName[]
  /** `*`, or `x509.subject:…`, as written */
  readonly identities: readonly string[]
  /** the member `waybill` of a statement, which notation does not read */
  readonly waybill: {
    /** how long after a bundle was sealed evidence and certificates that ran out since then may still count */
    readonly maxStalenessMs?: number
    /** the scopes also match the name that an artifact gets at the target */
    readonly matchTarget: boolean
    /** signatures of the nv2 prototype count too, by certificates that need not be for signing code */
    readonly acceptNv2: boolean
  }
}

export interface TrustPolicy {
  /** the file, for messages */
  readonly path: string
  readonly kind: 'oci' | 'blob'
  readonly statements: readonly TrustStatement[]
  /** sentences about what is odd and not forbidden: unknown members, sub-directories */
  readonly warnings: readonly string[]
}

/** A trust folder in notation's own form. Stores are read when a statement first names them. */
export interface TrustFolder {
  readonly dir: string
  /** absent if there is no such file */
  readonly oci?: TrustPolicy
  readonly blob?: TrustPolicy
  /** @throws ERR_TRUST_STORE_INVALID */
  store(store: TrustStoreName): Promise<readonly Certificate[]>
}
