import { constants, type KeyObject, sign, verify } from 'node:crypto'
import type { SignatureAlgorithm } from './algorithms.js'

/**
 * Signs bytes with a private key: PSS with a salt as long as the hash, or r and s of ECDSA one after the other
 * (signature-specification, "Algorithm Selection"). Rejects with whatever the library says, which may quote the key.
 */
export function signRaw(key: KeyObject, algorithm: SignatureAlgorithm, toBeSigned: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(hashName(algorithm), toBeSigned, { key, ...schemeOf(algorithm) }, (cause, signature) => {
      if (cause === null) resolve(signature)
      else reject(cause)
    })
  })
}

/** True if `signature` is one over these bytes by the private half of `key`. */
export function verifyRaw(
  key: KeyObject,
  algorithm: SignatureAlgorithm,
  { toBeSigned, signature }: { readonly toBeSigned: Uint8Array; readonly signature: Uint8Array },
): boolean {
  try {
    return verify(hashName(algorithm), toBeSigned, { key, ...schemeOf(algorithm) }, signature)
  } catch {
    return false
  }
}

/** The hash that belongs to an algorithm, by Node's name. */
export function hashName(algorithm: SignatureAlgorithm): 'sha256' | 'sha384' | 'sha512' {
  switch (algorithm) {
    case 'PS256':
    case 'ES256':
      return 'sha256'
    case 'PS384':
    case 'ES384':
      return 'sha384'
    default:
      return 'sha512'
  }
}

function schemeOf(algorithm: SignatureAlgorithm) {
  return algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: 'ieee-p1363' as const }
}
