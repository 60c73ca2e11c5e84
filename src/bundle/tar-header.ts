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
  const archive = pack()
  const fields = { name, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'file' as const }
  const entry = archive.entry(size < PAX_SIZE ? fields : { ...fields, pax: { size: String(size) } })
  // No body is written here: the archive is given up once it has said how the entry begins.
  entry.on('error', () => undefined)
  return await firstBytes(archive)
}

function firstBytes(archive: Pack): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    archive.on('error', reject)
    archive.on('readable', () => {
      const pieces: Uint8Array[] = []
      for (let piece: unknown = archive.read(); piece instanceof Uint8Array; piece = archive.read()) pieces.push(piece)
      archive.removeListener('error', reject)
      archive.on('error', () => undefined)
      archive.destroy()
      resolve(Buffer.concat(pieces))
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
