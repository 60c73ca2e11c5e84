import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { fileFault } from '../content/file-bytes.js'
import { syncFolder } from '../content/sync-folder.js'
import { TransferError } from '../errors.js'
import { type FolderLock, lockFolder } from './folder-lock.js'
import { appendEntry, logPath, nodeLogDisk, readLog } from './log-file.js'
import type { Log } from './log-lines.js'

/** A stream's log that this process alone writes, until it is closed. */
export interface OpenLog {
  readonly path: string
  readonly log: Log
  /** Returns when the entry would survive a power failure. To be called once. @throws ERR_DISK_FULL, ERR_MEDIUM */
  append(entry: object): Promise<void>
  close(): Promise<void>
}

/**
 * Takes a stream's log for this process, and makes its folder.
 * @throws ERR_STATE_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED
 */
export async function openLog(folder: string, stream: string): Promise<OpenLog> {
  const path = logPath(folder, stream)
  const lock = await lockLog(folder, { path, stream })
  try {
    const log = await readLog(path)
    return {
      path,
      log,
      append: (entry) => appendEntry(path, entry, { log, disk: nodeLogDisk }),
      close: () => lock.release(),
    }
  } catch (cause) {
    await lock.release()
    throw cause
  }
}

async function lockLog(
  folder: string,
  { path, stream }: { readonly path: string; readonly stream: string },
): Promise<FolderLock> {
  const busy = (pid: number): TransferError =>
    new TransferError('ERR_STATE_BUSY', `another command (process ${pid}) works on the stream ${stream}`, {
      side: 'operator',
      subject: path,
    })
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
