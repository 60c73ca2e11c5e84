// How a token is asked for a signature. A part of token-process.js.
import { createHash } from 'node:crypto'

/** @typedef {{ algorithm: string, bytes: Uint8Array }} Sign */

/**
 * Hashed here where the token takes a hash: SoftHSM has no ECDSA that hashes, others have no PSS that does not.
 * Undefined for a token that can do neither.
 * @param {typeof import('pkcs11js')} library @param {readonly number[]} has @param {Sign} wanted
 */
export function mechanismFor(library, has, { algorithm, bytes }) {
  const message = Buffer.from(bytes)
  const bits = algorithm.slice(2)
  const digest = createHash(`sha${bits}`).update(message).digest()
  /** @param {string} name */
  const constant = (name) => /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (library))[name]
  /** @param {string} name */
  const mechanism = (name) => {
    const number = constant(name)
    return typeof number === 'number' && has.includes(number) ? number : undefined
  }
  if (algorithm.startsWith('PS')) {
    const parameter = {
      type: library.CK_PARAMS_RSA_PSS,
      hashAlg: Number(constant(`CKM_SHA${bits}`)),
      mgf: Number(constant(`CKG_MGF1_SHA${bits}`)),
      saltLen: digest.length,
    }
    const plain = mechanism('CKM_RSA_PKCS_PSS')
    if (plain !== undefined) return { mechanism: { mechanism: plain, parameter }, input: digest }
    const hashing = mechanism(`CKM_SHA${bits}_RSA_PKCS_PSS`)
    if (hashing !== undefined) return { mechanism: { mechanism: hashing, parameter }, input: message }
  } else {
    const plain = mechanism('CKM_ECDSA')
    if (plain !== undefined) return { mechanism: { mechanism: plain }, input: digest }
    const hashing = mechanism(`CKM_ECDSA_SHA${bits}`)
    if (hashing !== undefined) return { mechanism: { mechanism: hashing }, input: message }
  }
  return undefined
}
