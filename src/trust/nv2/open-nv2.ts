import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../../encoding/strict-json.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { decodeBase64, decodeBase64Url } from '../base64.js'
import { type Certificate, parseCertificate } from '../certificate/certificate.js'
import { readClaims } from './claims.js'
import { isLibtrustKeyId } from './key-id.js'
import { NV2_ALGORITHMS, type Nv2Algorithm, type Nv2SignedBy, type OpenedNv2 } from './nv2.js'

/** What a header may say. Another name could be a key, or a rule, that some reader follows: `jwk`, `jku`, `crit`, `b64`. */
const HEADERS: readonly string[] = ['typ', 'alg', 'x5c', 'kid']

/**
 * Takes a JWT of the prototype apart (nv2, docs/signature): compact form, strict JSON, type `x509`, one of its algorithms,
 * and certificates or a key id, never both. Verifies nothing: that needs the keys that somebody trusts.
 * @throws ERR_SIGNATURE_INVALID
 */
export function openNv2(bytes: Uint8Array): OpenedNv2 {
  if (bytes.byteLength > LIMITS.envelopeBytes) refuse(`it has more than ${LIMITS.envelopeBytes} bytes`)
  // Latin-1: every byte that is not of the alphabet stays one, and is refused as such.
  const token = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const parts = token.split('.')
  const [head, body, signature] = parts.map((part) => decodeBase64Url(part) ?? refuse('it is not base64url'))
  if (head === undefined || body === undefined || !signature?.byteLength || parts.length !== 3) {
    return refuse('it does not have the three parts of a JWT')
  }
  const header = readObject(head, 'its header')
  const algorithm = readAlgorithm(header)
  return {
    token,
    algorithm,
    signedBy: readSignedBy(header),
    claims: readClaims(readObject(body, 'its body'), refuse),
  }
}

function readAlgorithm(header: JsonObject): Nv2Algorithm {
  const stranger = Object.keys(header).find((name) => !HEADERS.includes(name))
  if (stranger !== undefined) refuse('its header says more than the prototype has')
  // `tuf` is reserved there, and means nothing yet; `JWT` would be an access token that somebody passes off as this.
  if (header['typ'] !== 'x509') refuse('its type is not x509')
  return NV2_ALGORITHMS.find((known) => known === header['alg']) ?? refuse('its algorithm is none of the prototype’s')
}

/** docs/adr/0025: with both, one reader would trust the certificate and another the key. */
function readSignedBy({ x5c, kid }: JsonObject): Nv2SignedBy {
  if (x5c !== undefined && kid !== undefined)
    return refuse('it names its signer twice, by certificates and by a key id')
  if (x5c !== undefined) return { kind: 'x5c', chain: readChain(x5c) }
  if (typeof kid !== 'string' || !isLibtrustKeyId(kid)) return refuse('it names its signer by nothing that is known')
  return { kind: 'kid', keyId: kid }
}

function readChain(x5c: Json): readonly Certificate[] {
  if (!Array.isArray(x5c) || x5c.length === 0) return refuse('its certificates are not a list')
  if (x5c.length > LIMITS.chainLength) refuse(`it has more than ${LIMITS.chainLength} certificates`)
  return x5c.map((text: Json, at) => {
    const der = typeof text === 'string' ? decodeBase64(text) : undefined
    const what = `certificate ${at + 1} of the JWT`
    return parseCertificate(der ?? refuse(`${what} is not base64`), what, 'ERR_SIGNATURE_INVALID')
  })
}

function readObject(bytes: Uint8Array, what: string): JsonObject {
  try {
    const json = parseStrictJson(bytes, what)
    if (isJsonObject(json)) return json
  } catch (cause) {
    return refuse(`${what} is not strict JSON`, cause)
  }
  return refuse(`${what} is not a JSON object`)
}

function refuse(why: string, cause?: unknown): never {
  throw new TransferError('ERR_SIGNATURE_INVALID', `the nv2 signature is refused: ${why}`, { cause })
}
