import { type Pack, pack } from 'tar-stream'
import { parseTarHeader, TAR_BLOCK } from '../content/tar-header.js'

export const BLOCK = TAR_BLOCK
/** A tar ends with two empty blocks. */
export const END_BYTES = 2 * BLOCK
/** From here up the size does not fit the header's eleven octal digits. */
const PAX_SIZE = 8 * 1024 ** 3

/** Zero bytes that follow a body of this size, up to the next block. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/**
 * The header of one entry as tar-stream writes it: a regular file, mode 0644, no owner, no time, so that one name and one
 * size have one encoding. A pax record comes before it only where ustar has no room: a size from 8 GiB up, or the name
 * of a sha512 blob.
 */
export async function tarHeader(name: string, size: number): Promise<Uint8Array> {
  if (size >= PAX_SIZE || name.length > NAME_BYTES) return await writtenHeader(name, size)
  template ??= writtenHeader('', 0)
  return filledIn(await template, name, size)
}

// A stream for each of a hundred thousand entries would take longer than hashing them: only what differs is filled in.
let template: Promise<Uint8Array> | undefined
const NAME_BYTES = 100
const SIZE_AT = 124
const CHECKSUM_AT = 148

function filledIn(blank: Uint8Array, name: string, size: number): Uint8Array {
  const header = Buffer.from(blank)
  header.write(name, 0, 'latin1')
  header.write(size.toString(8).padStart(11, '0'), SIZE_AT, 'latin1')
  // The checksum counts its own eight bytes as spaces.
  header.fill(' ', CHECKSUM_AT, CHECKSUM_AT + 8)
  let sum = 0
  for (const byte of header) sum += byte
  header.set(blank.subarray(CHECKSUM_AT, CHECKSUM_AT + 8), CHECKSUM_AT)
  header.write(sum.toString(8).padStart(6, '0'), CHECKSUM_AT, 'latin1')
  return header
}

async function writtenHeader(name: string, size: number): Promise<Uint8Array> {
  const archive = pack()
  const fields = { name, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'file' as const }
  archive.entry(size < PAX_SIZE ? fields : { ...fields, pax: { size: String(size) } })
  return await firstBytes(archive)
}

/**
 * What the archive says before its entry has a body. It is then dropped as it is: it holds nothing that needs closing, and
 * to destroy it would make two errors with stack traces for every entry of a bundle.
 */
function firstBytes(archive: Pack): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    archive.once('error', reject)
    archive.once('readable', () => {
      const pieces: Uint8Array[] = []
      for (let piece: unknown = archive.read(); piece instanceof Uint8Array; piece = archive.read()) pieces.push(piece)
      resolve(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces))
    })
  })
}

export interface FoundHeader {
  readonly name: string
  readonly size: number
  readonly type: string
}

const TYPES: Readonly<Record<string, string>> = {
  '0': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '5': 'folder',
  '6': 'fifo',
  x: 'pax header',
  g: 'global pax header',
  S: 'sparse file',
}

/** What a header block seems to say: only for telling an operator what was found, never for reading on. */
export function glimpse(found: Uint8Array): FoundHeader | undefined {
  try {
    const { name, size, type } = parseTarHeader(found, 'the header')
    return { name, size, type: TYPES[type] ?? 'an entry of unknown type' }
  } catch {
    return undefined
  }
}
