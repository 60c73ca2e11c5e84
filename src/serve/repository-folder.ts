import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../content/file-bytes.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { type Disk, ifThere } from './disk.js'
import { digestFileName, repositoryFolderName, tagFileName, tagOfFileName } from './file-names.js'
import type { FolderSync } from './folder-sync.js'

export interface StoredManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * What one repository has: blobs that it may serve, manifests, tags, referrers.
 *
 *     blobs/<digest>                  empty: the blob was pushed or mounted here
 *     manifests/<digest>              the media type, a line feed, the bytes as they came
 *     tags/<tag>                      a digest
 *     referrers/<subject>/<digest>    the descriptor that the Referrers API gives
 */
export class RepositoryFolder {
  readonly name: string
  readonly path: string
  readonly #root: string
  readonly #disk: Disk
  readonly #sync: FolderSync

  constructor(name: string, given: { readonly root: string; readonly disk: Disk; readonly sync: FolderSync }) {
    this.name = name
    this.path = join(given.root, repositoryFolderName(name))
    this.#root = given.root
    this.#disk = given.disk
    this.#sync = given.sync
  }

  async exists(): Promise<boolean> {
    return await isThere(this.path)
  }

  async make(): Promise<void> {
    const made = await Promise.all(PARTS.map((part) => this.#disk.makeFolder(join(this.path, part))))
    if (!made.includes(true)) return
    this.#sync.changed(this.#root)
    this.#sync.changed(this.path)
  }

  /** Returns when everything that was stored here before the call would survive a power failure. */
  async settled(): Promise<void> {
    await this.#sync.sync([this.#root, this.path, ...PARTS.map((part) => join(this.path, part))])
  }

  // Without this a repository would serve what was pushed to another one to anybody who knows its digest.
  async holdsBlob(digest: Digest): Promise<boolean> {
    return await isThere(this.#blob(digest))
  }

  async addBlob(digest: Digest): Promise<void> {
    try {
      await (await this.#disk.create(this.#blob(digest))).close()
    } catch (cause) {
      const code = errnoOf(cause)
      if (code === 'EEXIST') return
      if (code !== 'ENOENT') throw cause
      await this.make()
      return await this.addBlob(digest)
    }
    this.#sync.changed(join(this.path, 'blobs'))
  }

  async dropBlob(digest: Digest): Promise<void> {
    await this.#disk.remove(this.#blob(digest))
    this.#sync.changed(join(this.path, 'blobs'))
  }

  async manifest(digest: Digest): Promise<StoredManifest | undefined> {
    const stored = await ifThere(readFile(this.manifestPath(digest)))
    if (stored === undefined) return undefined
    const end = stored.indexOf(0x0a)
    return { digest, mediaType: stored.toString('latin1', 0, end), bytes: stored.subarray(end + 1) }
  }

  async holdsManifest(digest: Digest): Promise<boolean> {
    return await isThere(this.manifestPath(digest))
  }

  async tagged(tag: string): Promise<Digest | undefined> {
    const text = await ifThere(readFile(this.tagPath(tag), 'latin1'))
    return text !== undefined && isDigest(text) ? text : undefined
  }

  /** All tags, in the order of their bytes. */
  async tags(): Promise<string[]> {
    const names = (await ifThere(readdir(join(this.path, 'tags')))) ?? []
    return names
      .map(tagOfFileName)
      .filter((tag) => tag !== undefined)
      .sort()
  }

  manifestPath(digest: Digest): string {
    return join(this.path, 'manifests', digestFileName(digest))
  }

  tagPath(tag: string): string {
    return join(this.path, 'tags', tagFileName(tag))
  }

  referrersPath(subject: Digest): string {
    return join(this.path, 'referrers', digestFileName(subject))
  }

  #blob(digest: Digest): string {
    return join(this.path, 'blobs', digestFileName(digest))
  }
}

const PARTS = ['blobs', 'manifests', 'tags', 'referrers']

async function isThere(path: string): Promise<boolean> {
  return (await ifThere(access(path).then(() => true))) ?? false
}
