import { hasCode, TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Certificate } from '../trust/certificate/certificate.js'
import type { SignatureAlgorithm } from '../trust/key/algorithms.js'
import { buildTimestampRequest, readTimestampResponse } from '../trust/timestamp/request.js'
import { verifyTimestampToken } from '../trust/timestamp/verify-token.js'
import type { Exchange } from '../web/exchange.js'

/** A timestamp authority, and all that is needed to ask it and to judge its answer. */
export interface TimestampAuthority {
  readonly url: string
  /** roots of the authority: what it answers must lead to one of them */
  readonly anchors: readonly Certificate[]
  readonly exchange: Exchange
  /** random bytes that no other question has had */
  readonly nonce: () => Uint8Array
}

const TIMEOUT_MS = 30_000
const HASHES = {
  PS256: 'sha256',
  ES256: 'sha256',
  PS384: 'sha384',
  ES384: 'sha384',
  PS512: 'sha512',
  ES512: 'sha512',
} as const satisfies Record<SignatureAlgorithm, string>

/**
 * Has a signature timestamped (RFC 3161 section 3.4, over HTTP), with the hash that it was made with. The token is what
 * the authority answered; whoever calls verifies it.
 * @throws ERR_TIMESTAMP_AUTHORITY, ERR_CONFIG_INVALID for a proxy that is none
 */
export async function requestToken(
  signature: Uint8Array,
  authority: TimestampAuthority,
  given: { readonly algorithm: SignatureAlgorithm; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const { url, exchange } = authority
  const hash = HASHES[given.algorithm]
  const nonce = authority.nonce()
  const answer = await exchange({
    url,
    method: 'POST',
    body: buildTimestampRequest(signature, { hash, nonce }),
    contentType: 'application/timestamp-query',
    accept: 'application/timestamp-reply',
    maxBytes: LIMITS.timestampTokenBytes,
    timeoutMs: TIMEOUT_MS,
    signal: given.signal,
  }).catch((cause: unknown): never => {
    if (hasCode(cause, 'ERR_SOURCE_UNREACHABLE') || hasCode(cause, 'ERR_LIMIT_EXCEEDED')) {
      throw fault(url, cause.message, cause)
    }
    throw cause
  })
  if (answer.status !== 200) throw fault(url, `it answers with the status ${answer.status}`)
  try {
    return readTimestampResponse(answer.body, { signed: signature, hash, nonce })
  } catch (cause) {
    if (hasCode(cause, 'ERR_TIMESTAMP_AUTHORITY')) throw fault(url, cause.message, cause)
    throw cause
  }
}

/**
 * The authority's chain, leaf first, learnt from a token over bytes that mean nothing: revocation evidence for it must be
 * had before there is anything to sign.
 * @throws ERR_TIMESTAMP_AUTHORITY, ERR_TIMESTAMP_INVALID, ERR_CONFIG_INVALID for a proxy that is none
 */
export async function learnAuthority(
  authority: TimestampAuthority,
  given: { readonly signal: AbortSignal },
): Promise<readonly Certificate[]> {
  const signed = authority.nonce()
  const token = await requestToken(signed, authority, { ...given, algorithm: 'ES256' })
  return (await verifyTimestampToken(token, { signed, anchors: authority.anchors })).chain
}

function fault(url: string, why: string, cause?: unknown): TransferError {
  // What comes from the exchange has begun with the address.
  const reason = why.startsWith(`${url}: `) ? why.slice(url.length + 2) : why
  const message = `cannot have the signature timestamped by ${url}: ${reason}`
  return new TransferError('ERR_TIMESTAMP_AUTHORITY', message, { cause, subject: url })
}
