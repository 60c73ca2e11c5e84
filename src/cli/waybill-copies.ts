import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BundleContents } from '../bundle/seal.js'
import { formatWaybillCopy, parseWaybillCopy, WAYBILL_COPY_BYTES } from '../bundle/waybill-copy.js'
import { errnoOf, fileFault } from '../content/file-bytes.js'
import { syncFolder } from '../content/sync-folder.js'
import { TransferError } from '../errors.js'
import { type Digest, encodedOf } from '../oci/digest.js'
import type { CommandContext } from './context.js'

/** `~` is in no name of a stream. */
const FOLDER = join('streams', '~waybills')

/**
 * Keeps what a bundle of a stream lists, so that a later one can build on it when the medium has been carried away.
 * @throws ERR_DISK_FULL, ERR_MEDIUM
 */
export async function keepCopy(
  contents: BundleContents,
  { configDir }: Pick<CommandContext, 'configDir'>,
): Promise<void> {
  const { waybill, bytes } = formatWaybillCopy(contents)
  const path = pathOf(waybill, configDir)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.new`, bytes, { flush: true })
    await rename(`${path}.new`, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw fileFault(`cannot write ${path}`, path, cause)
  }
}

/**
 * What the bundle with this waybill lists, where this exporter has made it.
 * @throws ERR_USAGE where it has not; ERR_CONTENT_MISMATCH, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function readCopy(waybill: Digest, { configDir }: Pick<CommandContext, 'configDir'>) {
  const path = pathOf(waybill, configDir)
  return parseWaybillCopy(await readBytes(path, waybill), waybill)
}

async function readBytes(path: string, waybill: Digest): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size > WAYBILL_COPY_BYTES) {
        const message = `${path} has ${size} bytes, at most ${WAYBILL_COPY_BYTES} are read`
        throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: path })
      }
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    if (errnoOf(cause) !== 'ENOENT') throw fileFault(`cannot read ${path}`, path, cause)
    const message = `nothing here says what the bundle ${waybill} has: it was made elsewhere, or without --stream; name its file`
    throw new TransferError('ERR_USAGE', message, { cause, side: 'operator', subject: waybill })
  }
}

function pathOf(waybill: Digest, configDir: string): string {
  return join(configDir, FOLDER, encodedOf(waybill))
}
