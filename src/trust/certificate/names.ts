import { derElement, derElements } from '../der.js'

/** How a value is spelled in a certificate; undefined for what is no text. */
export type NameEncoding = 'utf8' | 'printable' | 'ia5' | 'teletex' | 'bmp' | 'numeric' | 'universal' | undefined

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** object identifier: `2.5.4.10` is the organisation */
  readonly type: string
  /** as it is; `#` and the hexadecimal DER where it is no text */
  readonly value: string
  readonly encoding: NameEncoding
}

/** A distinguished name: its RDNs in order, each with the attributes of its set. Most have one. */
export type DistinguishedName = readonly (readonly NameAttribute[])[]

/**
 * Reads a Name (RFC 5280 §4.1.2.4) from its DER.
 * @throws Error if it is none
 */
export function readName(der: Uint8Array): DistinguishedName {
  return derElements(derElement(der).content).map((rdn) =>
    derElements(rdn.content).map(({ content }) => attribute(content)),
  )
}

function attribute(content: Uint8Array): NameAttribute {
  const [type, value, ...more] = derElements(content)
  if (type?.tag !== 0x06 || value === undefined || more.length > 0) throw new Error('not an attribute of a name')
  const [encoding, text] = readText(value.tag, value.content)
  if (text !== undefined) return { type: readOid(type.content), value: text, encoding }
  return { type: readOid(type.content), value: `#${Buffer.from(value.bytes).toString('hex')}`, encoding: undefined }
}

function readText(tag: number, content: Uint8Array): [NameEncoding, string | undefined] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  switch (tag) {
    case 0x0c:
      return ['utf8', utf8(content)]
    case 0x12:
      return ['numeric', ascii(bytes)]
    case 0x13:
      return ['printable', ascii(bytes)]
    case 0x14:
      return ['teletex', bytes.toString('latin1')]
    case 0x16:
      return ['ia5', ascii(bytes)]
    case 0x1c:
      return ['universal', utf32(bytes)]
    case 0x1e:
      return ['bmp', ucs2(bytes)]
    default:
      return [undefined, undefined]
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function ascii(bytes: Buffer): string | undefined {
  return bytes.every((byte) => byte < 0x80) ? bytes.toString('latin1') : undefined
}

function ucs2(bytes: Buffer): string | undefined {
  if (bytes.byteLength % 2 !== 0) return undefined
  const text = Buffer.from(bytes).swap16().toString('utf16le')
  return text.isWellFormed() ? text : undefined
}

function utf32(bytes: Buffer): string | undefined {
  if (bytes.byteLength % 4 !== 0) return undefined
  const points = Array.from({ length: bytes.byteLength / 4 }, (_, at) => bytes.readUInt32BE(at * 4))
  const known = points.every((point) => point <= 0x10ffff && (point < 0xd800 || point > 0xdfff))
  return known ? String.fromCodePoint(...points) : undefined
}

/**
 * The dotted form of an object identifier's content (X.690 §8.19).
 * @throws Error if it is none
 */
export function readOid(content: Uint8Array): string {
  const arcs: bigint[] = []
  let arc = 0n
  for (const octet of content) {
    arc = arc * 128n + BigInt(octet & 0x7f)
    if (octet >= 0x80) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first] = arcs
  if (first === undefined || content.byteLength > 64 || (content.at(-1) ?? 0x80) >= 0x80) {
    throw new Error('not an object identifier')
  }
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...arcs.slice(1)].join('.')
}
