// By the subpaths: the package's index loads a module that fetches key sets, and verification must have no way to.
import { flattenedVerify } from 'jose/jws/flattened/verify'
import { canonicalBytes } from '../encoding/canonical-json.js'
import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { algorithmOfKey, type SignatureAlgorithm } from './algorithms.js'
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.js'
import { type Certificate, parseCertificate } from './certificate.js'
import { checkChain } from './certificate-chain.js'
import { protectedHeader, readProtectedHeader, type SignedTimes, UNDERSTOOD } from './protected-header.js'
import type { Signer } from './signer.js'

/** A signature whose envelope is whole: these bytes were signed by the leaf of this chain. Nothing says yet who that is. */
export interface OpenedEnvelope extends SignedTimes {
  readonly payload: Uint8Array
  /** leaf first, root last; keeps the Notary rules, except that dates and trust are still to be judged */
  readonly chain: readonly Certificate[]
  readonly algorithm: SignatureAlgorithm
}

/**
 * Signs a payload: a flattened JWS as the Notary Project profiles it (signature-envelope-jws), scheme `notary.x509`.
 * @param given `agent`: the program that signs, `waybill/1.2.3`; nobody may rely on it
 * @throws ERR_USAGE if the signature would expire before it is made
 */
export async function signEnvelope(
  payload: Uint8Array,
  signer: Signer,
  given: SignedTimes & { readonly agent: string; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const header = protectedHeader(signer.algorithm, given)
  if (given.expiry !== undefined && given.expiry.getTime() < given.signingTime.getTime() + 1000) {
    throw new TransferError('ERR_USAGE', 'a signature must expire at least a second after it is made')
  }
  const head = encodeBase64Url(new TextEncoder().encode(JSON.stringify(header)))
  const body = encodeBase64Url(payload)
  const signature = await signer.sign(new TextEncoder().encode(`${head}.${body}`), given)
  const envelope = canonicalBytes({
    payload: body,
    protected: head,
    header: {
      x5c: signer.chain.map(({ der }) => encodeBase64(der)),
      'io.cncf.notary.signingAgent': given.agent,
    },
    signature: encodeBase64Url(signature),
  })
  // A token or a plugin may answer anything; what leaves here verifies.
  await openEnvelope(envelope)
  return envelope
}

/**
 * Opens an envelope: every rule of the format, the signature over the received bytes, then the chain's own rules. Judges
 * integrity only; `judgeSigner` says whether the signer is trusted.
 * @throws ERR_SIGNATURE_INVALID, with one sentence that never says which byte differed
 */
export async function openEnvelope(bytes: Uint8Array): Promise<OpenedEnvelope> {
  if (bytes.byteLength > LIMITS.envelopeBytes) refuse(`it has more than ${LIMITS.envelopeBytes} bytes`)
  const { payload, header, head, signature } = readMembers(readObject(bytes, 'the envelope'))
  const protectedBytes = decodeBase64Url(head) ?? refuse('its protected header is not base64url')
  const protectedJson = readObject(protectedBytes, 'the protected header')
  const { alg, ...times } = readProtectedHeader(protectedJson, refuse)
  refuseOverlap(header, protectedJson)
  const chain = readChain(header['x5c'])
  const algorithm = algorithmOfKey(leafOf(chain).publicKey)
  if (algorithm === undefined || algorithm !== alg) return refuse('its algorithm is not the one of the signing key')
  const verified = await verifySignature({ payload, protected: head, signature }, leafOf(chain), algorithm)
  const [finding] = checkChain(chain)
  if (finding !== undefined) refuse(finding)
  return { payload: verified, chain, algorithm, ...times }
}

/** Exactly the four members of a flattened JWS: a fifth could be a second signature, for a reader that looks there. */
function readMembers(envelope: JsonObject) {
  if (Object.keys(envelope).toSorted().join() !== 'header,payload,protected,signature') {
    refuse('it has not exactly the four members of a flattened JWS')
  }
  const { payload, header, protected: head, signature } = envelope
  if (typeof payload !== 'string' || !(decodeBase64Url(payload)?.byteLength ?? 0))
    return refuse('its payload is not base64url')
  if (typeof signature !== 'string' || !(decodeBase64Url(signature)?.byteLength ?? 0)) {
    return refuse('its signature is not base64url')
  }
  if (typeof head !== 'string') return refuse('it has no protected header')
  if (!isJsonObject(header)) return refuse('it has no unprotected header')
  return { payload, header, head, signature }
}

/** RFC 7515 §4: a reader that merges the two headers would let the unsigned one win. */
function refuseOverlap(header: JsonObject, signed: JsonObject): void {
  const twice = Object.keys(header).some((name) => Object.hasOwn(signed, name) || name === 'b64')
  if (twice) refuse('its unprotected header says what only the protected one may say')
}

function readChain(x5c: Json | undefined): readonly Certificate[] {
  if (!Array.isArray(x5c) || x5c.length === 0) return refuse('it has no certificate chain')
  if (x5c.length > LIMITS.chainLength) return refuse(`its chain has more than ${LIMITS.chainLength} certificates`)
  return x5c.map((text: Json, at) => {
    const der = typeof text === 'string' ? decodeBase64(text) : undefined
    if (der === undefined) return refuse(`certificate ${at + 1} of its chain is not base64`)
    return parseCertificate(der, `certificate ${at + 1} of the signature's chain`, 'ERR_SIGNATURE_INVALID')
  })
}

function leafOf(chain: readonly Certificate[]): Certificate {
  return chain[0] ?? refuse('it has no certificate chain')
}

async function verifySignature(
  jws: { readonly payload: string; readonly protected: string; readonly signature: string },
  leaf: Certificate,
  algorithm: SignatureAlgorithm,
): Promise<Uint8Array> {
  try {
    const { payload } = await flattenedVerify(jws, leaf.publicKey, { algorithms: [algorithm], crit: { ...UNDERSTOOD } })
    return payload
  } catch (cause) {
    return refuse(`it does not verify with the key of ${leaf.subject}`, cause)
  }
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
  throw new TransferError('ERR_SIGNATURE_INVALID', `the signature is refused: ${why}`, { cause })
}
