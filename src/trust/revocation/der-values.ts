import { type DerElement, derElement, derElements } from '../der.js'

/**
 * The elements inside the one SEQUENCE that these bytes are.
 * @throws Error with a reason, as everything here does; the caller says what it was
 */
export function sequence(bytes: Uint8Array): readonly DerElement[] {
  const element = derElement(bytes)
  if (element.bytes.byteLength !== bytes.byteLength) throw new Error('something follows a DER element')
  return derElements(expectTag(element, 0x30).content)
}

/** The element itself, if it is one of this kind. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new Error(`a DER element has not the tag 0x${tag.toString(16)}`)
  return element
}

/** A whole number from zero on, at most 20 octets of it (RFC 5280 §5.2.3). */
export function readNumber(element: DerElement | undefined): bigint {
  const { content } = expectTag(element, 0x02)
  const [first, second = 0x80] = content
  if (first === undefined || first >= 0x80) throw new Error('a number is negative')
  if (first === 0 && content.byteLength > 1 && second < 0x80) throw new Error('a number is not in its shortest form')
  if (content.byteLength > 21 || (content.byteLength === 21 && first !== 0)) throw new Error('a number is too long')
  return BigInt(`0x${Buffer.from(content).toString('hex')}`)
}

/** A BOOLEAN's content. FALSE where it is the default should not be written down, and is by some. */
export function readBoolean({ content }: DerElement): boolean {
  const [value] = content
  if (content.byteLength !== 1 || (value !== 0xff && value !== 0x00)) throw new Error('not a DER boolean')
  return value === 0xff
}

const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

/** True for the two ways in which ASN.1 spells a time. */
export function isTime(element: DerElement | undefined): element is DerElement {
  return element?.tag === UTC_TIME || element?.tag === GENERALIZED_TIME
}

/** A time in either spelling, in UTC and with seconds, without fractions (RFC 5280 §4.1.2.5). */
export function readTime(element: DerElement | undefined): Date {
  if (!isTime(element)) throw new Error('not a time')
  const text = Buffer.from(element.content).toString('latin1')
  if (element.tag === GENERALIZED_TIME) return timeOf(text)
  // UTCTime has two digits of the year: 50 and more are of the last century.
  return timeOf(`${text.slice(0, 2) >= '50' ? '19' : '20'}${text}`)
}

function timeOf(text: string): Date {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  const iso = found === null ? '' : `${found.slice(1, 4).join('-')}T${found.slice(4, 7).join(':')}`
  const time = new Date(`${iso}Z`)
  // `Date` takes 30 February for a day in March, and other readers do not.
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(iso)) throw new Error('not a time in UTC')
  return time
}
