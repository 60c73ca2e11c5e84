import { formatTimestamp } from '../timestamps.js'

/** What a list or a response says of one revoked certificate. */
export interface Revoked {
  readonly since: Date
  /** a CRLReason, 0 where none is given */
  readonly reason: number
  /** from when on the key is, or is suspected to be, of somebody else; undefined where none is given or it cannot be read */
  readonly invalidFrom: Date | undefined
}

/** The two reasons that are not for good (RFC 5280 §5.3.1). */
export const CERTIFICATE_HOLD = 6
export const REMOVE_FROM_CRL = 8

/** The times that an answer depends on. */
export interface Moment {
  /** when evidence must be in force */
  readonly at: Date
  /** the moment of verification: what was said later is not known yet */
  readonly now: Date
  /** a proven time of signing */
  readonly signedAt: Date | undefined
}

/** What evidence comes to at one moment. */
export interface Standing {
  readonly status: 'good' | 'revoked' | 'unknown'
  /** one sentence */
  readonly detail: string
  /** when what decided it was said */
  readonly from?: Date
}

/** True for a revocation that nothing takes back. */
export function isFinal({ reason }: Revoked): boolean {
  return reason !== CERTIFICATE_HOLD && reason !== REMOVE_FROM_CRL
}

/**
 * True if what was signed is proven to be older than the day from which the key is not its owner's any more. Without a
 * proof, or at that very moment, it is not (docs/adr/0019-revocation-from-carried-evidence.md).
 */
export function isExcused({ invalidFrom }: Revoked, signedAt: Date | undefined): boolean {
  return invalidFrom !== undefined && signedAt !== undefined && signedAt < invalidFrom
}

const REASONS: readonly string[] = [
  ...['no reason given', 'key compromise', 'CA compromise', 'affiliation changed', 'superseded'],
  ...['cessation of operation', 'on hold', '', 'removed', 'privilege withdrawn', 'AA compromise'],
]

/** A revocation in words. */
export function revokedWords({ since, reason, invalidFrom }: Revoked): string {
  const from = invalidFrom === undefined ? '' : `, invalid from ${formatTimestamp(invalidFrom)}`
  return `revoked since ${formatTimestamp(since)} (${REASONS[reason] ?? 'another reason'}${from})`
}
