/** A CRL or an OCSP response as it was obtained. Signed by its issuer; the other members are the carrier's word. */
export interface Evidence {
  readonly kind: 'crl' | 'ocsp'
  readonly der: Uint8Array
  /** where it was fetched from; absent for one that came as a file */
  readonly url?: string
}

/**
 * `good`: proven not revoked. `not-revocable`: the certificate names no source, so nobody revokes it.
 * `stale`: it was good while the evidence was in force, which it no longer is. `unknown`: no usable evidence.
 */
export type RevocationResult = 'good' | 'not-revocable' | 'revoked' | 'stale' | 'unknown'

export interface CertificateRevocation {
  /** the certificate's subject, safe to print */
  readonly subject: string
  readonly thumbprint: string
  readonly result: RevocationResult
  /** one sentence: what was looked at, its window, and what it said */
  readonly detail: string
}

/** The worst result of all certificates but the root decides: revoked, then unknown, then stale. */
export interface RevocationJudgement {
  readonly result: RevocationResult
  readonly certificates: readonly CertificateRevocation[]
  /** the evidence was past its time, and is counted as good only because `maxStalenessMs` allows it */
  readonly allowedStale: boolean
}

export interface RevocationOptions {
  /** everything carried; what belongs to a certificate is found by issuer and signature, never by position */
  readonly evidence: readonly Evidence[]
  /** the moment of verification */
  readonly now: Date
  /** when a trusted party looked at the same evidence: something in force then and run out since is `stale`, not `unknown` */
  readonly sealedAt?: Date
  /** how long past `sealedAt` stale evidence may still count as good, in milliseconds; absent means not at all */
  readonly maxStalenessMs?: number
  /** a proven time of signing, for invalidity dates */
  readonly signedAt?: Date
}
