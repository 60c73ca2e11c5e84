import { constants, type KeyObject, verify } from 'node:crypto'
import { readOid } from '../certificate/names.js'
import type { DerElement } from '../der.js'
import { mayIssue } from '../key/algorithms.js'
import { expectTag, sequence } from './der-values.js'

/** What X.509 calls SIGNED: a certificate, a list or a response, with the signature over its first part. */
export interface Signed {
  /** the first part, as it was received */
  readonly content: Uint8Array
  /** the AlgorithmIdentifier beside the signature */
  readonly algorithm: Uint8Array
  readonly signature: Uint8Array
  /** what follows: a response has certificates there */
  readonly more: readonly DerElement[]
}

/**
 * Takes a signed structure apart.
 * @throws Error
 */
export function readSigned(der: Uint8Array): Signed {
  const [content, algorithm, signature, ...more] = sequence(der)
  const bits = expectTag(signature, 0x03).content
  if (bits[0] !== 0) throw new Error('a signature does not fill its last octet')
  return {
    content: expectTag(content, 0x30).bytes,
    algorithm: expectTag(algorithm, 0x30).bytes,
    signature: bits.subarray(1),
    more,
  }
}

interface Scheme {
  /** the types of key that it is for */
  readonly keys: readonly string[]
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null
  readonly padding?: number
  readonly saltLength?: number
}

// The algorithms that a certificate may be signed with; nothing with SHA-1 among them (signature-specification, "Other
// requirements"): who can make a collision could make a list that a CA never signed.
const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.11': { keys: ['rsa'], hash: 'sha256', padding: constants.RSA_PKCS1_PADDING },
  '1.2.840.113549.1.1.12': { keys: ['rsa'], hash: 'sha384', padding: constants.RSA_PKCS1_PADDING },
  '1.2.840.113549.1.1.13': { keys: ['rsa'], hash: 'sha512', padding: constants.RSA_PKCS1_PADDING },
  '1.2.840.10045.4.3.2': { keys: ['ec'], hash: 'sha256' },
  '1.2.840.10045.4.3.3': { keys: ['ec'], hash: 'sha384' },
  '1.2.840.10045.4.3.4': { keys: ['ec'], hash: 'sha512' },
  '1.3.101.112': { keys: ['ed25519'], hash: null },
}
const PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'
const HASHES: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** True if this key made the signature, with an algorithm and a strength that a certificate may have. Never throws. */
export function isSignedBy({ content, algorithm, signature }: Signed, key: KeyObject): boolean {
  const scheme = schemeOf(algorithm)
  if (scheme === undefined || !mayIssue(key) || !scheme.keys.includes(key.asymmetricKeyType ?? '')) return false
  const { hash, padding, saltLength } = scheme
  try {
    return verify(
      hash,
      content,
      { key, ...(padding === undefined ? {} : { padding }), ...(saltLength === undefined ? {} : { saltLength }) },
      signature,
    )
  } catch {
    return false
  }
}

/** True if this AlgorithmIdentifier is one of those that a certificate may be signed with. */
export function isAccepted(algorithm: Uint8Array): boolean {
  return schemeOf(algorithm) !== undefined
}

function schemeOf(algorithm: Uint8Array): Scheme | undefined {
  try {
    const [type, ...parameters] = sequence(algorithm)
    const oid = readOid(expectTag(type, 0x06).content)
    if (oid === PSS) return pssOf(parameters)
    // RSA has NULL there, the others have nothing; anything else would be two readings of one algorithm.
    const plain = parameters.length === 0 || (parameters.length === 1 && parameters[0]?.tag === 0x05)
    return plain ? SCHEMES[oid] : undefined
  } catch {
    return undefined
  }
}

/** RSASSA-PSS-params (RFC 4055 §3.1). What is left out there means SHA-1. */
function pssOf([parameters]: readonly DerElement[]): Scheme | undefined {
  const parts = sequence(expectTag(parameters, 0x30).bytes)
  const [hash] = sequence(part(parts, 0xa0))
  const [mask, maskHash] = sequence(part(parts, 0xa1))
  const found = HASHES[readOid(expectTag(hash, 0x06).content)]
  const [inner] = sequence(expectTag(maskHash, 0x30).bytes)
  const same = found !== undefined && found === HASHES[readOid(expectTag(inner, 0x06).content)]
  if (!same || readOid(expectTag(mask, 0x06).content) !== MGF1) return undefined
  const salt = parts.find(({ tag }) => tag === 0xa2)?.content.at(-1) ?? 20
  return { keys: ['rsa', 'rsa-pss'], hash: found, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt }
}

function part(parts: readonly DerElement[], tag: number): Uint8Array {
  const found = parts.find((one) => one.tag === tag)
  if (found === undefined) throw new Error('the hash is left to be SHA-1')
  return found.content
}
