import { formatTimestamp } from '../timestamps.js'
import { listStanding } from './list-standing.js'
import { isExcused, type Moment, revokedWords, type Standing } from './revoked.js'
import type { OcspStatement, Statements } from './statements.js'

const FRESHEST_CRL = '2.5.29.46'

/**
 * What OCSP responses come to at a moment, revocations for good aside: the newest in force decides. One without nextUpdate
 * says that there is always a newer one (RFC 6960 §4.2.2.1), which nobody can ask for here: it is never in force.
 */
export function ocspStanding({ ocsp }: Statements, moment: Moment): Standing {
  const [newest] = ocsp
    .filter((answer) => isInForce(answer, moment.at))
    .toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime() || severity(b) - severity(a))
  if (newest === undefined) return { status: 'unknown', detail: whyNone(ocsp, moment.at) }
  const fault = responderFault(newest, moment)
  if (fault !== undefined) return { status: 'unknown', detail: `${ocspName(newest)} is not used: ${fault}` }
  const { status, thisUpdate } = newest
  const from = thisUpdate
  if (status === 'unknown') return { status, detail: `not known to the responder, says ${ocspName(newest)}` }
  if (status === 'good') return { status, detail: `not revoked, says ${ocspName(newest)}`, from }
  if (isExcused(status, moment.signedAt)) {
    return {
      status: 'good',
      detail: `${revokedWords(status)}, and signed before that mattered, says ${ocspName(newest)}`,
      from,
    }
  }
  return { status: 'revoked', detail: `${revokedWords(status)}, says ${ocspName(newest)}`, from }
}

function isInForce({ thisUpdate, nextUpdate }: OcspStatement, at: Date): boolean {
  return thisUpdate <= at && nextUpdate !== undefined && at <= nextUpdate
}

function severity({ status }: OcspStatement): number {
  return status === 'good' ? 0 : status === 'unknown' ? 1 : 2
}

/** Why the delegate that signed an answer must not be believed at this moment; undefined where it may be. */
function responderFault({ responder, responderLists }: OcspStatement, moment: Moment): string | undefined {
  const { delegate, noCheck } = responder
  if (delegate === undefined) return undefined
  if (moment.at < delegate.notBefore || moment.at > delegate.notAfter) return 'its responder’s certificate is not valid'
  if (noCheck) return undefined
  // notary: a delegate whose issuer does not waive it is checked, by lists.
  const gone = responderLists.some(({ listed }) => listed.length > 0)
  const standing = listStanding(responderLists, {
    at: moment.at,
    signedAt: undefined,
    namesDelta: delegate.extension(FRESHEST_CRL) !== undefined,
  })
  if (gone || standing.status === 'revoked') return 'its responder’s certificate is in a list of revoked ones'
  return standing.status === 'good' ? undefined : 'no list in force clears its responder’s certificate'
}

/** True if the delegate's certificate was valid when it made the answer: a revocation does not end with it. */
export function wasResponder({ responder: { delegate }, producedAt }: OcspStatement): boolean {
  return delegate === undefined || (producedAt >= delegate.notBefore && producedAt <= delegate.notAfter)
}

function whyNone(answers: readonly OcspStatement[], at: Date): string {
  if (answers.length === 0) return ''
  return `no OCSP response is in force at ${formatTimestamp(at)}: ${answers.slice(0, 3).map(ocspName).join(', ')}`
}

/** An answer in words, with its window. */
export function ocspName({ thisUpdate, nextUpdate }: OcspStatement): string {
  const to = nextUpdate === undefined ? 'without an end' : `to ${formatTimestamp(nextUpdate)}`
  return `an OCSP response (${formatTimestamp(thisUpdate)} ${to})`
}
