import type { Json } from '../../encoding/strict-json.js'
import { NOTARY_COSE, NOTARY_JWS } from '../../oci/media-types.js'
import type { Certificate } from '../certificate/certificate.js'
import type { SignatureAlgorithm } from '../key/algorithms.js'

export const ENVELOPE_JWS = NOTARY_JWS
export const ENVELOPE_COSE = NOTARY_COSE

/** The two envelope formats of the Notary Project (signature-envelope-jws, signature-envelope-cose), by media type. */
export type EnvelopeType = typeof ENVELOPE_JWS | typeof ENVELOPE_COSE

/** Who vouches for the signing time: nobody (`notary.x509`), or the signing authority itself (signing-scheme). */
export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority'

/** What the signer says under the signature. Everything in it is the signer's claim; nobody else vouches for it. */
export interface SignedAttributes {
  readonly scheme: SigningScheme
  /** under `notary.x509` a claim; under `notary.x509.signingAuthority` the authentic signing time */
  readonly signingTime: Date
  /** from this moment on the signature counts no more */
  readonly expiry?: Date
  /** the plugin without which the signature must not be accepted */
  readonly verificationPlugin?: { readonly name: string; readonly minVersion?: string }
  /** signed attributes that the Notary Project does not define; a critical one that nobody processes fails the signature */
  readonly extended: readonly ExtendedAttribute[]
}

export interface ExtendedAttribute {
  /** a text, or an integer label of COSE */
  readonly key: string | number
  readonly value: Json
  readonly critical: boolean
}

/** A signature whose envelope is whole: these bytes were signed by the leaf of this chain. Nothing says yet who that is. */
export interface OpenedEnvelope {
  readonly type: EnvelopeType
  readonly payload: Uint8Array
  /** leaf first, root last; keeps the Notary rules, except that dates, trust and revocation are still to be judged */
  readonly chain: readonly Certificate[]
  readonly algorithm: SignatureAlgorithm
  readonly attributes: SignedAttributes
  /** the raw signature: what a timestamp token covers */
  readonly signature: Uint8Array
  /** DER of an RFC 3161 token, as found beside the signature; unsigned and not looked at yet */
  readonly timestampToken?: Uint8Array
}
