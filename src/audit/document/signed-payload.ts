import { isJsonObject, type Json } from '../../encoding/strict-json.js'
import { TransferError } from '../../errors.js'
import { decodeBase64, decodeBase64Url } from '../../trust/base64.js'
import { readCose } from '../../trust/envelope/cose.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../trust/envelope/envelope.js'
import { readJws } from '../../trust/envelope/jws.js'
import { NV2_CONFIG } from '../../trust/nv2/nv2-manifest.js'

/** What stands inside of something signed: the bytes that the signature is over, or why they cannot be had. */
export type SignedPayload =
  | { readonly kind: 'payload'; readonly form: string; readonly payload: Uint8Array }
  | { readonly kind: 'unreadable'; readonly form: string; readonly why: string }

/** The payload of an envelope, by its media type. Taken out, and not verified: that is for others to say. */
export function payloadOf(bytes: Uint8Array, mediaType: string): SignedPayload | undefined {
  switch (mediaType) {
    case ENVELOPE_JWS:
      return taken('JWS envelope', () => readJws(bytes).payload)
    case ENVELOPE_COSE:
      return taken('COSE envelope', () => readCose(bytes).payload)
    case NV2_CONFIG:
      return taken('JWT of the 2020 prototype', () => jwtBody(bytes))
    default:
      return undefined
  }
}

/** The payload of a DSSE envelope, alone or in a bundle of sigstore: an in-toto statement, as a rule. */
export function dssePayload(json: Json): SignedPayload | undefined {
  if (!isJsonObject(json)) return undefined
  const inner = json['dsseEnvelope']
  const { payload, payloadType, signatures } = isJsonObject(inner) ? inner : json
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || !Array.isArray(signatures)) return undefined
  const form = 'DSSE envelope'
  const bytes = decodeBase64(payload)
  return bytes === undefined
    ? { kind: 'unreadable', form, why: 'its payload is not base64' }
    : { kind: 'payload', form, payload: bytes }
}

function jwtBody(bytes: Uint8Array): Uint8Array {
  const [, body = ''] = Buffer.from(bytes).toString('latin1').split('.')
  const decoded = decodeBase64Url(body)
  if (decoded === undefined) throw new TransferError('ERR_SIGNATURE_INVALID', 'its body is not base64url')
  return decoded
}

function taken(form: string, read: () => Uint8Array): SignedPayload {
  try {
    return { kind: 'payload', form, payload: read() }
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause
    return { kind: 'unreadable', form, why: cause.message }
  }
}
