import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { isDigest } from '../oci/digest.js'
import { blobPath } from '../oci/image-layout.js'
import { errnoOf, type FileRange, fileBytes, fileFault } from './file-bytes.js'
import { type ImageLayout, type LayoutFiles, openLayout, type StoredBlob } from './image-layout.js'

import type { Bytes, CallOptions } from './store.js'

/**
 * Opens an image layout in a folder. Symbolic links in it are refused: they would make a file of this machine part of
 * what is sent.
 * @throws ERR_MEDIUM, ERR_BUNDLE_FORMAT, ERR_BUNDLE_VERSION, ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS, ERR_LIMIT_EXCEEDED
 */
export async function openLayoutFolder(folder: string, call: CallOptions): Promise<ImageLayout> {
  const algorithms = await readdir(folder)
    .then(() => folderNames(join(folder, 'blobs')))
    .catch((cause: unknown) => {
      throw cause instanceof TransferError ? cause : fileFault(`cannot read the folder ${folder}`, folder, cause)
    })
  for (const name of algorithms)
    if (name === 'sha256' || name === 'sha512') await folderNames(join(folder, 'blobs', name))
  return await openLayout(new FolderFiles(folder), call)
}

class FolderFiles implements LayoutFiles {
  readonly where: string

  constructor(folder: string) {
    this.where = folder
  }

  async sizeOf(name: string): Promise<number | undefined> {
    const path = join(this.where, name)
    const found = await lstat(path).catch((cause: unknown) => absentOr(path, cause))
    if (found === undefined) return undefined
    if (!found.isFile()) throw notRegular(path)
    return found.size
  }

  async *read(name: string, range: FileRange): Bytes {
    const path = join(this.where, name)
    const handle = await openRegular(path)
    try {
      yield* fileBytes(handle, { ...range, path })
    } finally {
      await handle.close()
    }
  }

  async blobs(call: CallOptions): Promise<readonly StoredBlob[]> {
    const found: StoredBlob[] = []
    for (const algorithm of ['sha256', 'sha512']) {
      for (const encoded of await folderNames(join(this.where, 'blobs', algorithm))) {
        call.signal.throwIfAborted()
        const digest = `${algorithm}:${encoded}`
        if (!isDigest(digest)) continue
        if (found.length >= LIMITS.graphNodes) throw tooMany(this.where)
        const size = await this.sizeOf(blobPath(digest))
        if (size !== undefined) found.push({ digest, size })
      }
    }
    return found.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  }

  async close(): Promise<void> {}
}

/** Opens a regular file and nothing else: a link leads elsewhere, and a pipe would never answer. */
async function openRegular(path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw errnoOf(cause) === 'ELOOP' ? notRegular(path) : fileFault(`cannot open ${path}`, path, cause)
  })
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw notRegular(path)
}

/** What a real folder holds; nothing where there is none. */
async function folderNames(path: string): Promise<readonly string[]> {
  const found = await lstat(path).catch((cause: unknown) => absentOr(path, cause))
  if (found === undefined) return []
  if (!found.isDirectory()) throw notRegular(path)
  return await readdir(path).catch((cause: unknown) => {
    throw fileFault(`cannot read the folder ${path}`, path, cause)
  })
}

function absentOr(path: string, cause: unknown): undefined {
  if (errnoOf(cause) === 'ENOENT') return undefined
  throw fileFault(`cannot look at ${path}`, path, cause)
}

function notRegular(path: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${path} is refused: it is a link or another special file`, {
    side: 'source',
    subject: path,
  })
}

function tooMany(where: string): TransferError {
  return new TransferError(
    'ERR_LIMIT_EXCEEDED',
    `${where} has more than the ${LIMITS.graphNodes} blobs that are read`,
    {
      subject: where,
    },
  )
}
