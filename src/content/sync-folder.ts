import { open } from 'node:fs/promises'
import { errnoOf } from './file-bytes.js'

/** Systems that cannot open a folder (Windows), or file systems that cannot sync one, keep names in order themselves. */
const CANNOT_SYNC = new Set(['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'])

/** Returns when the names in the folder would survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (cause) {
    if (!CANNOT_SYNC.has(errnoOf(cause) ?? '')) throw cause
  }
}
