// By the subpath: the package's index loads a module that fetches key sets, and verification must have no way to.

import type { KeyObject } from 'node:crypto'
import { flattenedVerify } from 'jose/jws/flattened/verify'
import { canonicalBytes } from '../../encoding/canonical-json.js'
import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../../encoding/strict-json.js'
import { LIMITS } from '../../limits.js'
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from '../base64.js'
import type { Signer } from '../key/signer.js'
import { UNSIGNED } from './attributes.js'
import { type JwsHeader, jwsHeader, readJwsHeader } from './jws-header.js'
import type { ReadEnvelope } from './read-envelope.js'
import { refuse } from './refuse.js'

/**
 * Takes a flattened JWS apart by the rules of signature-envelope-jws.
 * @throws ERR_SIGNATURE_INVALID
 */
export function readJws(bytes: Uint8Array): ReadEnvelope {
  const { payload, header, head, signature } = readMembers(readObject(bytes, 'the envelope'))
  const headBytes = decodeBase64Url(head) ?? refuse('its protected header is not base64url')
  const protectedJson = readObject(headBytes, 'the protected header')
  const signed = readJwsHeader(protectedJson)
  refuseOverlap(header, protectedJson)
  return {
    payload: payload.bytes,
    algorithm: signed.algorithm,
    certificates: readChain(header['x5c']),
    attributes: signed.attributes,
    signature: signature.bytes,
    timestampToken: readToken(header[UNSIGNED.timestamp]),
    verify: (key) => verifyJws({ payload: payload.text, protected: head, signature: signature.text }, signed, key),
  }
}

/** Exactly the four members of a flattened JWS: a fifth could be a second signature, for a reader that looks there. */
function readMembers(envelope: JsonObject) {
  if (Object.keys(envelope).toSorted().join() !== 'header,payload,protected,signature') {
    refuse('it has not exactly the four members of a flattened JWS')
  }
  const { header, protected: head } = envelope
  if (typeof head !== 'string') return refuse('it has no protected header')
  if (!isJsonObject(header)) return refuse('it has no unprotected header')
  return { payload: readBytes(envelope, 'payload'), header, head, signature: readBytes(envelope, 'signature') }
}

function readBytes(envelope: JsonObject, member: 'payload' | 'signature') {
  const text = envelope[member]
  const bytes = typeof text === 'string' ? decodeBase64Url(text) : undefined
  if (typeof text !== 'string' || bytes === undefined || bytes.byteLength === 0) {
    return refuse(`its ${member} is not base64url`)
  }
  return { text, bytes }
}

/** RFC 7515 §4: a reader that merges the two headers would let the unsigned one win. */
function refuseOverlap(header: JsonObject, signed: JsonObject): void {
  const twice = Object.keys(header).some((name) => Object.hasOwn(signed, name) || name === 'b64')
  if (twice) refuse('its unprotected header says what only the protected one may say')
}

function readChain(x5c: Json | undefined): readonly Uint8Array[] {
  if (!Array.isArray(x5c) || x5c.length === 0) return refuse('it has no certificate chain')
  if (x5c.length > LIMITS.chainLength) return refuse(`its chain has more than ${LIMITS.chainLength} certificates`)
  return x5c.map((text: Json, at) => {
    const der = typeof text === 'string' ? decodeBase64(text) : undefined
    return der ?? refuse(`certificate ${at + 1} of its chain is not base64`)
  })
}

/** Only that it is bytes: whether it proves a time is asked where a policy wants to know. */
function readToken(token: Json | undefined): Uint8Array | undefined {
  if (token === undefined || token === '') return undefined
  return (typeof token === 'string' ? decodeBase64(token) : undefined) ?? refuse('its timestamp is not base64')
}

/** True if this key has made the signature of a flattened JWS. */
export async function verifyJws(
  jws: { readonly payload: string; readonly protected: string; readonly signature: string },
  { algorithm, critical }: Pick<JwsHeader, 'algorithm' | 'critical'>,
  key: KeyObject,
): Promise<boolean> {
  try {
    // The library refuses critical headers that it has not been told of; the rules about them were applied before.
    const crit = Object.fromEntries(critical.map((name) => [name, true]))
    await flattenedVerify(jws, key, { algorithms: [algorithm], crit })
    return true
  } catch {
    return false
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

/** What is signed, and the envelope around a signature over it. */
export function prepareJws(
  payload: Uint8Array,
  { algorithm, chain }: Signer,
  given: { readonly signingTime: Date; readonly expiry?: Date; readonly agent: string },
) {
  const head = encodeBase64Url(new TextEncoder().encode(JSON.stringify(jwsHeader(algorithm, given))))
  const body = encodeBase64Url(payload)
  return {
    toBeSigned: new TextEncoder().encode(`${head}.${body}`),
    envelope: (signature: Uint8Array) =>
      canonicalBytes({
        payload: body,
        protected: head,
        header: { x5c: chain.map(({ der }) => encodeBase64(der)), [UNSIGNED.agent]: given.agent },
        signature: encodeBase64Url(signature),
      }),
  }
}

/** The same envelope with a timestamp token beside its signature. */
export function addTokenToJws(bytes: Uint8Array, token: Uint8Array): Uint8Array {
  const envelope = readObject(bytes, 'the envelope')
  const { header } = readMembers(envelope)
  return canonicalBytes({ ...envelope, header: { ...header, [UNSIGNED.timestamp]: encodeBase64(token) } })
}
