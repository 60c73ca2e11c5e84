import type { BigIntStats } from 'node:fs'
import { type FileHandle, lstat, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileFault } from '../content/file-bytes.js'
import type { Bytes } from '../content/store.js'
import { TransferError } from '../errors.js'

// Below this, pieces are gathered: one large write costs less than many small ones.
const GATHER_BYTES = 1024 * 1024

/**
 * A file that has its name only when it is whole: written as `NAME.partial` at any offsets, in any order, flushed to the
 * disk, and then renamed.
 */
export interface PartialFile {
  write(bytes: Uint8Array, at: number): Promise<void>
  /** Writes a stream from an offset on. @returns bytes written */
  writeStream(bytes: Bytes, at: number): Promise<number>
  /** Flushes, gives the file its name, and flushes the folder. @throws ERR_FILE_EXISTS */
  commit(): Promise<void>
  /** Leaves nothing behind. */
  discard(): Promise<void>
}

/**
 * Makes the file. Its folder must be there: where a disk was to be mounted and is not, nothing is written beside it.
 * @param size bytes that the file will have
 * @throws ERR_FILE_EXISTS, ERR_DISK_FULL, ERR_MEDIUM
 */
export async function createPartial(path: string, size: number): Promise<PartialFile> {
  await refuseExisting(path)
  const folder = dirname(resolve(path))
  await refuseSmallDisk(folder, size)
  const partial = `${path}.partial`
  // What a killed export left is taken away, never written over: two exports at a time would mix in one file, and a
  // link that somebody put there would lead out of the folder.
  await rm(partial, { force: true }).catch(fault(partial, 'remove'))
  const file = await open(partial, 'wx', 0o644).catch(fault(partial, 'create'))
  try {
    await file.truncate(size)
    return new OpenPartial(path, { folder, file, identity: await file.stat({ bigint: true }) })
  } catch (cause) {
    await file.close()
    await rm(partial, { force: true })
    return fault(partial, 'reserve space for')(cause)
  }
}

class OpenPartial implements PartialFile {
  readonly #path: string
  readonly #partial: string
  readonly #folder: string
  readonly #file: FileHandle
  readonly #identity: BigIntStats
  #open = true

  constructor(
    path: string,
    given: { readonly folder: string; readonly file: FileHandle; readonly identity: BigIntStats },
  ) {
    this.#path = path
    this.#partial = `${path}.partial`
    this.#folder = given.folder
    this.#file = given.file
    this.#identity = given.identity
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    await this.#flush([bytes], bytes.byteLength, at)
  }

  async writeStream(bytes: Bytes, at: number): Promise<number> {
    let position = at
    let held: Uint8Array[] = []
    let size = 0
    for await (const piece of bytes) {
      held.push(piece)
      size += piece.byteLength
      if (size < GATHER_BYTES) continue
      await this.#flush(held, size, position)
      position += size
      held = []
      size = 0
    }
    if (size > 0) await this.#flush(held, size, position)
    return position + size - at
  }

  async #flush(pieces: readonly Uint8Array[], size: number, at: number): Promise<void> {
    const { bytesWritten } = await this.#file.writev(pieces, at).catch(fault(this.#partial, 'write'))
    if (bytesWritten === size) return
    // A short write is what a disk that fills up gives first; the rest says why.
    const rest = Buffer.concat(pieces, size).subarray(bytesWritten)
    await this.#flush([rest], rest.byteLength, at + bytesWritten)
  }

  async commit(): Promise<void> {
    await this.#file.sync().catch(fault(this.#partial, 'flush'))
    await this.#close()
    await refuseExisting(this.#path)
    if (!(await this.#isOurs())) {
      throw new TransferError('ERR_FILE_EXISTS', `another export is writing ${this.#partial}`, {
        side: 'medium',
        subject: this.#path,
      })
    }
    await rename(this.#partial, this.#path).catch(fault(this.#path, 'rename to'))
    const folder = await open(this.#folder, 'r').catch(fault(this.#folder, 'open'))
    try {
      await folder.sync().catch(fault(this.#folder, 'flush'))
    } finally {
      await folder.close()
    }
  }

  async discard(): Promise<void> {
    await this.#close()
    if (await this.#isOurs()) await rm(this.#partial, { force: true })
  }

  async #isOurs(): Promise<boolean> {
    const found = await lstat(this.#partial, { bigint: true }).catch(() => undefined)
    return found?.ino === this.#identity.ino && found.dev === this.#identity.dev
  }

  async #close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#file.close()
  }
}

/** Lets a file that is there be, before any work is done for it. @throws ERR_FILE_EXISTS */
export async function refuseExisting(path: string): Promise<void> {
  // A link that leads nowhere is there, too: the rename would replace it.
  const there = await lstat(path).then(
    () => true,
    () => false,
  )
  if (!there) return
  throw new TransferError('ERR_FILE_EXISTS', `${path} exists already, and is left as it is`, {
    side: 'medium',
    subject: path,
  })
}

async function refuseSmallDisk(folder: string, size: number): Promise<void> {
  const disk = await statfs(folder).catch(fault(folder, 'look at the disk of'))
  const free = disk.bavail * disk.bsize
  if (free >= size) return
  throw new TransferError('ERR_DISK_FULL', `${folder} has ${free} bytes free, the bundle needs ${size}`, {
    side: 'medium',
    subject: folder,
  })
}

function fault(path: string, what: string): (cause: unknown) => never {
  return (cause) => {
    throw fileFault(`cannot ${what} ${path}`, path, cause)
  }
}
