import { listName, listStanding } from './list-standing.js'
import { ocspName, ocspStanding, wasResponder } from './ocsp-standing.js'
import { CERTIFICATE_HOLD, isExcused, isFinal, type Moment, revokedWords, type Standing } from './revoked.js'
import type { Statements } from './statements.js'

/**
 * What the statements come to. A revocation for good counts however old the list is (trust-store-trust-policy, "CRLs": an
 * expired list that lists the certificate); then OCSP is asked before lists; nothing in force is unknown.
 */
export function standingAt(statements: Statements, moment: Moment): Standing {
  const final = finalRevocation(statements, moment)
  if (final !== undefined) return { status: 'revoked', detail: final }
  const responses = ocspStanding(statements, moment)
  const lists = listStanding(statements.crls, { ...moment, namesDelta: statements.namesDelta })
  // A certificate on hold may have been released since; only what was said later can say so.
  const held = lists.status === 'revoked' && (lists.from ?? moment.at) >= (responses.from ?? moment.at)
  if (responses.status !== 'unknown' && !held) return responses
  if (lists.status !== 'unknown') return lists
  const reasons = [responses.detail, lists.detail, ...statements.refused].filter((reason) => reason !== '')
  return {
    status: 'unknown',
    detail: reasons.length === 0 ? 'no evidence of its issuer is here' : reasons.slice(0, MOST_REASONS).join('; '),
  }
}

const MOST_REASONS = 4

/**
 * Why a certificate that was good at an earlier moment must not be taken for good later: it has been put on hold in
 * between, and nothing that is in force any more says whether it was released.
 */
export function holdSince(statements: Statements, earlier: Date, { now, signedAt }: Moment): string | undefined {
  const between = (thisUpdate: Date): boolean => thisUpdate > earlier && thisUpdate <= now
  for (const { crl, listed } of statements.crls) {
    const entry = listed.find((one) => one.reason === CERTIFICATE_HOLD && !isExcused(one, signedAt))
    if (entry !== undefined && between(crl.thisUpdate)) return `${revokedWords(entry)}, says ${listName(crl)}`
  }
  for (const answer of statements.ocsp) {
    const { status, thisUpdate } = answer
    const held = typeof status !== 'string' && status.reason === CERTIFICATE_HOLD && !isExcused(status, signedAt)
    if (held && between(thisUpdate)) return `${revokedWords(status)}, says ${ocspName(answer)}`
  }
  return undefined
}

function finalRevocation(statements: Statements, { now, signedAt }: Moment): string | undefined {
  for (const { crl, listed } of statements.crls) {
    const entry = listed.find((one) => isFinal(one) && !isExcused(one, signedAt))
    if (entry !== undefined && crl.thisUpdate <= now) return `${revokedWords(entry)}, says ${listName(crl)}`
  }
  for (const answer of statements.ocsp) {
    const { status, thisUpdate } = answer
    if (typeof status === 'string' || !isFinal(status) || isExcused(status, signedAt)) continue
    if (thisUpdate <= now && wasResponder(answer)) return `${revokedWords(status)}, says ${ocspName(answer)}`
  }
  return undefined
}
