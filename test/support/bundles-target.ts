import { type MemoryStore, memoryStore } from '../../src/content/memory.js'
import type { CallOptions, ContentSink, ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import { childrenOf, parseManifest } from '../../src/oci/manifest.js'
import { isManifestType } from '../../src/oci/media-types.js'
import { formatRepository, type Repository } from '../../src/oci/reference.js'

/** One thing that was asked of a repository at the target. */
export interface Act {
  readonly kind: 'push' | 'mount' | 'tag'
  readonly repository: string
  readonly digest: Digest
  readonly tag?: string
}

/** A target in memory that writes down what is done to it, and refuses what a strict registry refuses. */
export class Target {
  readonly acts: Act[] = []
  readonly stores = new Map<string, MemoryStore>()
  /** Called before each push or tag; throws to make it fail. */
  before: (act: Act) => void = () => {}
  mounts = true
  /** Refuses a referrer whose subject is not there; a root may be a referrer of what another root brings. */
  subjectsToo = true

  readonly open = async (repository: Repository): Promise<ContentSource & ContentSink> => {
    const name = formatRepository(repository)
    const store = this.store(name)
    const act = (one: Omit<Act, 'repository'>): void => {
      this.before({ ...one, repository: name })
      this.acts.push({ ...one, repository: name })
    }
    return {
      resolve: (selector, call) => store.resolve(selector, call),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      referrers: (subject, call) => store.referrers(subject, call),
      has: (descriptor, call) => store.has(descriptor, call),
      push: async (descriptor, bytes, call) => {
        await store.push(descriptor, bytes, call)
        act({ kind: 'push', digest: descriptor.digest })
        await this.#requireParts(store, descriptor, call)
      },
      tag: async (descriptor, tag, call) => {
        act({ kind: 'tag', digest: descriptor.digest, tag })
        await store.tag(descriptor, tag, call)
      },
      mount: async (descriptor, from, call) => {
        const there = this.store(formatRepository(from))
        if (!this.mounts || !(await there.has(descriptor, call))) return false
        await store.push(descriptor, there.fetch(descriptor, call), call)
        act({ kind: 'mount', digest: descriptor.digest })
        return true
      },
    }
  }

  store(name: string): MemoryStore {
    const store = this.stores.get(name) ?? memoryStore()
    this.stores.set(name, store)
    return store
  }

  pushed(): readonly Digest[] {
    return this.acts.flatMap(({ kind, digest }) => (kind === 'push' ? [digest] : []))
  }

  /** A registry takes a manifest only where its parts are; we want the subject there too. */
  async #requireParts(store: MemoryStore, descriptor: Descriptor, call: CallOptions): Promise<void> {
    if (!isManifestType(descriptor.mediaType)) return
    for await (const bytes of store.fetch(descriptor, call)) {
      const manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest)
      const subject = manifest.subject === undefined || !this.subjectsToo ? [] : [manifest.subject]
      for (const part of [...childrenOf(manifest), ...subject]) {
        if (await store.has(part, call)) continue
        throw new TransferError('ERR_REGISTRY_PROTOCOL', `MANIFEST_BLOB_UNKNOWN ${part.digest}`)
      }
    }
  }
}
