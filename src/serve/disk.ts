import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { errnoOf } from '../content/file-bytes.js'
import { syncFolder } from '../content/sync-folder.js'

/**
 * Everything that changes the store on disk. It is handed in, so that a test can stop the program between any two
 * steps, or lose what was never synced, and look at what is left.
 */
export interface Disk {
  /** With the folders above it; false where it was there. */
  makeFolder(path: string): Promise<boolean>
  /** A new file, open for reading and writing; fails where the name is taken. */
  create(path: string): Promise<FileHandle>
  write(file: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void>
  /** Returns when the bytes of the file would survive a power failure. */
  syncFile(file: FileHandle): Promise<void>
  /** Replaces what is there, in one step. */
  rename(from: string, to: string): Promise<void>
  /** Nothing happens where there is no such file. */
  remove(path: string): Promise<void>
  /** Returns when the names in the folder would survive a power failure. */
  syncFolder(path: string): Promise<void>
}

export const nodeDisk: Disk = {
  makeFolder: async (path) => (await mkdir(path, { recursive: true })) !== undefined,
  create: (path) => open(path, 'wx+'),
  write: writeFully,
  syncFile: (file) => file.datasync(),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  syncFolder,
}

async function writeFully(file: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  const { bytesWritten } = await file.writev([...chunks], position)
  if (bytesWritten === total) return
  // A disk that is nearly full, or a signal, makes the system take less than it was given.
  const rest = Buffer.concat(chunks, total)
  for (let done = bytesWritten; done < total; ) {
    done += (await file.write(rest, done, total - done, position + done)).bytesWritten
  }
}

/** The result, or undefined where there is no such file. */
export async function ifThere<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (cause) {
    // A folder that is missing, and a file where a folder was expected, both mean that there is nothing of that name.
    const code = errnoOf(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw cause
  }
}
