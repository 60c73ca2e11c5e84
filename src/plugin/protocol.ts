import type { SignatureAlgorithm } from '../trust/key/algorithms.js'

/** The one version of the plugin contract (plugin-extensibility). */
export const CONTRACT_VERSION = '1.0'

export type PluginCommand =
  | 'get-plugin-metadata'
  | 'describe-key'
  | 'generate-signature'
  | 'generate-envelope'
  | 'verify-signature'

export const RAW_GENERATOR = 'SIGNATURE_GENERATOR.RAW'
export const ENVELOPE_GENERATOR = 'SIGNATURE_GENERATOR.ENVELOPE'

/** What the contract calls a kind of key, and what is signed with it. */
export interface KeyFacts {
  readonly algorithm: SignatureAlgorithm
  readonly keySpec: string
  readonly hashAlgorithm: string
  readonly signingAlgorithm: string
}

/** plugin-extensibility, "describe-key" and "generate-signature": one hash and one algorithm for each kind of key. */
const KEYS: readonly KeyFacts[] = [
  key('PS256', 'RSA-2048', 'RSASSA-PSS-SHA-256'),
  key('PS384', 'RSA-3072', 'RSASSA-PSS-SHA-384'),
  key('PS512', 'RSA-4096', 'RSASSA-PSS-SHA-512'),
  key('ES256', 'EC-256', 'ECDSA-SHA-256'),
  key('ES384', 'EC-384', 'ECDSA-SHA-384'),
  key('ES512', 'EC-521', 'ECDSA-SHA-512'),
]

function key(algorithm: SignatureAlgorithm, keySpec: string, signingAlgorithm: string): KeyFacts {
  return { algorithm, keySpec, hashAlgorithm: `SHA-${algorithm.slice(2)}`, signingAlgorithm }
}

/** Undefined for a key that the Notary Project does not sign with. */
export function keyFactsOf(keySpec: string): KeyFacts | undefined {
  return KEYS.find((facts) => facts.keySpec === keySpec)
}

export function keyFactsFor(algorithm: SignatureAlgorithm): KeyFacts | undefined {
  return KEYS.find((facts) => facts.algorithm === algorithm)
}

/** plugin-extensibility, "Plugin contract": what a plugin says in the place of an answer. */
export type PluginErrorCode =
  | 'VALIDATION_ERROR'
  | 'UNSUPPORTED_CONTRACT_VERSION'
  | 'ACCESS_DENIED'
  | 'TIMEOUT'
  | 'THROTTLED'
  | 'ERROR'
