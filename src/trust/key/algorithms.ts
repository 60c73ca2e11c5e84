import type { KeyObject } from 'node:crypto'

/** The signature algorithms of the Notary Project (signature-specification, "Algorithm Selection"), by their JWS names. */
export type SignatureAlgorithm = 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512'

const ALGORITHMS: readonly string[] = ['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']

export function isSignatureAlgorithm(name: string): name is SignatureAlgorithm {
  return ALGORITHMS.includes(name)
}

const BY_RSA_BITS: Readonly<Record<number, SignatureAlgorithm>> = { 2048: 'PS256', 3072: 'PS384', 4096: 'PS512' }
const BY_CURVE: Readonly<Record<string, { readonly algorithm: SignatureAlgorithm; readonly spkiBytes: number }>> = {
  prime256v1: { algorithm: 'ES256', spkiBytes: 91 },
  secp384r1: { algorithm: 'ES384', spkiBytes: 120 },
  secp521r1: { algorithm: 'ES512', spkiBytes: 158 },
}

interface KeyFacts {
  readonly algorithm: SignatureAlgorithm | undefined
  readonly strong: boolean
}

// Asking a key costs more than verifying with it, and a bundle has a thousand signatures of one key.
const known = new WeakMap<KeyObject, KeyFacts>()

function factsOf(key: KeyObject): KeyFacts {
  const facts = known.get(key) ?? readFacts(key)
  known.set(key, facts)
  return facts
}

function readFacts(key: KeyObject): KeyFacts {
  if (key.asymmetricKeyType === 'ec') {
    const curve = curveOf(key)
    return { algorithm: curve?.algorithm, strong: curve !== undefined }
  }
  const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {}
  if (!isSoundExponent(publicExponent)) return { algorithm: undefined, strong: false }
  return {
    algorithm: key.asymmetricKeyType === 'rsa' ? BY_RSA_BITS[modulusLength] : undefined,
    strong: modulusLength >= 2048,
  }
}

/**
 * The one algorithm that a public key may be used with, or undefined for every other key: a header that could choose
 * the algorithm is how `none` and key-confusion attacks begin.
 */
export function algorithmOfKey(key: KeyObject): SignatureAlgorithm | undefined {
  return factsOf(key).algorithm
}

/** True for RSA from 2048 bits, and the three NIST curves. */
export function isStrongKey(key: KeyObject): boolean {
  return factsOf(key).strong
}

/** True for a key that may sign certificates: a strong one, or Ed25519. */
export function mayIssue(key: KeyObject): boolean {
  return isStrongKey(key) || key.asymmetricKeyType === 'ed25519'
}

/**
 * OpenSSL calls a key with explicit parameters by the curve that they resemble (CVE-2020-0601 lived on such keys). A key
 * that names its curve, with an uncompressed point, has exactly one length.
 */
function curveOf(key: KeyObject) {
  const curve = BY_CURVE[key.asymmetricKeyDetails?.namedCurve ?? '']
  return curve?.spkiBytes === key.export({ type: 'spki', format: 'der' }).byteLength ? curve : undefined
}

/** With the exponent 1 every message is its own signature. */
function isSoundExponent(exponent: bigint | undefined): boolean {
  return exponent !== undefined && exponent >= 3n && exponent % 2n === 1n
}

/** A key in words: `RSA 2560`, `EC secp256k1`. */
export function describeKey(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  const type = key.asymmetricKeyType ?? 'unknown'
  if (type === 'ec') return `EC ${namedCurve ?? 'with its own curve'}`
  return modulusLength === undefined ? type : `${type.toUpperCase()} ${modulusLength}`
}
