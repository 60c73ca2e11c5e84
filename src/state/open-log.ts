import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { fileFault } from '../content/file-bytes.js'
import { syncFolder } from '../content/sync-folder.js'
import { TransferError } from '../errors.js'
import { type FolderLock, type LockOptions, lockFolder } from './folder-lock.js'
import { appendEntry, logPath, nodeLogDisk, type RewriteDisk, readLog, rewriteLog } from './log-file.js'
import type { Log, LogEnd } from './log-lines.js'

/** A log that this process alone writes, until it is closed. */
export interface OpenLog {
  readonly path: string
  /** what was in it when it was opened */
  readonly log: Log
  /** Returns when the entry would survive a power failure. @throws ERR_DISK_FULL, ERR_MEDIUM */
  append(entry: object): Promise<void>
  /** Puts these entries in the place of all that were there, or leaves those. @throws ERR_DISK_FULL, ERR_MEDIUM */
  rewrite(entries: readonly object[]): Promise<void>
  close(): Promise<void>
}

export interface OpenLogOptions extends Pick<LockOptions, 'busy'> {
  readonly disk: RewriteDisk
}

/**
 * Takes a stream's log for this process, and makes its folder.
 * @throws ERR_STATE_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function openLog(folder: string, stream: string): Promise<OpenLog> {
  const path = logPath(folder, stream)
  const busy = (pid: number): TransferError =>
    new TransferError('ERR_STATE_BUSY', `another command (process ${pid}) works on the stream ${stream}`, {
      side: 'operator',
      subject: path,
    })
  return await openLogFile(path, { busy, disk: nodeLogDisk })
}

/**
 * Takes a log for this process, and makes its folder.
 * @throws what `busy` makes, ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function openLogFile(path: string, { busy, disk }: OpenLogOptions): Promise<OpenLog> {
  const lock = await lockLog(path, busy)
  try {
    const log = await readLog(path)
    let end: LogEnd = log
    return {
      path,
      log,
      append: async (entry) => {
        end = await appendEntry(path, entry, { log: end, disk })
      },
      rewrite: async (entries) => {
        end = await rewriteLog(path, entries, disk)
      },
      close: () => lock.release(),
    }
  } catch (cause) {
    await lock.release()
    throw cause
  }
}

async function lockLog(path: string, busy: LockOptions['busy']): Promise<FolderLock> {
  const folder = dirname(path)
  try {
    const made = await mkdir(folder, { recursive: true })
    // The names of the folders themselves have to be there after a power failure, too.
    if (made !== undefined) {
      for (let at = folder; at.length >= made.length; at = dirname(at)) await syncFolder(dirname(at))
    }
    return await lockFolder(folder, { prefix: `${basename(path)}.lock`, busy })
  } catch (cause) {
    throw cause instanceof TransferError ? cause : fileFault(`cannot write in ${folder}`, folder, cause)
  }
}
