import { hasCode, TransferError } from '../../errors.js'
import type { Certificate } from '../certificate/certificate.js'
import { checkValidity } from '../certificate/chain.js'
import type { OpenedEnvelope } from '../envelope/envelope.js'
import { timestampCovers } from '../timestamp/covers.js'
import type { VerifiedTimestamp } from '../timestamp/timestamp.js'
import { verifyTimestampToken } from '../timestamp/verify-token.js'
import { revocationQuestion, staleAllowed, type VerificationContext } from './context.js'
import { fail, type Judged, pass } from './judged.js'
import { revocationLines } from './revocation.js'

export interface TimestampFinding {
  readonly judged: Judged
  /** only of a token that was asked for and holds */
  readonly timestamp?: VerifiedTimestamp
  /** a time of signing that somebody else than the signer vouches for */
  readonly signedAt?: Date
}

/**
 * Whether the signature was made while its certificates were in force (trust-store-trust-policy, "Authentic Timestamp"):
 * by a signing authority's own time, by a timestamp token where the statement wants one, else by the present moment.
 */
export async function judgeAuthenticTimestamp(
  opened: OpenedEnvelope,
  context: VerificationContext,
): Promise<TimestampFinding> {
  const { attributes, chain } = opened
  if (attributes.scheme === 'notary.x509.signingAuthority') return judgeAuthorityTime(opened, context.now)
  const tsa = context.statement.stores.filter(({ type }) => type === 'tsa')
  const expired = chain.some(({ notAfter }) => context.now > notAfter)
  const wanted = tsa.length > 0 && (context.statement.verifyTimestamp === 'always' || expired)
  return wanted ? await judgeToken(opened, context) : { judged: judgeNow(chain, context, tsa.length > 0) }
}

/** signing-scheme: the authority's time is under the signature; a token beside it means nothing. */
function judgeAuthorityTime({ attributes, chain }: OpenedEnvelope, now: Date): TimestampFinding {
  const at = attributes.signingTime
  // As of a token from the future: certificates that are not in force yet must not be, by a time that has not come.
  if (at > now) {
    const why = `the authentic signing time ${at.toISOString()} is yet to come at ${now.toISOString()}`
    return { judged: fail('ERR_TIMESTAMP_INVALID', why) }
  }
  const findings = checkValidity(chain, at)
  if (findings.length > 0) {
    return {
      judged: fail(
        'ERR_TIMESTAMP_INVALID',
        `at the authentic signing time ${at.toISOString()}: ${findings.join('; ')}`,
      ),
    }
  }
  const detail = `signed at ${at.toISOString()} by the signing authority’s clock, while every certificate was valid`
  return { judged: pass(detail), signedAt: at }
}

function judgeNow(chain: readonly Certificate[], context: VerificationContext, tokenNotNeeded: boolean): Judged {
  const { now, sealedAt } = context
  const findings = checkValidity(chain, now)
  if (findings.length === 0) {
    const why = tokenNotNeeded ? ', so no timestamp is needed' : ''
    return pass(`every certificate of the signer is valid now${why}`)
  }
  // What is yet to begin no earlier time can help.
  const early = chain.some(({ notBefore }) => now < notBefore)
  const reason =
    tokenNotNeeded || early
      ? ''
      : ', and the policy names no timestamp authority (tsa) that could prove an earlier time'
  const ranOut = sealedAt !== undefined && sealedAt <= now && checkValidity(chain, sealedAt).length === 0
  if (!ranOut) return fail('ERR_BUNDLE_STALE', `${findings.join('; ')}${reason}`)
  const allowed = staleAllowed(context)
  const since = `valid when the bundle was sealed at ${sealedAt.toISOString()}, and not any more`
  return {
    result: 'stale',
    code: 'ERR_BUNDLE_STALE',
    detail: `${since}: ${findings.join('; ')}${allowed ? '; the policy’s maxStaleness allows it' : reason}`,
    staleAllowed: allowed,
  }
}

