import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { type MemoryStore, memoryStore } from '../../src/content/memory.js'
import type { ContentSink, ContentSource } from '../../src/content/store.js'
import type { RollbackOptions } from '../../src/import/checks/rollback.js'
import { folderJournals } from '../../src/import/journal/journal.js'
import { folderMemory } from '../../src/import/memory/folder-memory.js'
import type { ImporterMemory } from '../../src/import/memory/memory.js'
import { readState } from '../../src/import/memory/read-state.js'
import { type ImportOptions, type ImportResult, runImport } from '../../src/import/run.js'
import type { Verification } from '../../src/import/verification.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { childrenOf, parseManifest } from '../../src/oci/manifest.js'
import { isManifestType } from '../../src/oci/media-types.js'
import type { Repository } from '../../src/oci/reference.js'
import { type LogFile, nodeLogDisk, type RewriteDisk } from '../../src/state/log-file.js'
import { aCosignSignature, anImage } from './build.js'
import { APP, aBundle, aRepository, opened, verification } from './bundles.js'
import { VERIFIED_AT } from './clock.js'
import { STREAM } from './streams.js'
import { CALL } from './tmp.js'

export const REGISTRY = 'target.example'
export const TOOL = 'registry.example/team/tool'

/** The process is killed. */
export class Killed extends Error {}

/**
 * A registry, a folder with state and journal, and a process that is killed at a step: before something is written or
 * asked, in the middle of a write to the disk, or when it was done and nobody has heard of it.
 */
export class ImportWorld {
  readonly stores = new Map<string, MemoryStore>()
  /** what was asked of the registry, and done to it */
  readonly acts: string[] = []
  readonly folder: string
  steps = 0
  killAt: number | undefined
  /** called before each question to the registry, and each write there */
  before: (act: string) => Promise<void> | void = () => {}
  #dead = false

  constructor(folder: string) {
    this.folder = folder
  }

  /** The same world once more, in a folder of its own. */
  async copy(folder: string): Promise<ImportWorld> {
    const other = new ImportWorld(folder)
    await cp(this.folder, folder, { recursive: true })
    for (const [name, store] of this.stores) {
      const there = other.store(name)
      for (const descriptor of store.stored) {
        for await (const bytes of store.fetch(descriptor, CALL)) there.hold(descriptor, bytes)
      }
      for (const [tag, descriptor] of store.tags) await there.tag(descriptor, tag, CALL)
    }
    return other
  }

  /** Another process, on the same machine. */
  start(killAt?: number): void {
    this.steps = 0
    this.killAt = killAt
    this.#dead = false
    this.acts.length = 0
  }

  /** @throws Killed, whatever the import makes of it */
  async import(found: Verification, given: Partial<ImportOptions> = {}): Promise<ImportResult> {
    try {
      return await this.#run(found, given)
    } catch (cause) {
      throw this.#dead ? new Killed() : cause
    }
  }

