import { type FileHandle, open, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, fileFault } from '../content/file-bytes.js'
import { syncFolder } from '../content/sync-folder.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { EMPTY_LOG, endAfter, formatLine, type Log, type LogEnd, parseLog } from './log-lines.js'

const SUFFIX = '.jsonl'

/** Everything that an append does to the disk; handed in, so that a test can stop it anywhere, or lose what was not synced. */
export interface LogDisk {
  /** Opens for writing, and makes the file where it is not there. */
  open(path: string): Promise<LogFile>
  syncFolder(path: string): Promise<void>
}

/** For logs that are not only added to. */
export interface RewriteDisk extends LogDisk {
  rename(from: string, to: string): Promise<void>
}

export interface LogFile {
  truncate(size: number): Promise<void>
  write(bytes: Uint8Array, at: number): Promise<void>
  /** Returns when bytes and size would survive a power failure. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** The real one. */
export const nodeLogDisk: RewriteDisk = {
  open: async (path) => {
    const file = await open(path, 'a').then(async (made) => {
      await made.close()
      return await open(path, 'r+')
    })
    return {
      truncate: (size) => file.truncate(size),
      write: (bytes, at) => writeFully(file, bytes, at),
      sync: () => file.sync(),
      close: () => file.close(),
    }
  },
  syncFolder,
  rename,
}

async function writeFully(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    done += (await file.write(bytes, done, bytes.byteLength - done, at + done)).bytesWritten
  }
}

/** Where a stream's log is in a folder. `~` is in no name of a stream. */
export function logPath(folder: string, stream: string): string {
  return join(folder, `${stream.replaceAll('/', '~')}${SUFFIX}`)
}

/**
 * Reads a log; one that is not there is empty.
 * @throws ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function readLog(path: string): Promise<Log> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const { size } = await file.stat()
    if (size > LIMITS.streamFileBytes) {
      const message = `${path} has ${size} bytes, at most ${LIMITS.streamFileBytes} are read`
      throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: path })
    }
    return parseLog(await file.readFile(), path)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return EMPTY_LOG
    throw cause instanceof TransferError ? cause : fileFault(`cannot read ${path}`, path, cause)
  } finally {
    await file?.close()
  }
}

/**
 * The streams that a folder has logs of, in order; none where there is no folder.
 * @throws ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function loggedStreams(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return []
    throw fileFault(`cannot read ${folder}`, folder, cause)
  })
  const streams = names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length).replaceAll('~', '/'))
  if (streams.length <= LIMITS.streams) return streams.sort()
  const message = `${folder} remembers ${streams.length} streams, at most ${LIMITS.streams} are read`
  throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: folder })
}

/**
 * Adds an entry to a log that nobody else writes meanwhile, and returns when it would survive a power failure. The line
 * feed is what completes it, and is written when all before it is safe: so whatever stops the machine, the line is whole
 * or dropped, and a line that is whole and wrong has been damaged later.
 * @param log where the file ends now
 * @returns where it ends then
 * @throws ERR_DISK_FULL, ERR_MEDIUM
 */
export async function appendEntry(
  path: string,
  entry: object,
  { log, disk }: { readonly log: LogEnd; readonly disk: LogDisk },
): Promise<LogEnd> {
  const bytes = formatLine(entry, log.head)
  const end = log.size + bytes.byteLength
  try {
    const file = await disk.open(path)
    try {
      await file.truncate(log.size)
      await file.write(bytes, log.size)
      await file.sync()
      await disk.syncFolder(dirname(path))
      await file.write(Buffer.from('\n'), end)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw fileFault(`cannot write ${path}`, path, cause)
  }
  return endAfter(log, entry)
}

/**
 * Puts a log with these entries in the place of the one that is there: whatever stops the machine, it is the old one or
 * the new one.
 * @throws ERR_DISK_FULL, ERR_MEDIUM
 */
export async function rewriteLog(path: string, entries: readonly object[], disk: RewriteDisk): Promise<LogEnd> {
  const lines: Uint8Array[] = []
  let end: LogEnd = EMPTY_LOG
  for (const entry of entries) {
    lines.push(formatLine(entry, end.head), Buffer.from('\n'))
    end = endAfter(end, entry)
  }
  const made = `${path}.new`
  try {
    const file = await disk.open(made)
    try {
      await file.truncate(0)
      await file.write(Buffer.concat(lines), 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await disk.rename(made, path)
    await disk.syncFolder(dirname(path))
  } catch (cause) {
    throw fileFault(`cannot write ${path}`, path, cause)
  }
  return end
}
