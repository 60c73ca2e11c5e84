import type { JsonObject } from '../../encoding/strict-json.js'
import { isSignatureAlgorithm, type SignatureAlgorithm } from '../key/algorithms.js'
import { PAYLOAD_TYPE } from '../payload.js'
import { formatTimestamp, parseTimestamp } from '../timestamps.js'
import { ATTRIBUTE, type Label, readAttributes } from './attributes.js'
import type { SignedAttributes } from './envelope.js'
import { refuse } from './refuse.js'

// RFC 7515 §4.1.11: the names that it defines itself are never listed. RFC 7797's changes what is signed, and is refused.
const REGISTERED: readonly Label[] = [
  ...['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit', 'b64'],
]
const OF_THE_FORMAT: readonly Label[] = ['alg', 'cty', 'crit']

export interface JwsHeader {
  readonly algorithm: SignatureAlgorithm
  readonly critical: readonly string[]
  readonly attributes: SignedAttributes
}

/**
 * Holds a protected header, parsed as strict JSON, against the rules of signature-envelope-jws.
 * @throws ERR_SIGNATURE_INVALID
 */
export function readJwsHeader(header: JsonObject): JwsHeader {
  const { alg, cty } = header
  if (typeof alg !== 'string' || !isSignatureAlgorithm(alg)) {
    return refuse('its algorithm is none of those that the Notary Project allows')
  }
  if (cty !== PAYLOAD_TYPE) refuse(`its content type is not ${PAYLOAD_TYPE}`)
  // RFC 7797: the signature would cover other bytes than the payload that is then read.
  if (Object.hasOwn(header, 'b64')) refuse('it has the header b64')
  const critical = readCritical(header)
  const attributes = readAttributes({
    labels: Object.keys(header).filter((name) => !OF_THE_FORMAT.includes(name)),
    critical,
    // The signing time is a claim that nothing depends on; a list that calls it critical was made by another profile.
    neverCritical: [...REGISTERED, ATTRIBUTE.signingTime],
    text: (label) => readText(header, label),
    time: (label) => parseTimestamp(readText(header, label)) ?? refuse(`its ${label} is not an RFC 3339 time`),
    json: (label) => header[label] ?? null,
  })
  return { algorithm: alg, critical, attributes }
}

function readCritical({ crit }: JsonObject): readonly string[] {
  if (!Array.isArray(crit) || !crit.every((name) => typeof name === 'string')) {
    return refuse('it has no list of critical headers')
  }
  return crit
}

function readText(header: JsonObject, label: Label): string {
  const text = header[label]
  return typeof text === 'string' ? text : refuse(`its ${label} is not a text`)
}

/** The protected header of a signature made with the scheme `notary.x509`, in one order. */
export function jwsHeader(
  algorithm: SignatureAlgorithm,
  { signingTime, expiry }: { readonly signingTime: Date; readonly expiry?: Date },
): JsonObject {
  const header = {
    alg: algorithm,
    cty: PAYLOAD_TYPE,
    crit: [ATTRIBUTE.scheme],
    [ATTRIBUTE.scheme]: 'notary.x509',
    [ATTRIBUTE.signingTime]: formatTimestamp(signingTime),
  }
  if (expiry === undefined) return header
  return { ...header, crit: [ATTRIBUTE.scheme, ATTRIBUTE.expiry], [ATTRIBUTE.expiry]: formatTimestamp(expiry) }
}
