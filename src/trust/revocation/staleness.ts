import { formatTimestamp } from '../timestamps.js'
import type { RevocationOptions, RevocationResult } from './revocation.js'
import { holdSince, standingAt } from './standing.js'
import type { Statements } from './statements.js'

/** What is said of one certificate. */
export interface Verdict {
  readonly result: RevocationResult
  readonly detail: string
  /** it is good only because stale evidence may count */
  readonly allowedStale: boolean
}

/**
 * What statements come to now, or, where nothing is in force any more, when a trusted party looked at them: then they are
 * stale, and count as good only as long as the policy says. A seal of the future is none.
 */
export function verdictOf(statements: Statements, times: Omit<RevocationOptions, 'evidence'>): Verdict {
  const { now, sealedAt, signedAt } = times
  const today = standingAt(statements, { at: now, now, signedAt })
  if (today.status !== 'unknown' || sealedAt === undefined || !(sealedAt <= now)) return fresh(today)
  const then = standingAt(statements, { at: sealedAt, now, signedAt })
  if (then.status === 'unknown') return fresh(today)
  if (then.status === 'revoked') return fresh(then)
  const held = holdSince(statements, sealedAt, { at: now, now, signedAt })
  if (held !== undefined) return fresh({ status: 'revoked', detail: held })
  return stale(then.detail, sealedAt, times)
}

function fresh({ status, detail }: { readonly status: RevocationResult; readonly detail: string }): Verdict {
  return { result: status, detail, allowedStale: false }
}

function tooOld(sealedAt: Date, maxStalenessMs: number | undefined): string {
  if (maxStalenessMs === undefined) return ''
  return `; the policy’s maximum staleness let it count to ${formatTimestamp(new Date(sealedAt.getTime() + maxStalenessMs))}`
}

function stale(detail: string, sealedAt: Date, { now, maxStalenessMs }: Omit<RevocationOptions, 'evidence'>): Verdict {
  const was = `${detail}, which was in force when it was sealed at ${formatTimestamp(sealedAt)} and has run out since`
  const allowed = maxStalenessMs !== undefined && now.getTime() - sealedAt.getTime() <= maxStalenessMs
  if (!allowed) return { result: 'stale', detail: `${was}${tooOld(sealedAt, maxStalenessMs)}`, allowedStale: false }
  return { result: 'good', detail: `${was}; the policy’s maximum staleness lets it count`, allowedStale: true }
}
