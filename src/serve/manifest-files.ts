import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Digest } from '../oci/digest.js'
import { artifactTypeOf, type Manifest } from '../oci/manifest.js'
import type { Disk } from './disk.js'
import { digestFileName } from './file-names.js'
import type { FolderSync } from './folder-sync.js'
import type { RepositoryFolder, StoredManifest } from './repository-folder.js'

export interface ManifestToStore extends StoredManifest {
  readonly manifest: Manifest
  readonly tags: readonly string[]
}

const ORDER = ['referrer', 'manifest', 'tag'] as const

interface Target {
  readonly part: (typeof ORDER)[number]
  readonly path: string
  readonly content: Uint8Array
}

interface Written extends Target {
  readonly from: string
  named: boolean
}

/** Writes and removes manifests with the tags and referrer entries that belong to them. */
export class ManifestFiles {
  readonly #disk: Disk
  readonly #work: string
  readonly #sync: FolderSync

  constructor(given: { readonly disk: Disk; readonly work: string; readonly sync: FolderSync }) {
    this.#disk = given.disk
    this.#work = given.work
    this.#sync = given.sync
  }

  /**
   * Stores a manifest whose blobs are safe. Everything is written and synced under other names first, then named in an
   * order in which no step shows a name for something that is not there: the referrer entry (which counts only once its
   * manifest is there), the manifest, the tags. Each of them is safe before the next one is named.
   */
  async store(folder: RepositoryFolder, stored: ManifestToStore): Promise<void> {
    await folder.make()
    const files = await this.#targets(folder, stored)
    const [written] = await Promise.all([this.#writeAll(files), folder.settled()])
    try {
      for (const part of ORDER) await this.#name(written.filter((file) => file.part === part))
    } finally {
      await Promise.allSettled(written.filter((file) => !file.named).map((file) => this.#disk.remove(file.from)))
    }
  }

  async removeTag(folder: RepositoryFolder, tag: string): Promise<void> {
    await this.#remove(folder.tagPath(tag))
    await folder.settled()
  }

  /** Removes a manifest: its tags first, so that none names something that is gone, its referrer entry last. */
  async remove(folder: RepositoryFolder, digest: Digest, subject: Digest | undefined): Promise<void> {
    for (const tag of await folder.tags()) {
      if ((await folder.tagged(tag)) === digest) await this.#remove(folder.tagPath(tag))
    }
    await folder.settled()
    await this.#remove(folder.manifestPath(digest))
    await folder.settled()
    if (subject === undefined) return
    const referrers = folder.referrersPath(subject)
    await this.#remove(join(referrers, digestFileName(digest)))
    await this.#sync.sync([referrers])
  }

  async #targets(folder: RepositoryFolder, stored: ManifestToStore): Promise<readonly Target[]> {
    const text = (content: string): Uint8Array => Buffer.from(content, 'utf8')
    const content = Buffer.concat([text(`${stored.mediaType}\n`), stored.bytes])
    const manifest: Target = { part: 'manifest', path: folder.manifestPath(stored.digest), content }
    const tags = stored.tags.map(
      (tag): Target => ({ part: 'tag', path: folder.tagPath(tag), content: text(stored.digest) }),
    )
    const subject = stored.manifest.subject?.digest
    if (subject === undefined) return [manifest, ...tags]
    const referrers = folder.referrersPath(subject)
    if (await this.#disk.makeFolder(referrers)) this.#sync.changed(dirname(referrers))
    const entry = text(JSON.stringify(referrerOf(stored)))
    return [
      { part: 'referrer', path: join(referrers, digestFileName(stored.digest)), content: entry },
      manifest,
      ...tags,
    ]
  }

  async #writeAll(targets: readonly Target[]): Promise<readonly Written[]> {
    const results = await Promise.allSettled(
      targets.map(async (target) => ({ ...target, from: await this.#write(target.content), named: false })),
    )
    const written = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return written
    await Promise.allSettled(written.map((file) => this.#disk.remove(file.from)))
    throw failed.reason
  }

  async #name(files: readonly Written[]): Promise<void> {
    for (const file of files) {
      await this.#disk.rename(file.from, file.path)
      file.named = true
      this.#sync.changed(dirname(file.path))
    }
    await this.#sync.sync(files.map((file) => dirname(file.path)))
  }

  async #write(content: Uint8Array): Promise<string> {
    const path = join(this.#work, randomUUID())
    const file = await this.#disk.create(path)
    try {
      await this.#disk.write(file, [content], 0)
      await this.#disk.syncFile(file)
    } catch (cause) {
      await this.#disk.remove(path).catch(() => {})
      throw cause
    } finally {
      await file.close()
    }
    return path
  }

  async #remove(path: string): Promise<void> {
    await this.#disk.remove(path)
    this.#sync.changed(dirname(path))
  }
}

/** What the Referrers API says of a manifest (distribution-spec, listing referrers). */
function referrerOf(stored: ManifestToStore): object {
  const artifactType = artifactTypeOf(stored.manifest)
  const { annotations } = stored.manifest
  return {
    mediaType: stored.mediaType,
    digest: stored.digest,
    size: stored.bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}
