import { Refusal } from './refusal.js'

export interface ByteRange {
  readonly first: number
  /** inclusive */
  readonly last: number
}

const RANGE = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/

/**
 * The part of `size` bytes that a `Range` header asks for (RFC 9110, section 14.1.2). Undefined where all of it is to be
 * sent: no header, several ranges, other units.
 * @throws Refusal 416
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, from, to] = RANGE.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (first > last) {
    const message = `the content has ${size} bytes, and none in that range`
    throw new Refusal(416, 'SIZE_INVALID', message, { 'Content-Range': `bytes */${size}` })
  }
  return { first, last }
}

const CONTENT_RANGE = /^([0-9]{1,15})-([0-9]{1,15})$/

/**
 * The place of a chunk in an upload; the specification writes it without `bytes` and without the total.
 * @throws Refusal 416 where it cannot be read
 */
export function parseContentRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined
  const [, first, last] = CONTENT_RANGE.exec(header) ?? []
  if (first === undefined || last === undefined || Number(first) > Number(last)) {
    throw new Refusal(416, 'BLOB_UPLOAD_INVALID', 'Content-Range is not of the form FIRST-LAST')
  }
  return { first: Number(first), last: Number(last) }
}
