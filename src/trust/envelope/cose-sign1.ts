import { Tagged } from 'cborg'
import { type Cbor, type CborMap, decodeCbor, encodeCbor, isCborMap, TAG_SIGN1 } from './cbor.js'
import { type Refuse, refuse } from './refuse.js'

/** A COSE_Sign1 (RFC 9052 §4.2), taken apart; nothing in it has been verified. */
export interface Sign1 {
  /** as received: the signature covers these bytes and no other spelling of them */
  readonly protectedBytes: Uint8Array
  readonly protectedHeader: CborMap
  readonly unprotectedHeader: CborMap
  readonly payload: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Reads a COSE_Sign1_Tagged. One without its tag is another format to Notary, though COSE allows it (ADR 17).
 * @throws ERR_SIGNATURE_INVALID
 */
export function readSign1(bytes: Uint8Array): Sign1 {
  const value = decodeOrRefuse(bytes, 'the envelope', refuse)
  if (!(value instanceof Tagged) || value.tag !== TAG_SIGN1) return refuse('it is not a COSE_Sign1 with its tag')
  return takeSign1(value.value as Cbor, refuse)
}

/** Takes the array inside the tag apart. */
export function takeSign1(value: Cbor, fail: Refuse): Sign1 {
  if (!Array.isArray(value) || value.length !== 4) return fail('it is not an array of four')
  const [protectedBytes, unprotectedHeader, payload, signature] = value as readonly Cbor[]
  if (!(protectedBytes instanceof Uint8Array)) return fail('its protected header is not a byte string')
  if (!isCborMap(unprotectedHeader)) return fail('its unprotected header is not a map')
  // null stands for a payload that is somewhere else, which somebody could exchange.
  if (!(payload instanceof Uint8Array) || payload.byteLength === 0) return fail('it has no payload')
  if (!(signature instanceof Uint8Array) || signature.byteLength === 0) return fail('it has no signature')
  const protectedHeader = readProtected(protectedBytes, fail)
  // RFC 9052 §3: a reader that merges the two would let the unsigned one win.
  const twice = [...unprotectedHeader.keys()].some((label) => protectedHeader.has(label))
  if (twice) return fail('its unprotected header says what its protected one says')
  return { protectedBytes, protectedHeader, unprotectedHeader, payload, signature }
}

function readProtected(bytes: Uint8Array, fail: Refuse): CborMap {
  if (bytes.byteLength === 0) return new Map()
  const header = decodeOrRefuse(bytes, 'the protected header', fail)
  return isCborMap(header) ? header : fail('its protected header is not a map')
}

function decodeOrRefuse(bytes: Uint8Array, what: string, fail: Refuse): Cbor {
  try {
    return decodeCbor(bytes)
  } catch (cause) {
    return fail(`${what} is not strict CBOR`, cause)
  }
}

/** The bytes that a COSE_Sign1 signs (RFC 9052 §4.4). */
export function sign1ToBeSigned(
  { protectedBytes, payload }: Pick<Sign1, 'protectedBytes' | 'payload'>,
  externalAad: Uint8Array = new Uint8Array(0),
): Uint8Array {
  return encodeCbor(['Signature1', protectedBytes, externalAad, payload])
}

/** A COSE_Sign1_Tagged; the protected header goes in as it was signed. */
export function formatSign1(parts: Omit<Sign1, 'protectedHeader'>): Uint8Array {
  const { protectedBytes, unprotectedHeader, payload, signature } = parts
  return encodeCbor(new Tagged(TAG_SIGN1, [protectedBytes, unprotectedHeader, payload, signature]))
}
