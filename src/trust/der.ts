/** One element of DER: what it is, and where its content lies in the bytes that it was read from. */
export interface DerElement {
  /** the identifier octet: class, constructed or not, and number; tags above 30 do not occur in what we read */
  readonly tag: number
  /** the whole element, with its tag and length */
  readonly bytes: Uint8Array
  readonly content: Uint8Array
}

/**
 * The elements that stand one after the other in these bytes, nothing between or after them (X.690 §10: definite lengths in
 * their shortest form). For what libraries hand over only decoded, where the bytes themselves must be compared.
 * @throws Error for anything that is not DER; the caller says what it was
 */
export function derElements(bytes: Uint8Array): readonly DerElement[] {
  const found: DerElement[] = []
  for (let at = 0; at < bytes.byteLength; ) {
    const element = derElement(bytes.subarray(at))
    found.push(element)
    at += element.bytes.byteLength
  }
  return found
}

/**
 * The element that begins here; more may follow it.
 * @throws Error
 */
export function derElement(bytes: Uint8Array): DerElement {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new Error('not a DER element')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4) throw new Error('not a DER length')
  const length = lengthBytes === 0 ? first : readLength(bytes.subarray(2, 2 + lengthBytes))
  const contentAt = 2 + lengthBytes
  if (contentAt + length > bytes.byteLength) throw new Error('a DER element does not end')
  return { tag, bytes: bytes.subarray(0, contentAt + length), content: bytes.subarray(contentAt, contentAt + length) }
}

function readLength(octets: Uint8Array): number {
  const length = octets.reduce((sum, octet) => sum * 256 + octet, 0)
  if (octets[0] === 0 || length < 0x80) throw new Error('a DER length is not in its shortest form')
  return length
}
