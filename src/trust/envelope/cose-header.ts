import { Tagged } from 'cborg'
import type { Json } from '../../encoding/strict-json.js'
import { encodeBase64 } from '../base64.js'
import type { SignatureAlgorithm } from '../key/algorithms.js'
import { PAYLOAD_TYPE } from '../payload.js'
import { ATTRIBUTE, type Label, readAttributes } from './attributes.js'
import { type Cbor, type CborMap, isCborMap, TAG_EPOCH } from './cbor.js'
import type { SignedAttributes } from './envelope.js'
import { refuse } from './refuse.js'

// RFC 9053 §2, RFC 8230 §2.
const ALGORITHM_IDS: Readonly<Record<SignatureAlgorithm, number>> = {
  PS256: -37,
  PS384: -38,
  PS512: -39,
  ES256: -7,
  ES384: -35,
  ES512: -36,
}
const BY_ID: ReadonlyMap<Cbor | undefined, SignatureAlgorithm> = new Map(
  Object.entries(ALGORITHM_IDS).map(([name, id]) => [id, name as SignatureAlgorithm]),
)

/** The algorithm that COSE has under this number; undefined for all that the Notary Project does not allow. */
export function coseAlgorithm(id: Cbor | undefined): SignatureAlgorithm | undefined {
  return BY_ID.get(id)
}

const ALG = 1
const CRIT = 2
const CONTENT_TYPE = 3
/** RFC 9360. */
export const X5CHAIN = 33
const OF_THE_FORMAT: readonly Label[] = [ALG, CRIT, CONTENT_TYPE, X5CHAIN]
// notary: signature-envelope-cose: "It MUST only contain parameters apart from integer labels in the range of 0 to 8".
const NEVER_CRITICAL: readonly Label[] = [0, 1, 2, 3, 4, 5, 6, 7, 8]

/** Years 0 to 9999, which every form of a date can say. */
const EPOCH_SECONDS = { from: -62_167_219_200, to: 253_402_300_799 } as const

/**
 * Holds a protected header against the rules of signature-envelope-cose.
 * @throws ERR_SIGNATURE_INVALID
 */
export function readCoseHeader(header: CborMap): {
  readonly algorithm: SignatureAlgorithm
  readonly attributes: SignedAttributes
} {
  const algorithm = coseAlgorithm(header.get(ALG))
  if (algorithm === undefined) return refuse('its algorithm is none of those that the Notary Project allows')
  if (header.get(CONTENT_TYPE) !== PAYLOAD_TYPE) refuse(`its content type is not ${PAYLOAD_TYPE}`)
  const attributes = readAttributes({
    labels: [...header.keys()].filter((label) => !OF_THE_FORMAT.includes(label)),
    critical: readCritical(header),
    neverCritical: NEVER_CRITICAL,
    text: (label) => readText(header, label),
    time: (label) => readTime(header.get(label)) ?? refuse(`its ${label} is not an epoch-based time with its tag`),
    json: (label) => toJson(header.get(label) ?? null) ?? refuse('an attribute of it has a value that cannot be read'),
  })
  return { algorithm, attributes }
}

/** The chain may stand in the protected header, where it is signed; then being critical is no surprise. */
function readCritical(header: CborMap): readonly Label[] {
  const critical = header.get(CRIT)
  if (!Array.isArray(critical) || !critical.every(isLabel)) return refuse('it has no list of critical headers')
  return critical.filter((label) => label !== X5CHAIN || !header.has(X5CHAIN))
}

function isLabel(value: Cbor): value is Label {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function readText(header: CborMap, label: Label): string {
  const text = header.get(label)
  return typeof text === 'string' ? text : refuse(`its ${label} is not a text`)
}

/** RFC 8949 §3.4.2. Fractions should not be there (notary), and are kept to the millisecond where they are. */
function readTime(value: Cbor | undefined): Date | undefined {
  if (!(value instanceof Tagged) || value.tag !== TAG_EPOCH) return undefined
  const seconds: unknown = value.value
  if (typeof seconds !== 'number' || seconds < EPOCH_SECONDS.from || seconds > EPOCH_SECONDS.to) return undefined
  return new Date(Math.floor(seconds * 1000))
}

/** As a plugin gets to see it: bytes as base64, times as RFC 3339 (plugin-extensibility has JSON only). */
function toJson(value: Cbor): Json | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value
  if (value instanceof Uint8Array) return encodeBase64(value)
  if (value instanceof Tagged) return readTime(value)?.toISOString()
  const entries = isCborMap(value) ? [...value] : [...value].map((item, at): [Label, Cbor] => [at, item])
  const items: [string, Json][] = []
  for (const [key, item] of entries) {
    const json = toJson(item)
    if (json === undefined) return undefined
    items.push([String(key), json])
  }
  if (!isCborMap(value)) return items.map(([, item]) => item)
  // 1 and "1" are two keys, and would become one.
  if (new Set(items.map(([key]) => key)).size !== items.length) return undefined
  return Object.assign(Object.create(null), Object.fromEntries(items))
}

/** The protected header of a signature made with the scheme `notary.x509`. */
export function coseHeader(
  algorithm: SignatureAlgorithm,
  { signingTime, expiry }: { readonly signingTime: Date; readonly expiry?: Date },
): CborMap {
  const critical: Cbor[] = [ATTRIBUTE.scheme]
  const header = new Map<Label, Cbor>([
    [ALG, ALGORITHM_IDS[algorithm]],
    [CRIT, critical],
    [CONTENT_TYPE, PAYLOAD_TYPE],
    [ATTRIBUTE.scheme, 'notary.x509'],
    [ATTRIBUTE.signingTime, epoch(signingTime)],
  ])
  if (expiry !== undefined) {
    critical.push(ATTRIBUTE.expiry)
    header.set(ATTRIBUTE.expiry, epoch(expiry))
  }
  return header
}

function epoch(date: Date): Tagged {
  return new Tagged(TAG_EPOCH, Math.floor(date.getTime() / 1000))
}
