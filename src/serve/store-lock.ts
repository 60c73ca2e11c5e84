import { TransferError } from '../errors.js'
import { type FolderLock, lockFolder } from '../state/folder-lock.js'

/**
 * Takes the store for this process: two servers on one folder would sweep away each other's uploads.
 * @throws ERR_STORE_BUSY
 */
export async function lockStore(folder: string): Promise<FolderLock> {
  const busy = (pid: number): TransferError =>
    new TransferError('ERR_STORE_BUSY', `the store ${folder} is in use by another server (process ${pid})`, {
      side: 'operator',
      subject: folder,
    })
  return await lockFolder(folder, { prefix: 'lock', busy })
}
