import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { connect } from '../../src/cli/compose.js'
import type { CommandContext } from '../../src/cli/context.js'
import { importerMemory } from '../../src/cli/importer-memory.js'
import type { JournalState } from '../../src/import/journal/fold.js'
import { folderJournals } from '../../src/import/journal/journal.js'
import { readState } from '../../src/import/memory/read-state.js'
import type { ImporterState } from '../../src/import/memory/state.js'
import { aCosignSignature, anImage } from './build.js'
import { APP, aBundle } from './bundles.js'
import type { LoopbackProxy } from './loopback-proxy.js'
import { anImporterFolder, FIXED_KEY, type RunEnd, type Running, startProgram } from './program.js'
import { wholeTags } from './registry-walk.js'
import { STREAM } from './streams.js'
import { CALL, tmpFolder } from './tmp.js'

/** A bundle of the stream, and what its names mean. */
export interface Numbered {
  readonly sequence: number
  readonly path: string
  readonly tags: Readonly<Record<string, string>>
}

/** Small bundles: `latest` moves with each number, and each has a tag of its own and that of a signature. */
export async function numberedBundles(count: number): Promise<readonly Numbered[]> {
  const all: Numbered[] = []
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const image = anImage({ seed: `number ${sequence}`, layers: 2, size: 4_000 })
    const [latest, own] = [image.tagged('latest'), image.tagged(`v${sequence}`)]
    const signature = aCosignSignature(latest)
    const path = await aBundle([latest, own, signature], {
      sources: [`${APP}:latest`, `${APP}:v${sequence}`],
      place: { stream: STREAM, sequence },
    })
    const named = Object.entries({ ...latest.tags, ...own.tags, ...signature.tags })
    all.push({ sequence, path, tags: Object.fromEntries(named.map(([tag, { digest }]) => [tag, digest])) })
  }
  return all
}

/** How far an import had come. */
export type Phase =
  | 'before the content'
  | 'in the content'
  | 'before the names'
  | 'between the names'
  | 'after the names'

export interface KilledImporterGiven {
  readonly proxy: LoopbackProxy
  readonly prefix: string
  readonly bundles: readonly Numbered[]
  /** where it remembers; in a folder of its own without a word */
  readonly state?: 'registry'
}

/** An importer with a folder of its own, and its part of a registry behind a proxy. */
export class KilledImporter {
  readonly #folder: string
  readonly #given: KilledImporterGiven
  readonly #proxy: LoopbackProxy
  readonly #prefix: string
  readonly #bundles: readonly Numbered[]

  private constructor(folder: string, given: KilledImporterGiven) {
    this.#folder = folder
    this.#given = given
    this.#proxy = given.proxy
    this.#prefix = given.prefix
    this.#bundles = given.bundles
  }

  static async make(given: KilledImporterGiven): Promise<KilledImporter> {
    return new KilledImporter(await anImporterFolder(await tmpFolder()), given)
  }

  /** Whoever else imports into the same: on another machine where the state is in the registry, else on this one. */
  async neighbour(): Promise<KilledImporter> {
    return this.#given.state === undefined ? this : await KilledImporter.make(this.#given)
  }

  start({ path }: Numbered): Running {
    const to = `${this.#proxy.host}/${this.#prefix}`
    const { state } = this.#given
    const words = state === undefined ? [] : ['--state', state]
    return startProgram(this.#folder, ['import', path, '--to', to, '--json', '--countersign', ...FIXED_KEY, ...words])
  }

  async run(bundle: Numbered): Promise<RunEnd> {
    this.#proxy.forget()
    return await this.start(bundle).end
  }

  /** What the tags mean; all that is below them is there. */
  async tags(): Promise<Record<string, string>> {
    return await wholeTags(this.#proxy.host, `${this.#prefix}/team/app`)
  }

  async journal(): Promise<JournalState> {
    const folder = this.#given.state === undefined ? 'config/state/journal' : 'config/journal'
    return await folderJournals(join(this.#folder, folder)).read(this.#proxy.host)
  }

  /** The highest number that is remembered; 0 for none. */
  async highest(): Promise<number> {
    const inFolder = this.#given.state === undefined
    const state = inFolder ? await readState(join(this.#folder, 'config/state')) : await this.#registryState()
    return state.get(STREAM)?.highest.sequence ?? 0
  }

  /** As an importer reads it that was born this moment. */
  async #registryState(): Promise<ImporterState> {
    const context: CommandContext = {
      ...{ ...CALL, emit: () => {}, now: () => new Date(), createdAt: () => new Date(), generator: 'test' },
      ...{ configDir: join(this.#folder, 'config'), plainHttp: true },
      ...{ readFile, findPlugin: () => async () => undefined, print: () => {} },
    }
    const connections = connect({}, context)
    try {
      const destination = { registry: this.#proxy.host, prefix: this.#prefix }
      const given = { context, destination, open: connections.openSink, signing: undefined }
      return await (await importerMemory({ state: 'registry', dryRun: true }, given)).recall(CALL)
    } finally {
      await connections.close()
    }
  }

  /** State, journal and registry agree; how far the import of this number has come. */
  async agreed({ sequence, tags: wanted }: Numbered): Promise<Phase> {
    const writes = this.#proxy.count('write') > 0
    const [tags, journal, highest] = [await this.tags(), await this.journal(), await this.highest()]
    await wholeTags(this.#proxy.host, `${this.#prefix}/waybill`)
    for (const one of this.#bundles) {
      const begun = Object.entries(one.tags).some(([tag, digest]) => tags[tag] === digest)
      if (begun) expect(highest, `a name of number ${one.sequence} is there`).toBeGreaterThanOrEqual(one.sequence)
    }
    for (const [tag, digest] of Object.entries(tags)) {
      expect(this.#bundles.map((one) => one.tags[tag])).toContain(digest)
    }
    const set = Object.entries(wanted).filter(([tag, digest]) => tags[tag] === digest).length
    const planned = journal.unfinished?.naming ?? []
    for (const { sequence: other } of this.#bundles) {
      // What is promised to be named is remembered first, or an older one could come in between.
      if (planned.some(({ tag }) => tag === `v${other}`)) expect(highest).toBeGreaterThanOrEqual(other)
    }
    if (set > 0 && journal.unfinished === undefined) expect(set).toBe(Object.keys(wanted).length)
    if (set === Object.keys(wanted).length) return 'after the names'
    if (set > 0) return 'between the names'
    if (highest === sequence) return 'before the names'
    return writes ? 'in the content' : 'before the content'
  }
}
