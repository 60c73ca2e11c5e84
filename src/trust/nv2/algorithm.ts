import type { KeyObject } from 'node:crypto'
import { algorithmOfKey, mayIssue } from '../key/algorithms.js'
import type { Nv2Algorithm } from './nv2.js'

const RSA: readonly Nv2Algorithm[] = ['RS256', 'RS384', 'RS512']
const EC: readonly Nv2Algorithm[] = ['ES256', 'ES384', 'ES512']

/**
 * The algorithms that a public key may be used with: for RSA from 2048 bits the three hashes, for a NIST curve the one
 * that goes with it (RFC 7518 §3.4). Every other key has none: a header alone must never choose how it is verified.
 */
export function nv2AlgorithmsOf(key: KeyObject): readonly Nv2Algorithm[] {
  if (key.asymmetricKeyType === 'rsa') return mayIssue(key) ? RSA : []
  const algorithm = key.asymmetricKeyType === 'ec' ? algorithmOfKey(key) : undefined
  return EC.filter((known) => known === algorithm)
}
