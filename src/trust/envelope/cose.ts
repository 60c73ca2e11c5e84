import { LIMITS } from '../../limits.js'
import { verifyRaw } from '../key/raw-signature.js'
import type { Signer } from '../key/signer.js'
import { type Label, UNSIGNED } from './attributes.js'
import { type Cbor, encodeCbor } from './cbor.js'
import { coseHeader, readCoseHeader, X5CHAIN } from './cose-header.js'
import { formatSign1, readSign1, sign1ToBeSigned } from './cose-sign1.js'
import type { ReadEnvelope } from './read-envelope.js'
import { refuse } from './refuse.js'

/**
 * Takes a COSE_Sign1_Tagged apart by the rules of signature-envelope-cose.
 * @throws ERR_SIGNATURE_INVALID
 */
export function readCose(bytes: Uint8Array): ReadEnvelope {
  const sign1 = readSign1(bytes)
  const { protectedHeader, unprotectedHeader, payload, signature } = sign1
  const { algorithm, attributes } = readCoseHeader(protectedHeader)
  return {
    payload,
    algorithm,
    // notary: "Optionally, this header can be presented in the protected header." It is in one of them (readSign1).
    certificates: readChain(protectedHeader.get(X5CHAIN) ?? unprotectedHeader.get(X5CHAIN)),
    attributes,
    signature,
    timestampToken: readToken(unprotectedHeader.get(UNSIGNED.timestamp)),
    verify: async (key) => verifyRaw(key, algorithm, { toBeSigned: sign1ToBeSigned(sign1), signature }),
  }
}

/** notary: an array of byte strings; RFC 9360's bare byte string for a single certificate is not Notary's (ADR 17). */
function readChain(x5chain: Cbor | undefined): readonly Uint8Array[] {
  if (!Array.isArray(x5chain) || x5chain.length === 0) return refuse('it has no certificate chain')
  if (x5chain.length > LIMITS.chainLength) return refuse(`its chain has more than ${LIMITS.chainLength} certificates`)
  return x5chain.map((der: Cbor, at) =>
    der instanceof Uint8Array ? der : refuse(`certificate ${at + 1} of its chain is not a byte string`),
  )
}

/** Only that it is bytes: whether it proves a time is asked where a policy wants to know. */
function readToken(token: Cbor | undefined): Uint8Array | undefined {
  if (token === undefined) return undefined
  if (!(token instanceof Uint8Array)) return refuse('its timestamp is not a byte string')
  return token.byteLength === 0 ? undefined : token
}

/** What is signed, and the envelope around a signature over it. */
export function prepareCose(
  payload: Uint8Array,
  { algorithm, chain }: Signer,
  given: { readonly signingTime: Date; readonly expiry?: Date; readonly agent: string },
) {
  const protectedBytes = encodeCbor(coseHeader(algorithm, given))
  const unprotectedHeader = new Map<Label, Cbor>([
    [X5CHAIN, chain.map(({ der }) => der)],
    [UNSIGNED.agent, given.agent],
  ])
  return {
    toBeSigned: sign1ToBeSigned({ protectedBytes, payload }),
    envelope: (signature: Uint8Array) => formatSign1({ protectedBytes, unprotectedHeader, payload, signature }),
  }
}

/** The same envelope with a timestamp token beside its signature. */
export function addTokenToCose(bytes: Uint8Array, token: Uint8Array): Uint8Array {
  const sign1 = readSign1(bytes)
  const unprotectedHeader = new Map([...sign1.unprotectedHeader, [UNSIGNED.timestamp, token] as const])
  return formatSign1({ ...sign1, unprotectedHeader })
}
