import { limited } from '../content/limited.js'
import type { Bytes, CallOptions } from '../content/store.js'
import { type WatchOptions, watched } from '../content/watched.js'
import type { Emit } from '../events.js'
import type { Digest } from '../oci/digest.js'
import type { CarriedLine } from './inventory.js'
import { archiveBytes } from './offsets.js'
import { createPartial, type PartialFile } from './partial-file.js'
import type { SealedBundle } from './seal.js'

export interface WriteOptions extends CallOptions {
  readonly emit: Emit
  /** Blobs in flight. */
  readonly concurrency: number
  /** Verified bytes of one line of the inventory. */
  readonly fetch: (line: CarriedLine, call: CallOptions) => Bytes
  /** Holds bytes back while somebody has paused the work. */
  readonly ready?: WatchOptions['ready']
  /** Called when everything is written, and the file has no name yet. */
  readonly beforeNaming?: () => Promise<void>
}

export interface BundleSummary {
  readonly path: string
  /** bytes of the archive */
  readonly size: number
  readonly waybill: Digest
}

/**
 * Writes a sealed bundle: every blob goes to its planned place, several at a time, so the bytes do not depend on who
 * came first. The file has its name only when all of it is on the disk; a failure leaves nothing.
 * @throws ERR_FILE_EXISTS, ERR_DISK_FULL, ERR_MEDIUM, and whatever `fetch` throws
 */
export async function writeBundle(sealed: SealedBundle, path: string, given: WriteOptions): Promise<BundleSummary> {
  const size = archiveBytes(sealed.endAt)
  const file = await createPartial(path, size)
  try {
    for (const { header, headerAt, bytes, bodyAt } of sealed.preamble) {
      await file.write(header, headerAt)
      await file.write(bytes, bodyAt)
    }
    await limited(sealed.content, { limit: given.concurrency, signal: given.signal }, (entry, signal) =>
      writeContent(file, entry, { ...given, signal }),
    )
    given.emit({ type: 'stage-started', stage: 'seal' })
    await given.beforeNaming?.()
    await file.commit()
    given.emit({ type: 'stage-ended', stage: 'seal' })
  } catch (cause) {
    await file.discard()
    throw cause
  }
  return { path, size, waybill: sealed.waybill.descriptor.digest }
}

async function writeContent(
  file: PartialFile,
  entry: SealedBundle['content'][number],
  given: WriteOptions,
): Promise<void> {
  const { line, header, headerAt, bodyAt } = entry
  given.emit({ type: 'blob-started', digest: line.digest, size: line.size })
  await file.write(header, headerAt)
  const { ready, signal, emit } = given
  const moved = (bytes: number): void => emit({ type: 'blob-progress', digest: line.digest, bytes })
  await file.writeStream(watched(given.fetch(line, given), { ready, signal, moved }), bodyAt)
  given.emit({ type: 'blob-ended', digest: line.digest, size: line.size, how: 'copied' })
}
