import { hash } from 'node:crypto'
import { Integer, Null, OctetString } from 'asn1js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { AlgorithmIdentifier, MessageImprint, type PKIStatusInfo, TimeStampReq, TimeStampResp } from '../pkijs.js'
import { type DigestName, oidOfDigest } from './digests.js'
import { childrenOf, parseExactly, readToken, type TimestampToken } from './token.js'
import { checkImprint } from './verify-token.js'

/** How a token is asked for; the answer is held against the same. */
export interface TimestampQuestion {
  readonly hash: DigestName
  /** random bytes, which the answer must repeat */
  readonly nonce: Uint8Array
}

/**
 * A request for a token over a signature (RFC 3161 §2.4.1), DER. The authority's certificates are asked for: a token without
 * them cannot be verified offline.
 * @param signed the raw signature
 */
export function buildTimestampRequest(signed: Uint8Array, given: TimestampQuestion): Uint8Array {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: oidOfDigest(given.hash), algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: hash(given.hash, signed, 'buffer') }),
    }),
    nonce: new Integer({ valueHex: positiveInteger(given.nonce) }),
    certReq: true,
  })
  return new Uint8Array(request.toSchema().toBER())
}

/**
 * The token in an authority's answer (RFC 3161 §2.4.2), as it was received: granted, over this signature, by this hash, and
 * for this request. Whether the token holds is for `verifyTimestampToken` to say.
 * @throws ERR_TIMESTAMP_AUTHORITY with what the authority says
 */
export function readTimestampResponse(
  der: Uint8Array,
  given: TimestampQuestion & { readonly signed: Uint8Array },
): Uint8Array {
  const { status, token: bytes } = readAnswer(der)
  if (status.status > 1) throw refused(`refuses: ${statusText(status)}`)
  if (bytes === undefined) throw refused('grants a timestamp and sends none')
  const token = readGranted(bytes, given.signed)
  if (token.info.imprint.digest !== given.hash)
    throw refused(`answers with ${token.info.imprint.digest} to a request for ${given.hash}`)
  const { nonce } = token.info
  // Without it an old answer could be sent again.
  if (nonce === undefined || Buffer.compare(nonce, positiveInteger(given.nonce)) !== 0) {
    throw refused('answers another request: the nonce is not the one that was sent')
  }
  return bytes
}

function readAnswer(der: Uint8Array): { readonly status: PKIStatusInfo; readonly token: Uint8Array | undefined } {
  try {
    const block = parseExactly(der)
    const { status } = new TimeStampResp({ schema: block })
    const token = childrenOf(block)[1]
    return { status, token: token && Uint8Array.from(token.valueBeforeDecodeView) }
  } catch (cause) {
    throw refused('sends something else than a timestamp response', cause)
  }
}

function readGranted(bytes: Uint8Array, signed: Uint8Array): TimestampToken {
  try {
    const token = readToken(bytes)
    checkImprint(token, signed)
    return token
  } catch (cause) {
    throw refused(`sends a token that cannot be used: ${cause instanceof Error ? cause.message : ''}`, cause)
  }
}

const STATUS: Readonly<Record<number, string>> = {
  2: 'rejection',
  3: 'waiting',
  4: 'revocationWarning',
  5: 'revocationNotification',
}

/** By the number of the bit. */
const FAILURES: Readonly<Record<number, string>> = {
  0: 'badAlg',
  2: 'badRequest',
  5: 'badDataFormat',
  14: 'timeNotAvailable',
  15: 'unacceptedPolicy',
  16: 'unacceptedExtension',
  17: 'addInfoNotAvailable',
  25: 'systemFailure',
}

function statusText({ status, statusStrings = [], failInfo }: PKIStatusInfo): string {
  const bits = failInfo?.valueBlock.valueHexView ?? new Uint8Array()
  const failures = Object.entries(FAILURES).flatMap(([bit, name]) =>
    ((bits[Number(bit) >> 3] ?? 0) & (0x80 >> (Number(bit) & 7))) === 0 ? [] : [name],
  )
  const said = statusStrings.map(({ valueBlock }) => valueBlock.value).join('; ')
  return [STATUS[status] ?? `status ${status}`, ...failures, ...(said === '' ? [] : [`“${printable(said)}”`])].join(
    ', ',
  )
}

/** The content of the INTEGER that these bytes are as a number: in its shortest form, and never negative. */
function positiveInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? new Uint8Array(1) : bytes.subarray(first)
  return (digits[0] ?? 0) < 0x80 ? Uint8Array.from(digits) : Uint8Array.from([0, ...digits])
}

/** @param what goes on from "the timestamp authority" */
function refused(what: string, cause?: unknown): TransferError {
  return new TransferError('ERR_TIMESTAMP_AUTHORITY', `the timestamp authority ${what}`, { cause })
}
