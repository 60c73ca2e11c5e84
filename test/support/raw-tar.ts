export interface RawEntry {
  readonly name: string
  readonly type?: string
  /** where a link leads */
  readonly link?: string
  readonly body?: Uint8Array | string
  /** What the size field says instead of the size of the body. */
  readonly size?: number | Uint8Array
  readonly prefix?: string
  readonly magic?: string
}

/** One entry as bytes, with a right checksum and whatever else was asked for: no library writes such things. */
export function rawEntry(entry: RawEntry): Buffer {
  const body = Buffer.from(entry.body ?? '')
  const header = Buffer.alloc(512)
  header.write(entry.name, 0, 100, 'latin1')
  header.write('0000644\0', 100, 'latin1')
  header.write('0000000\u00000000000\0', 108, 'latin1')
  const size = entry.size ?? body.byteLength
  if (typeof size === 'number') header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  else header.set(size, 124)
  header.write('00000000000\0', 136, 'latin1')
  header.write(entry.type ?? '0', 156, 'latin1')
  header.write(entry.link ?? '', 157, 100, 'latin1')
  header.write(entry.magic ?? 'ustar\u000000', 257, 'latin1')
  header.write(entry.prefix ?? '', 345, 155, 'latin1')
  return Buffer.concat([checksummed(header), body, Buffer.alloc((512 - (body.byteLength % 512)) % 512)])
}

/** The header with the checksum that belongs to it. */
export function checksummed(header: Buffer): Buffer {
  header.write('        ', 148, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

export const TAR_END = Buffer.alloc(1024)

export function rawTar(...entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.map(rawEntry), TAR_END])
}

/** The body of a pax header with these records. */
export function paxBody(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`
      let length = rest.length + 1
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length
      return `${length}${rest}`
    })
    .join('')
}
