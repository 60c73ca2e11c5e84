import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../src/errors.js'
import { type AccessLine, type RunningRegistry, startRegistry } from '../src/serve/registry-server.js'
import { COMMANDS, type CommandGiven, trustingFolder } from './support/bundles-commands.js'
import { readVector } from './support/bundles-vectors.js'
import { MADE_AT } from './support/clock.js'
import { tmpFolder } from './support/tmp.js'

const FOLDER = fileURLToPath(new URL('vectors/', import.meta.url))

interface Expected {
  readonly now: string
  readonly verdict: string
  readonly code?: ErrorCode
  readonly after?: string
}

const VECTORS = readdirSync(FOLDER)
  .filter((name) => existsSync(join(FOLDER, name, 'expect.json')))
  .map((name) => ({ name, ...(JSON.parse(readFileSync(join(FOLDER, name, 'expect.json'), 'utf8')) as Expected) }))
const REFUSED = VECTORS.filter(({ verdict }) => verdict !== 'verified')
const VERIFIED = VECTORS.filter(({ verdict }) => verdict === 'verified')
// Sound in themselves; but who imports at that time has a wrong clock, or a bundle from the future.
const FROM_THE_FUTURE = VERIFIED.filter(({ now }) => new Date(now) < MADE_AT)
const LOADED = VERIFIED.filter((vector) => !FROM_THE_FUTURE.includes(vector))

const EXIT: Readonly<Record<string, number>> = { refused: 4, 'not-authentic': 5, damaged: 6 }

describe('what an operator does with the vectors', () => {
  const requests: AccessLine[] = []
  let registry: RunningRegistry
  let store: string
  let config: string

  beforeAll(async () => {
    // The folder of one test is gone after it; these are for all of them.
    const folder = await mkdtemp(join(tmpdir(), 'waybill-hostile-'))
    config = await trustingFolder(join(folder, 'config'))
    store = join(folder, 'store')
    registry = await startRegistry({ store, host: '127.0.0.1', port: 0, log: (line) => requests.push(line) })
    return async () => {
      await registry.close()
      await rm(folder, { recursive: true })
    }
  })

  async function given({ name, now }: { name: string; now: string }): Promise<[string, CommandGiven]> {
    const path = join(await tmpFolder(), 'bundle.tar')
    await writeFile(path, await readVector(name))
    return [path, { config, now: new Date(now), target: registry.url }]
  }

  const writes = () => requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')
  const stored = async () => (await readdir(store, { recursive: true })).toSorted()

  // The refused ones come first: nothing of the others is there that would make a write needless.
  it.each(REFUSED)('import refuses $name with its code, and asks the target for nothing', async (vector) => {
    const [path, target] = await given(vector)
    const before = await stored()

    const found = await COMMANDS.import(path, target)

    expect(found.code).toBe(vector.code)
    expect(found.exit).not.toBe(0)
    expect(writes()).toEqual([])
    expect(requests).toEqual([])
    expect(await stored()).toEqual(before)
  })

  // Where the clock is before all that was made, the importer's own key is not valid yet either.
  it.each(REFUSED.filter(({ now }) => new Date(now) >= MADE_AT))(
    'import refuses $name also under a policy that asks for little, and only reads its state at the target',
    async (vector) => {
      const [path, target] = await given(vector)
      const before = await stored()

      const found = await COMMANDS.importWithEverything(path, target)

      expect(found.code).toBe(vector.code)
      expect(found.exit).not.toBe(0)
      expect(requests.length).toBeGreaterThan(0)
      expect(writes()).toEqual([])
      expect(await stored()).toEqual(before)
      requests.length = 0
    },
  )

  it.each(REFUSED)('verify refuses $name with its code and exit status', async (vector) => {
    const [path, target] = await given(vector)

    const found = await COMMANDS.verify(path, target)

    expect(found.code).toBe(vector.code)
    expect(found.exit).toBe(EXIT[vector.verdict])
    expect(requests).toEqual([])
  })

  it.each(VECTORS)(
    'verify --review of $name ends as verify does, and prints nothing that a terminal obeys',
    async (vector) => {
      const [path, target] = await given(vector)

      const found = await COMMANDS.review(path, target)

      const { code, exit } = await COMMANDS.verify(path, target)
      expect([found.code, found.exit]).toEqual([code, exit])
      expect(found.lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    },
  )

  it.each(VECTORS)('inspect refuses $name, or says that nothing of it is verified', async (vector) => {
    const [path, target] = await given(vector)

    const found = await COMMANDS.inspect(path, target)

    if (found.exit === 0) expect(found.output).toMatchObject({ verified: false })
    else expect(found.code).toBe(vector.code)
    expect(found.lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
  })

  it.each(FROM_THE_FUTURE)('import refuses $name by a clock that is before it was made', async (vector) => {
    const [path, target] = await given(vector)

    const found = await COMMANDS.import(path, target)

    expect(found).toMatchObject({ exit: 4, code: 'ERR_CLOCK_BACK' })
    expect(requests).toEqual([])
  })

  it.each(LOADED.filter(({ after }) => after !== undefined))(
    'import only asks for what $name does not carry, and refuses it where that is missing',
    async (vector) => {
      const [path, target] = await given(vector)
      const before = await stored()

      const found = await COMMANDS.import(path, target)

      expect(found).toMatchObject({ exit: 4, code: 'ERR_BASE_MISSING' })
      expect(requests.length).toBeGreaterThan(0)
      expect(writes()).toEqual([])
      expect(await stored()).toEqual(before)
    },
  )

  it.each(LOADED)('import loads $name, and the target hears of it', async (vector) => {
    const [path, target] = await given(vector)
    if (vector.after !== undefined) await COMMANDS.import((await given({ ...vector, name: vector.after }))[0], target)
    const before = requests.length

    const found = await COMMANDS.import(path, target)

    expect(found).toMatchObject({ exit: 0 })
    expect(requests.length).toBeGreaterThan(before)
    expect(writes().length).toBeGreaterThan(0)
    expect(found.lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
  })

  // A policy that admits what is unsigned wants to know that it is.
  const unsure = 'valid-referrers-could-not-be-asked-for'

  it.each(LOADED.filter(({ after, name }) => after === undefined && name !== unsure))(
    'import loads $name with everything that can be asked for, so that it is the bundle that is refused above',
    async (vector) => {
      const [path, target] = await given(vector)

      const found = await COMMANDS.importWithEverything(path, target)

      expect(found).toMatchObject({ exit: 0, output: { receipt: { added: true } } })
    },
  )

  it('changes no object of this program', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
