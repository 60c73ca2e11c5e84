import type { KeyObject } from 'node:crypto'
import type { SignatureAlgorithm } from '../key/algorithms.js'
import type { SignedAttributes } from './envelope.js'

/** An envelope taken apart by the rules of its format. Its signature has not been looked at. */
export interface ReadEnvelope {
  readonly payload: Uint8Array
  /** as the header names it; the key decides whether that is right */
  readonly algorithm: SignatureAlgorithm
  /** DER, leaf first */
  readonly certificates: readonly Uint8Array[]
  readonly attributes: SignedAttributes
  readonly signature: Uint8Array
  readonly timestampToken: Uint8Array | undefined
  /** True if this key has signed the envelope with `algorithm`, over the bytes as they were received. */
  verify(key: KeyObject): Promise<boolean>
}
