import { open } from 'node:fs/promises'
import { TransferError } from '../errors.js'
import { fileFault } from './file-bytes.js'
import type { TarFile, TarMember } from './tar-members.js'

/**
 * Opens a tar for whoever reads it at offsets. Where `use` fails the file is closed again; else it is the user's to close.
 * @throws ERR_MEDIUM, ERR_BUNDLE_FORMAT for what is no regular file, or compressed as a whole
 */
export async function withTarFile<T>(path: string, use: (tar: TarFile) => Promise<T>): Promise<T> {
  const handle = await open(path).catch((cause: unknown) => {
    throw fileFault(`cannot open ${path}`, path, cause)
  })
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw refused(path, 'it is not a regular file')
    const tar = { handle, path, size: found.size }
    const compression = await compressionAt(tar, { offset: 0, size: tar.size })
    if (compression !== undefined) throw refused(path, `it is compressed with ${compression}; decompress it first`)
    return await use(tar)
  } catch (cause) {
    await handle.close()
    throw cause
  }
}

const COMPRESSED = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a58'],
  ['bzip2', '425a68'],
] as const

/** What compressed these bytes, by how they begin; undefined where nothing did. @throws ERR_MEDIUM */
export async function compressionAt(
  { handle, path }: TarFile,
  { offset, size }: Pick<TarMember, 'offset' | 'size'>,
): Promise<string | undefined> {
  const length = Math.min(4, size)
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset).catch((cause: unknown) => {
    throw fileFault(`cannot read ${path}`, path, cause)
  })
  const start = buffer.toString('hex')
  return COMPRESSED.find(([, magic]) => start.startsWith(magic))?.[0]
}

function refused(path: string, why: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${path} is refused: ${why}`, { side: 'medium', subject: path })
}
