import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, Tagged, type Token, Tokenizer, Type } from 'cborg'
import { LIMITS } from '../../limits.js'

/** A CBOR value as it is read here: integers below 2^53, and of the tags only those that COSE and Notary use. */
export type Cbor = null | boolean | number | string | Uint8Array | Tagged | readonly Cbor[] | CborMap
/** The keys are integers and texts. */
export type CborMap = ReadonlyMap<string | number, Cbor>

/** RFC 8949 §3.4.2: seconds since 1970. */
export const TAG_EPOCH = 1
/** RFC 9052 §2: a signature by one signer. */
export const TAG_SIGN1 = 18

const DECODE = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  retainStringBytes: true,
  tags: Tagged.preserve(TAG_EPOCH, TAG_SIGN1),
} as const satisfies DecodeOptions

/**
 * Decodes CBOR so that no other reader can see something else in it: refuses duplicate keys, keys that are neither text nor
 * integer, indefinite lengths, integers and lengths that are not in their shortest form, invalid UTF-8, unknown tags and
 * simple values, tags on tags, deep nesting, and bytes after the end.
 * @throws Error of any kind; the caller says what it was
 */
export function decodeCbor(bytes: Uint8Array): Cbor {
  // Not a Buffer, whose slices are views: what is decoded does not change with what it was decoded from.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return decode(plain, { ...DECODE, tokenizer: new StrictTokenizer(plain, DECODE) }) as Cbor
}

/** Encodes deterministically (RFC 8949 §4.2.1): one value, one encoding. */
export function encodeCbor(value: Cbor): Uint8Array {
  return encode(value, rfc8949EncodeOptions)
}

export function isCborMap(value: Cbor | undefined): value is CborMap {
  return value instanceof Map
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Sees each token before the library makes a value of it, where the two things are still known that the value loses. */
class StrictTokenizer extends Tokenizer {
  /** one number for each array and map that is open: how many items are still to come */
  readonly #open: { left: number; readonly isMap: boolean }[] = []
  #afterTag = false

  override next(): Token {
    const token = super.next()
    if (Type.equals(token.type, Type.string)) decoder.decode(token.byteValue)
    this.#refuseKey(token)
    const isTag = Type.equals(token.type, Type.tag)
    if (isTag && this.#afterTag) throw new Error('a tag on a tag')
    this.#afterTag = isTag
    // A tag and what it is put on are one item.
    if (!isTag) this.#count(token)
    return token
  }

  /** The key 1.0 would be the key 1, and name the algorithm. */
  #refuseKey({ type }: Token): void {
    const parent = this.#open.at(-1)
    if (parent === undefined || !parent.isMap || parent.left % 2 !== 0) return
    const isLabel = [Type.uint, Type.negint, Type.string].some((one) => Type.equals(type, one))
    if (!isLabel) throw new Error('a key is neither a text nor an integer')
  }

  #count({ type, value }: Token): void {
    const parent = this.#open.at(-1)
    if (parent !== undefined) parent.left -= 1
    const isMap = Type.equals(type, Type.map)
    if (isMap || Type.equals(type, Type.array)) this.#open.push({ left: isMap ? value * 2 : value, isMap })
    while (this.#open.at(-1)?.left === 0) this.#open.pop()
    if (this.#open.length > LIMITS.jsonDepth) throw new Error('nested too deep')
  }
}
