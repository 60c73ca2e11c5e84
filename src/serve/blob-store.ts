import { type FileHandle, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.js'
import { type Disk, ifThere } from './disk.js'
import { digestFileName } from './file-names.js'
import type { FolderSync } from './folder-sync.js'
import { Lanes } from './gate.js'
import type { UploadFile } from './upload-file.js'

/** More than this would take the threads that serve all other requests to files. */
const SYNC_LANES = 2
/** Files that wait for the disk; further uploads wait with them, so that open files stay few. */
const MAX_SETTLING = 64

interface Settling {
  /** it can be read */
  readonly visible: Promise<void>
  /** it would survive a power failure; rejected where the disk failed */
  readonly safe: Promise<void>
  /** it is safe or has failed; never rejected */
  readonly over: Promise<void>
}

export interface BlobFolders {
  /** the finished blobs, `<algorithm>/<hex>` */
  readonly blobs: string
  /** what is not finished; emptied when the store is opened */
  readonly work: string
}

/**
 * The content of blobs, once for all repositories.
 *
 * A blob has its final name only when its bytes are synced, so that a power failure cannot leave a name with other bytes
 * behind it. The client is not made to wait for that: the blob is served from the work folder meanwhile, the disk
 * writes while the next blob arrives, and only the manifest that names the blobs waits for all of them
 * (`settled`). What a crash can take is therefore a blob that no manifest names yet; it is gone entirely, and pushed again.
 */
export class BlobStore {
  readonly #disk: Disk
  readonly #folders: BlobFolders
  readonly #sync: FolderSync
  readonly #lanes = new Lanes(SYNC_LANES)
  readonly #settling = new Map<Digest, Settling>()

  constructor(disk: Disk, folders: BlobFolders, sync: FolderSync) {
    this.#disk = disk
    this.#folders = folders
    this.#sync = sync
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.sizeOf(digest)) !== undefined
  }

  /** bytes, or undefined where there is no such blob */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    return (await this.#find(digest, (path) => stat(path)))?.size
  }

  /** The open file, which the caller closes; undefined where there is no such blob. */
  async open(digest: Digest): Promise<FileHandle | undefined> {
    return await this.#find(digest, (path) => open(path, 'r'))
  }

  /** Takes over a file whose digest has been checked. When this returns the blob can be read. */
  async admit(upload: UploadFile, digest: Digest): Promise<void> {
    while (this.#settling.size >= MAX_SETTLING) await Promise.race([...this.#settling.values()].map((one) => one.over))
    const there = this.#settling.has(digest) || (await this.has(digest))
    // Somebody may have begun with the same blob while we looked: two must not be given one name in the work folder.
    const other = this.#settling.get(digest)
    if (there || other !== undefined) {
      await upload.discard()
      await other?.visible
      return
    }
    const visible = this.#disk.rename(upload.path, this.#staged(digest))
    const safe = this.#lanes.run(() => this.#settle(upload, digest, visible))
    const over = safe.catch(() => {})
    this.#settling.set(digest, { visible, safe, over })
    await visible
  }

  /** Returns when these blobs would survive a power failure. Fails where the disk could not write one of them. */
  async settled(digests: Iterable<Digest>): Promise<void> {
    const wanted = [...digests]
    await Promise.all(wanted.map((digest) => this.#settling.get(digest)?.safe))
    await this.#sync.sync(wanted.map((digest) => this.#folder(digest)))
  }

  async remove(digest: Digest): Promise<void> {
    await this.#settling.get(digest)?.over
    await this.#disk.remove(this.#path(digest))
    this.#sync.changed(this.#folder(digest))
  }

  /** Returns when nothing is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#settling.values()].map((one) => one.over))
  }

  async #settle(upload: UploadFile, digest: Digest, visible: Promise<void>): Promise<void> {
    try {
      await visible
      await this.#disk.syncFile(upload.file)
      await upload.file.close()
      await this.#disk.rename(this.#staged(digest), this.#path(digest))
      this.#sync.changed(this.#folder(digest))
    } catch (cause) {
      // Bytes that the disk did not take are no blob: it is pushed again, and no manifest can name it.
      await upload.discard().catch(() => {})
      await this.#disk.remove(this.#staged(digest)).catch(() => {})
      throw cause
    } finally {
      this.#settling.delete(digest)
    }
  }

  /** A blob may move to its final name between two looks, so that its final place is looked at before and after. */
  async #find<T>(digest: Digest, look: (path: string) => Promise<T>): Promise<T | undefined> {
    const final = this.#path(digest)
    for (const path of this.#settling.has(digest) ? [final, this.#staged(digest), final] : [final]) {
      const found = await ifThere(look(path))
      if (found !== undefined) return found
    }
    return undefined
  }

  #folder(digest: Digest): string {
    return join(this.#folders.blobs, algorithmOf(digest))
  }

  #path(digest: Digest): string {
    return join(this.#folder(digest), encodedOf(digest))
  }

  #staged(digest: Digest): string {
    return join(this.#folders.work, digestFileName(digest))
  }
}
