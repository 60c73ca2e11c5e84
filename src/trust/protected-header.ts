import type { JsonObject } from '../encoding/strict-json.js'
import type { SignatureAlgorithm } from './algorithms.js'
import { PAYLOAD_TYPE } from './payload.js'
import { formatTimestamp, parseTimestamp } from './timestamps.js'

const PREFIX = 'io.cncf.notary.'
const SCHEME = `${PREFIX}signingScheme`
const SIGNING_TIME = `${PREFIX}signingTime`
const AUTHENTIC_SIGNING_TIME = `${PREFIX}authenticSigningTime`
const EXPIRY = `${PREFIX}expiry`
const VERIFICATION_PLUGIN = `${PREFIX}verificationPlugin`
const X509_SCHEME = 'notary.x509'

/** The critical headers that this program understands, in the form in which jose wants to be told. */
export const UNDERSTOOD: Readonly<Record<string, boolean>> = { [SCHEME]: true, [EXPIRY]: true }

/** What the signer says under the signature. The times are the signer's claim; nobody else vouches for them. */
export interface SignedTimes {
  readonly signingTime: Date
  /** from this moment on the signature counts no more */
  readonly expiry?: Date
}

/** The protected header of a signature made with the scheme `notary.x509` (signature-envelope-jws). */
export function protectedHeader(algorithm: SignatureAlgorithm, { signingTime, expiry }: SignedTimes) {
  const header = {
    alg: algorithm,
    cty: PAYLOAD_TYPE,
    crit: [SCHEME],
    [SCHEME]: X509_SCHEME,
    [SIGNING_TIME]: formatTimestamp(signingTime),
  }
  if (expiry === undefined) return header
  return { ...header, crit: [SCHEME, EXPIRY], [EXPIRY]: formatTimestamp(expiry) }
}

/**
 * Holds a parsed protected header against every rule of the Notary envelope for the scheme `notary.x509`, the only one
 * that a certificate from a `ca` trust store may answer for: under the other one the signer's own clock would count.
 * @param refuse is called with a sentence about what is wrong, and throws
 */
export function readProtectedHeader(header: JsonObject, refuse: (why: string) => never) {
  const { alg, cty } = header
  if (typeof alg !== 'string') return refuse('it names no algorithm')
  if (cty !== PAYLOAD_TYPE) refuse(`its content type is not ${PAYLOAD_TYPE}`)
  // RFC 7797: the signature would cover other bytes than the payload that is then read.
  if (header['b64'] !== undefined) refuse('it has the header b64')
  if (header[SCHEME] !== X509_SCHEME) refuse(`its signing scheme is not ${X509_SCHEME}`)
  if (header[AUTHENTIC_SIGNING_TIME] !== undefined) refuse('it has a signing time of another scheme')
  if (header[VERIFICATION_PLUGIN] !== undefined) refuse('it asks for a verification plugin')
  readCritical(header, refuse)
  const signingTime = readTime(header, SIGNING_TIME, refuse) ?? refuse('it has no signing time')
  const expiry = readTime(header, EXPIRY, refuse)
  if (expiry !== undefined && expiry <= signingTime) refuse('it expires before it was made')
  return { alg, signingTime, ...(expiry === undefined ? {} : { expiry }) }
}

/** Exactly what must be critical: a name more is a rule that we do not know, a name less a rule that others skip. */
function readCritical(header: JsonObject, refuse: (why: string) => never): void {
  const { crit } = header
  const expected = header[EXPIRY] === undefined ? [SCHEME] : [EXPIRY, SCHEME]
  const names = Array.isArray(crit) && crit.every((name) => typeof name === 'string') ? crit : []
  // Compared as JSON: joined texts would make one name with a separator in it equal to two.
  if (JSON.stringify(names.toSorted()) !== JSON.stringify(expected)) {
    refuse('its list of critical headers is not the one expected')
  }
}

function readTime(header: JsonObject, name: string, refuse: (why: string) => never): Date | undefined {
  const text = header[name]
  if (text === undefined) return undefined
  return (typeof text === 'string' ? parseTimestamp(text) : undefined) ?? refuse(`its ${name} is not an RFC 3339 time`)
}
