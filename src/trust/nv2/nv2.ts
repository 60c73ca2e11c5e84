import type { KeyObject } from 'node:crypto'
import type { BareDescriptor } from '../../oci/descriptor.js'
import type { Certificate } from '../certificate/certificate.js'

/**
 * The signature algorithms of the 2020 prototype of Notary v2 (nv2, docs/signature), by their JWS names. RSA is PKCS#1
 * v1.5 there: none of these is one of the Notary Project's, and no key answers for both worlds by accident.
 */
export const NV2_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const
export type Nv2Algorithm = (typeof NV2_ALGORITHMS)[number]

/** What the signer says. All of it is the signer's claim. */
export interface Nv2Claims {
  readonly target: BareDescriptor
  /** the names that the signer says the target has, as written */
  readonly references: readonly string[]
  readonly issuedAt?: Date
  readonly notBefore?: Date
  /** from this moment on the signature counts no more */
  readonly expiry?: Date
}

/** How a header says who signed: by certificates, leaf first, or by the id of a key that the verifier must know. */
export type Nv2SignedBy =
  | { readonly kind: 'x5c'; readonly chain: readonly Certificate[] }
  | { readonly kind: 'kid'; readonly keyId: string }

/** A JWT of the prototype, taken apart by every rule of its form. Nothing says yet that its signature verifies. */
export interface OpenedNv2 {
  /** the compact form, as received */
  readonly token: string
  readonly algorithm: Nv2Algorithm
  readonly signedBy: Nv2SignedBy
  readonly claims: Nv2Claims
}

/** Who signs in the prototype's way: a key, and what the header says of it. The key itself is not reachable from here. */
export interface Nv2Key {
  readonly algorithm: Nv2Algorithm
  readonly signedBy: Nv2SignedBy
  readonly publicKey: KeyObject
  /**
   * The raw signature over these bytes: PKCS#1 v1.5, or r and s of ECDSA one after the other.
   * @throws ERR_KEY_UNUSABLE
   */
  sign(toBeSigned: Uint8Array, call: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>
}
