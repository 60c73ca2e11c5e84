import { rm, writeFile } from 'node:fs/promises'
import { errnoOf, fileFault } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'

/**
 * Writes a small file that is not there yet, and all of it or none; what is there is left as it is.
 * @throws ERR_FILE_EXISTS, ERR_DISK_FULL, ERR_MEDIUM
 */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { mode: 0o644, flag: 'wx', flush: true })
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') {
      const message = `${path} exists already, and is left as it is`
      throw new TransferError('ERR_FILE_EXISTS', message, { cause, side: 'operator', subject: path })
    }
    await rm(path, { force: true }).catch(() => undefined)
    throw fileFault(`cannot write ${path}`, path, cause)
  }
}
