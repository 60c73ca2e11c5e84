import { randomBytes } from 'node:crypto'
import { link, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errnoOf, fileFault } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'

/**
 * Writes a small file that is not there yet, and all of it or none, also where the machine stops in the middle; what is
 * there is left as it is.
 * @throws ERR_FILE_EXISTS, ERR_DISK_FULL, ERR_MEDIUM
 */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${randomBytes(6).toString('hex')}.partial`
  try {
    await writeFile(partial, bytes, { mode: 0o644, flag: 'wx', flush: true })
    // A link, and not a new name: that would take the place of what is there.
    await link(partial, path).catch(async (cause: unknown) => {
      // Disks that are carried have file systems without links.
      if (!NO_LINKS.includes(errnoOf(cause) ?? '')) throw cause
      await writeInPlace(path, bytes)
    })
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') {
      const message = `${path} exists already, and is left as it is`
      throw new TransferError('ERR_FILE_EXISTS', message, { cause, side: 'operator', subject: path })
    }
    throw fileFault(`cannot write ${path}`, path, cause)
  } finally {
    await rm(partial, { force: true }).catch(() => undefined)
  }
}

const NO_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

async function writeInPlace(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { mode: 0o644, flag: 'wx', flush: true })
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') await rm(path, { force: true }).catch(() => undefined)
    throw cause
  }
}

/** Requires the folder of a file that will be written: found now, and not when everything is done. @throws ERR_MEDIUM */
export async function requireFolder(path: string): Promise<void> {
  const folder = dirname(resolve(path))
  const facts = await stat(folder).catch(() => undefined)
  if (facts?.isDirectory() === true) return
  throw new TransferError('ERR_MEDIUM', `cannot write ${path}: there is no folder ${folder}`, {
    side: 'operator',
    subject: path,
  })
}
