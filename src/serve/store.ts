import { readdir } from 'node:fs/promises'
import type { Digest } from '../oci/digest.js'
import { parseManifest } from '../oci/manifest.js'
import type { FolderLock } from '../state/folder-lock.js'
import { BlobStore } from './blob-store.js'
import type { Disk } from './disk.js'
import { repositoryOfFolderName } from './file-names.js'
import { FolderSync } from './folder-sync.js'
import { Gate } from './gate.js'
import { ManifestFiles, type ManifestToStore } from './manifest-files.js'
import { blobsOf, foreignLayers } from './manifest-needs.js'
import { Refusal } from './refusal.js'
import { RepositoryFolder } from './repository-folder.js'
import { type UploadFile, UploadFiles } from './upload-file.js'

export interface Places {
  readonly blobs: string
  /** what is not finished; on the same file system, so that a rename makes it final */
  readonly work: string
  readonly repositories: string
}

/** The registry's content on disk. Additions are atomic; a removal waits until no addition is under way. */
export class Store {
  readonly blobs: BlobStore
  readonly uploads: UploadFiles
  readonly #places: Places
  readonly #disk: Disk
  readonly #sync: FolderSync
  readonly #manifests: ManifestFiles
  readonly #gate = new Gate()
  readonly #lock: FolderLock

  constructor(places: Places, disk: Disk, lock: FolderLock) {
    this.#places = places
    this.#disk = disk
    this.#lock = lock
    this.#sync = new FolderSync(disk)
    this.blobs = new BlobStore(disk, places, this.#sync)
    this.uploads = new UploadFiles(disk, places.work)
    this.#manifests = new ManifestFiles({ disk, work: places.work, sync: this.#sync })
  }

  repository(name: string): RepositoryFolder {
    return new RepositoryFolder(name, { root: this.#places.repositories, disk: this.#disk, sync: this.#sync })
  }

  /** The names of all repositories, in the order of their bytes. */
  async repositories(): Promise<string[]> {
    const names = await readdir(this.#places.repositories)
    return names
      .map(repositoryOfFolderName)
      .filter((name) => name !== undefined)
      .sort()
  }

  async holdsBlob(repository: string, digest: Digest): Promise<boolean> {
    return (await this.repository(repository).holdsBlob(digest)) && (await this.blobs.has(digest))
  }

  /** Makes a blob of an upload whose digest has been checked, and takes the file over. */
  async addBlob(repository: string, upload: UploadFile, digest: Digest): Promise<void> {
    await this.#gate.add(async () => {
      // The name in the repository first: without content it means nothing, content without it would be lost space.
      await this.repository(repository).addBlob(digest)
      await this.blobs.admit(upload, digest)
    })
  }

  /** Gives a repository a blob that another one has; false where it has not. */
  async mountBlob(repository: string, digest: Digest, from: string | undefined): Promise<boolean> {
    return await this.#gate.add(async () => {
      const there = from === undefined ? await this.blobs.has(digest) : await this.holdsBlob(from, digest)
      if (there) await this.repository(repository).addBlob(digest)
      return there
    })
  }

  /** False where the repository has no such blob. The content goes with the last repository that has it. */
  async removeBlob(repository: string, digest: Digest): Promise<boolean> {
    return await this.#gate.remove(async () => {
      if (!(await this.holdsBlob(repository, digest))) return false
      const folder = this.repository(repository)
      await folder.dropBlob(digest)
      await folder.settled()
      if (!(await this.#anyHolds(digest))) await this.blobs.remove(digest)
      return true
    })
  }

  /**
   * Stores a manifest, once everything it needs is there and safe.
   * @throws Refusal 404 MANIFEST_BLOB_UNKNOWN
   */
  async addManifest(repository: string, stored: ManifestToStore): Promise<void> {
    const folder = this.repository(repository)
    const children = blobsOf(stored.manifest)
    await this.blobs.settled(children) // the long wait, outside the gate
    await this.#gate.add(async () => {
      const missing = await this.#missing(repository, stored)
      if (missing !== undefined) {
        throw new Refusal(404, 'MANIFEST_BLOB_UNKNOWN', `the manifest names ${missing}, which the repository lacks`)
      }
      await this.blobs.settled(children) // for those that came meanwhile
      await this.#manifests.store(folder, stored)
    })
  }

  async removeTag(repository: string, tag: string): Promise<boolean> {
    return await this.#gate.remove(async () => {
      const folder = this.repository(repository)
      if ((await folder.tagged(tag)) === undefined) return false
      await this.#manifests.removeTag(folder, tag)
      return true
    })
  }

  async removeManifest(repository: string, digest: Digest): Promise<boolean> {
    return await this.#gate.remove(async () => {
      const folder = this.repository(repository)
      const stored = await folder.manifest(digest)
      if (stored === undefined) return false
      const { subject } = parseManifest(stored.bytes, stored.mediaType, digest)
      await this.#manifests.remove(folder, digest, subject?.digest)
      return true
    })
  }

  /** Waits for what is under way and gives the folder back. */
  async close(): Promise<void> {
    await this.blobs.close()
    await this.#lock.release()
  }

  async #missing(repository: string, stored: ManifestToStore): Promise<Digest | undefined> {
    const foreign = new Set<Digest>()
    for (const digest of blobsOf(stored.manifest)) {
      if (await this.holdsBlob(repository, digest)) continue
      if (foreign.size === 0) for (const layer of foreignLayers(stored)) foreign.add(layer)
      if (!foreign.has(digest)) return digest
    }
    return undefined
  }

  async #anyHolds(digest: Digest): Promise<boolean> {
    for (const name of await readdir(this.#places.repositories)) {
      const repository = repositoryOfFolderName(name)
      if (repository !== undefined && (await this.repository(repository).holdsBlob(digest))) return true
    }
    return false
  }
}