  async #run(found: Verification, given: Partial<ImportOptions>): Promise<ImportResult> {
    return await runImport(found, {
      ...CALL,
      destination: { registry: REGISTRY },
      memory: this.memory(),
      journals: folderJournals(join(this.folder, 'journal'), this.disk),
      rollback: await this.rollback(),
      open: this.open,
      now: () => VERIFIED_AT,
      emit: () => {},
      concurrency: 1,
      immutableTags: () => [],
      recheck: false,
      dryRun: false,
      ...given,
    })
  }

  async rollback(): Promise<RollbackOptions> {
    return { state: await readState(this.folder), requireChain: false }
  }

  readonly open = async (repository: Repository): Promise<ContentSource & ContentSink> => {
    const store = this.store(repository.name)
    const act = async <T>(what: string, effect: () => Promise<T>): Promise<T> => {
      const said = `${what} ${repository.name}`
      await this.before(said)
      return await this.#step(async () => {
        this.acts.push(said)
        return await effect()
      })
    }
    return {
      resolve: (selector, call) => act('resolve', () => store.resolve(selector, call)),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      referrers: (subject, call) => store.referrers(subject, call),
      has: (descriptor, call) => act('has', () => store.has(descriptor, call)),
      push: (descriptor, bytes, call) => act('push', () => store.push(descriptor, bytes, call)),
      tag: (descriptor, tag, call) => act(`tag ${tag} of`, () => store.tag(descriptor, tag, call)),
    }
  }

  readonly disk: RewriteDisk = {
    open: async (path) => {
      const file = await nodeLogDisk.open(path)
      try {
        return await this.#step(async () => this.#file(file))
      } catch (cause) {
        await file.close()
        throw cause
      }
    },
    syncFolder: () => this.#step(async () => {}),
    rename: (from, to) => this.#step(() => nodeLogDisk.rename(from, to)),
  }

  memory(): ImporterMemory {
    const real = folderMemory(this.folder)
    return {
      recall: (call) => real.recall(call),
      requireKnown: (stream, known) => real.requireKnown(stream, known),
      take: async (stream, known, call) => {
        const taken = await real.take(stream, known, call)
        return {
          begin: (record, given) => this.#step(() => taken.begin(record, given)),
          requireHeld: () => taken.requireHeld(),
          end: (given) => this.#step(() => taken.end(given)),
          close: () => taken.close(),
        }
      },
    }
  }

  store(name: string): MemoryStore {
    const store = this.stores.get(name) ?? memoryStore()
    this.stores.set(name, store)
    return store
  }

  /** Every tag, with the digest that it means. */
  tags(): Record<string, string> {
    const all = [...this.stores].flatMap(([name, { tags }]) =>
      [...tags].map(([tag, { digest }]) => [`${name}:${tag}`, digest] as const),
    )
    return Object.fromEntries(all.toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }

  /** What a tag needs, and is not there. */
  async missing(): Promise<readonly string[]> {
    const missing: string[] = []
    for (const [name, store] of this.stores) {
      for (const descriptor of store.tags.values()) missing.push(...(await lacking(descriptor, name, store)))
    }
    return missing
  }

  #file(file: LogFile): LogFile {
    return {
      truncate: (size) => this.#step(() => file.truncate(size)),
      write: async (bytes, at) => {
        const half = bytes.subarray(0, bytes.byteLength / 2)
        await this.#step(() => file.write(half, at))
        await this.#step(() => file.write(bytes, at))
      },
      // A process that is killed loses nothing that it has written: only the power does.
      sync: () => this.#step(async () => {}),
      close: () => file.close(),
    }
  }

  async #step<T>(effect: () => Promise<T>): Promise<T> {
    this.#mayDie()
    const done = await effect()
    this.#mayDie()
    return done
  }

  #mayDie(): void {
    if (this.steps === this.killAt) this.#dead = true
    if (this.#dead) throw new Killed()
    this.steps += 1
  }
}

async function lacking(descriptor: Descriptor, name: string, store: MemoryStore): Promise<readonly string[]> {
  if (!(await store.has(descriptor, CALL))) return [`${name}@${descriptor.digest}`]
  if (!isManifestType(descriptor.mediaType)) return []
  const missing: string[] = []
  for await (const bytes of store.fetch(descriptor, CALL)) {
    const manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest)
    for (const child of childrenOf(manifest)) missing.push(...(await lacking(child, name, store)))
  }
  return missing
}

/** A bundle of a stream: two repositories, a tag that moves, one of its own, and a signature under a tag of cosign's. */
export async function aNumberedBundle(sequence: number): Promise<Verification> {
  const image = (name: string) => anImage({ seed: `${name} ${sequence}`, size: 100 })
  const app = image('app').tagged('latest')
  const path = await aBundle([], {
    from: {
      [APP]: await aRepository(app, aCosignSignature(app), image('extra').tagged(`v${sequence}`)),
      [TOOL]: await aRepository(image('tool').tagged('latest')),
    },
    sources: [`${APP}:latest`, `${APP}:v${sequence}`, `${TOOL}:latest`],
    place: { stream: STREAM, sequence },
  })
  return await verification(await opened(path))
}

/** What the tags of a bundle mean once it is loaded. */
export async function tagsOf(found: Verification, folder: string): Promise<Record<string, string>> {
  const world = new ImportWorld(folder)
  await world.import(found)
  return world.tags()
}
