import { hash } from 'node:crypto'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'

declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** A content digest that has been checked: `sha256:` or `sha512:` and lower-case hexadecimal digits. */
export type Digest = Brand<string, 'Digest'>
export type DigestAlgorithm = 'sha256' | 'sha512'

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/**
 * Parses a digest (image-spec descriptor.md). Only algorithms that can be verified are accepted, and nothing that could
 * escape a path or a URL: every path below `blobs/` is derived from what this returns.
 * @throws ERR_DIGEST_INVALID
 */
export function parseDigest(text: string): Digest {
  if (text.length > 200 || !DIGEST.test(text)) {
    throw new TransferError('ERR_DIGEST_INVALID', `not a digest: "${printable(text, 200)}"`)
  }
  return text as Digest
}

export function isDigest(text: string): text is Digest {
  return text.length <= 200 && DIGEST.test(text)
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512'
}

export function encodedOf(digest: Digest): string {
  return digest.slice(7)
}

/** The SHA-256 digest of bytes that are already in memory: manifests, documents, envelopes. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${hash(algorithm, bytes, 'hex')}` as Digest
}

/** Makes a digest of what a hasher found; `encoded` comes from `node:crypto`, never from outside. */
export function digestFrom(algorithm: DigestAlgorithm, encoded: string): Digest {
  return parseDigest(`${algorithm}:${encoded}`)
}