async function judgeToken(opened: OpenedEnvelope, context: VerificationContext): Promise<TimestampFinding> {
  if (opened.timestampToken === undefined) {
    const { name, stores, verifyTimestamp } = context.statement
    const authorities = stores.flatMap((store) => (store.type === 'tsa' ? [`tsa:${store.name}`] : [])).join(', ')
    const why = `the statement ${name} wants a timestamp (${authorities}, verifyTimestamp ${verifyTimestamp}), and the signature has none`
    return { judged: fail('ERR_TIMESTAMP_INVALID', why) }
  }
  try {
    const anchors = await tsaAnchors(context)
    const timestamp = await verifyTimestampToken(opened.timestampToken, { signed: opened.signature, anchors })
    return await judgeTimestamp(opened, timestamp, context)
  } catch (cause) {
    if (!hasCode(cause, 'ERR_TIMESTAMP_INVALID') && !hasCode(cause, 'ERR_TRUST_STORE_INVALID')) throw cause
    return { judged: fail(cause.code, cause.message) }
  }
}

async function tsaAnchors({ statement, store }: VerificationContext): Promise<readonly Certificate[]> {
  const anchors: Certificate[] = []
  for (const name of statement.stores) if (name.type === 'tsa') anchors.push(...(await store(name)))
  return anchors
}

async function judgeTimestamp(
  { chain }: OpenedEnvelope,
  timestamp: VerifiedTimestamp,
  context: VerificationContext,
): Promise<TimestampFinding> {
  const authority = timestamp.chain[0]?.subject ?? ''
  const interval = `${timestamp.earliest.toISOString()} to ${timestamp.latest.toISOString()}`
  // A token from the future is a clock that somebody has turned: theirs, or ours.
  if (timestamp.earliest > context.now) {
    throw new TransferError(
      'ERR_TIMESTAMP_INVALID',
      `${authority} says ${interval}, which is yet to come at ${context.now.toISOString()}`,
    )
  }
  const findings = timestampCovers(timestamp, chain)
  if (findings.length > 0) return { judged: fail('ERR_TIMESTAMP_INVALID', findings.join('; ')) }
  // The authority's chain is judged here: whatever the policy does with the signer's, a revoked clock proves nothing.
  const revocation = await context.judgeRevocation(timestamp.chain, revocationQuestion(context, undefined))
  const looked = [
    `timestamp ${interval} by ${authority}`,
    ...timestamp.chain.map(windowOf),
    ...revocationLines(revocation),
  ]
  const detail = `signed before ${timestamp.latest.toISOString()} by the clock of ${authority}`
  switch (revocation.result) {
    case 'revoked':
      return { judged: fail('ERR_CERTIFICATE_REVOKED', `${detail}, which is revoked`, looked) }
    case 'unknown':
      return {
        judged: fail('ERR_REVOCATION_UNKNOWN', `${detail}, of which nothing says that it is not revoked`, looked),
      }
    case 'stale':
      return {
        judged: {
          result: 'stale',
          code: 'ERR_REVOCATION_STALE',
          detail: `${detail}, whose revocation evidence is stale`,
          looked,
        },
      }
    default:
      return { judged: withStale(pass(detail, looked), revocation.allowedStale), timestamp, signedAt: timestamp.latest }
  }
}

function withStale(judged: Judged, allowedStale: boolean): Judged {
  if (!allowedStale) return judged
  return {
    ...judged,
    result: 'stale',
    code: 'ERR_REVOCATION_STALE',
    detail: `${judged.detail}; the authority’s revocation evidence is stale, which the policy’s maxStaleness allows`,
    staleAllowed: true,
  }
}

function windowOf({ subject, notBefore, notAfter }: Certificate): string {
  return `${subject}: valid ${notBefore.toISOString()} to ${notAfter.toISOString()}`
}
