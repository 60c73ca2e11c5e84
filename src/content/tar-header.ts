import { TransferError } from '../errors.js'

/** One header block of a tar, before extended headers change what it says. */
export interface TarHeader {
  readonly name: string
  /** the type flag as it stands there; a NUL is `0` */
  readonly type: string
  /** bytes */
  readonly size: number
  /** where a symbolic link points */
  readonly linkName?: string
}

export const TAR_BLOCK = 512
const SYMBOLIC_LINK = 0x32

/** Bytes that `size` bytes take with their padding. */
export function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/**
 * Reads a header block in the POSIX or GNU form.
 * @param where names the block in errors
 * @throws ERR_BUNDLE_FORMAT
 */
export function parseTarHeader(block: Uint8Array, where: string): TarHeader {
  const fail = (why: string): never => {
    throw new TransferError('ERR_BUNDLE_FORMAT', `${where} is not a tar header: ${why}`, {
      side: 'medium',
      subject: where,
    })
  }
  if (block.byteLength !== TAR_BLOCK) return fail(`it has ${block.byteLength} bytes`)
  const magic = Buffer.from(block.subarray(257, 265)).toString('latin1')
  if (magic !== 'ustar\u000000' && magic !== 'ustar  \0') return fail('it has no ustar or GNU mark')
  if (octal(block.subarray(148, 156)) !== checksum(block)) return fail('its checksum is wrong')
  const size = number(block.subarray(124, 136))
  if (size === undefined) return fail('its size is not a number from 0 to 2^53')
  // In the GNU form these bytes hold times: reading them as a prefix would make up another name.
  const prefix = magic === 'ustar\u000000' ? text(block.subarray(345, 500)) : ''
  const name = text(block.subarray(0, 100))
  const flag = block[156] ?? 0
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: flag === 0 ? '0' : String.fromCharCode(flag),
    size,
    ...(flag === SYMBOLIC_LINK ? { linkName: text(block.subarray(157, 257)) } : {}),
  }
}

function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20 // the field itself counts as spaces
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte
  return sum
}

/** Octal digits, or base 256 for what does not fit: never negative, never beyond what a number holds exactly. */
function number(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0
  if (first < 0x80) return octal(field)
  if (first !== 0x80) return undefined
  let value = 0
  for (const byte of field.subarray(1)) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : undefined
}

function octal(field: Uint8Array): number | undefined {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(Buffer.from(field).toString('latin1'))?.[1]
  if (digits === undefined) return undefined
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Latin-1 keeps every byte apart from every other: two names that differ on disk never become one. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0)
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('latin1')
}

/**
 * The records of a pax extended header.
 * @throws ERR_BUNDLE_FORMAT where a length does not fit, or a key is there twice
 */
export function parsePaxRecords(bytes: Uint8Array, where: string): ReadonlyMap<string, string> {
  const fail = (why: string): never => {
    throw new TransferError('ERR_BUNDLE_FORMAT', `${where} is not a pax header: ${why}`, {
      side: 'medium',
      subject: where,
    })
  }
  const records = new Map<string, string>()
  const all = Buffer.from(bytes).toString('latin1')
  for (let at = 0; at < all.length; ) {
    const digits = /^[1-9][0-9]{0,7} /.exec(all.slice(at, at + 10))?.[0] ?? fail('a record has no length')
    const end = at + Number(digits)
    const record = all.slice(at + digits.length, end)
    if (end > all.length || !record.endsWith('\n')) fail('a record does not end where its length says')
    const equals = record.indexOf('=')
    if (equals < 1) fail('a record has no key')
    const key = record.slice(0, equals)
    if (records.has(key)) fail(`the key ${JSON.stringify(key.slice(0, 80))} is there twice`)
    records.set(key, record.slice(equals + 1, -1))
    at = end
  }
  return records
}
