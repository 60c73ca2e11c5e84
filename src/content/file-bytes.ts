import { type FileHandle, open } from 'node:fs/promises'
import { TransferError } from '../errors.js'
import type { Bytes } from './store.js'

export interface FileRange {
  readonly signal: AbortSignal
  /** bytes before the first one; 0 where it is not given */
  readonly offset?: number
  /** bytes that must be there; up to the end of the file where it is not given */
  readonly size?: number
  /** names the file in errors, where a handle is handed in */
  readonly path?: string
}

/** bytes that are read at once; smaller pieces cost more than any other choice here */
const PIECE = 1024 * 1024

/**
 * Bytes of a file, or of a range of it, in pieces of up to 1 MiB, one of them read ahead. Every piece is a buffer of
 * its own, which the consumer may keep. A handle that was handed in is left open, so several ranges of one file can be
 * read at the same time, and a file that is renamed or replaced in between stays the same file.
 * @throws ERR_MEDIUM where the file cannot be read, ERR_CONTENT_MISMATCH where it ends before `size` bytes
 */
export async function* fileBytes(file: string | FileHandle, range: FileRange): Bytes {
  range.signal.throwIfAborted()
  if (typeof file !== 'string') {
    yield* pieces(file, range, range.path ?? 'the open file')
    return
  }
  const handle = await open(file).catch((cause: unknown) => {
    throw fileFault(`cannot open ${file}`, file, cause)
  })
  try {
    yield* pieces(handle, range, file)
  } finally {
    await handle.close()
  }
}

async function* pieces(handle: FileHandle, range: FileRange, path: string): Bytes {
  const { offset = 0, size = Number.POSITIVE_INFINITY, signal } = range
  let at = 0
  let ahead = readAhead(handle, offset, size)
  try {
    for (;;) {
      const piece = await ahead.catch((cause: unknown) => {
        throw fileFault(`cannot read ${path} at byte ${offset + at}`, path, cause)
      })
      signal.throwIfAborted()
      at += piece.byteLength
      if (piece.byteLength === 0) break
      ahead = readAhead(handle, offset + at, size - at)
      yield piece
    }
  } finally {
    // The read that is under way owns its buffer and the handle: nobody closes either below it.
    await ahead.catch(() => undefined)
  }
  if (at < size && size !== Number.POSITIVE_INFINITY) {
    throw new TransferError(
      'ERR_CONTENT_MISMATCH',
      `${path} ends ${size - at} bytes before the ${offset + size} it should have`,
      {
        side: 'medium',
        subject: path,
      },
    )
  }
}

function readAhead(handle: FileHandle, position: number, left: number): Promise<Uint8Array> {
  const piece = readPiece(handle, position, left)
  // Its failure is thrown when the piece is asked for; until then nobody waits for it, and Node would end the process.
  piece.catch(() => undefined)
  return piece
}

async function readPiece(handle: FileHandle, position: number, left: number): Promise<Uint8Array> {
  const length = Math.min(PIECE, left)
  if (length <= 0) return new Uint8Array(0)
  const buffer = Buffer.allocUnsafeSlow(length)
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  return bytesRead === length ? buffer : buffer.subarray(0, bytesRead)
}

/** What a failed file operation is called: a full disk is not a broken one, and the operator does other things then. */
export function fileFault(what: string, path: string, cause: unknown): TransferError {
  const reason = errnoOf(cause)
  const code = reason === 'ENOSPC' || reason === 'EDQUOT' ? 'ERR_DISK_FULL' : 'ERR_MEDIUM'
  return new TransferError(code, `${what}${reason === undefined ? '' : ` (${reason})`}`, {
    cause,
    side: 'medium',
    subject: path,
  })
}

/** `ENOENT` and its like, of an error that the file system gave. */
export function errnoOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}
