import { type Digest, isDigest } from '../oci/digest.js'
import type { Answer } from './http-exchange.js'

/** What a registry says that the digest is; undefined where it says nothing that can be verified. */
export function toldDigest(answer: Answer): Digest | undefined {
  const told = answer.headers.get('docker-content-digest')?.trim()
  return told !== undefined && isDigest(told) ? told : undefined
}
