import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { folderJournals } from '../../src/import/journal/journal.js'
import { readState } from '../../src/import/memory/read-state.js'
import type { Verification } from '../../src/import/verification.js'
import { aNumberedBundle, ImportWorld, Killed, REGISTRY, tagsOf } from '../support/import-world.js'
import { STREAM } from '../support/streams.js'
import { tmpFolder } from '../support/tmp.js'

interface Bundles {
  readonly one: Verification
  readonly two: Verification
  readonly three: Verification
  readonly tags: readonly Record<string, string>[]
  /** number 1 is loaded */
  readonly before: ImportWorld
}

async function bundles(): Promise<Bundles> {
  const [one, two, three] = [await aNumberedBundle(1), await aNumberedBundle(2), await aNumberedBundle(3)]
  const tags = [
    await tagsOf(one, await tmpFolder()),
    await tagsOf(two, await tmpFolder()),
    await tagsOf(three, await tmpFolder()),
  ]
  const before = new ImportWorld(await tmpFolder())
  await before.import(one)
  return { one, two, three, tags, before }
}

/** A world where number 1 is, and the import of number 2 was killed at a step; undefined where it came to its end. */
async function killed({ before, two }: Bundles, killAt: number): Promise<ImportWorld | undefined> {
  const world = await before.copy(await tmpFolder())
  world.start(killAt)
  try {
    await world.import(two)
    return undefined
  } catch (cause) {
    if (!(cause instanceof Killed)) throw cause
    return world
  } finally {
    world.start()
  }
}

async function journalOf({ folder }: ImportWorld) {
  return await folderJournals(join(folder, 'journal')).read(REGISTRY)
}

/** State, journal and registry agree. */
async function expectAgreement(world: ImportWorld, { tags }: Bundles): Promise<{ naming: boolean }> {
  const [old = {}, fresh = {}] = tags
  const journal = await journalOf(world)
  const highest = (await readState(world.folder)).get(STREAM)?.highest.sequence
  const naming = journal.unfinished?.naming !== undefined
  const now = world.tags()
  const moved = Object.entries(now).filter(([name, digest]) => old[name] !== digest)

  expect(await world.missing()).toEqual([])
  for (const [name, digest] of moved) expect(fresh[name]).toBe(digest)
  if (moved.length > 0) {
    expect(highest).toBe(2)
    const ended = journal.unfinished === undefined && journal.history.at(-1)?.step === 'ended'
    expect(naming || ended).toBe(true)
  }
  if (naming) expect(highest).toBe(2)
  return { naming }
}

describe('an import that is killed', () => {
  it('at any step leaves what agrees, and comes to its end when it is run again', { timeout: 120_000 }, async () => {
    const given = await bundles()
    let at = 0
    let named = 0
    for (; ; at += 1) {
      const world = await killed(given, at)
      if (world === undefined) break
      if ((await expectAgreement(world, given)).naming) named += 1

      const again = await world.import(given.two)

      expect(world.tags(), `step ${at}`).toEqual({ ...given.tags[0], ...given.tags[1] })
      expect(await world.missing()).toEqual([])
      expect((await readState(world.folder)).get(STREAM)?.highest.sequence).toBe(2)
      expect((await journalOf(world)).unfinished).toBeUndefined()
      expect(again.report?.loaded).toHaveLength(3)
    }
    expect(at).toBeGreaterThan(100)
    expect(named).toBeGreaterThan(20)
  })

  it('at any step does not mix with the next bundle', { timeout: 120_000 }, async () => {
    const given = await bundles()
    const [first, second, third] = given.tags
    for (let at = 0; ; at += 1) {
      const world = await killed(given, at)
      if (world === undefined) break
      const { naming } = await expectAgreement(world, given)
      const ended = (await journalOf(world)).history.length === 2

      const next = await world.import(given.three)

      const between = naming || ended ? second : {}
      expect(world.tags(), `step ${at}`).toEqual({ ...first, ...between, ...third })
      expect(next.outlook?.late !== undefined).toBe(naming)
      expect(await world.missing()).toEqual([])
      const journal = await journalOf(world)
      expect(journal.unfinished).toBeUndefined()
      expect(journal.history.at(-1)).toMatchObject({ step: 'ended', waybill: next.outlook?.identity.waybill })
    }
  })

  it('again and again, in any order of answers, comes to its end', { timeout: 120_000 }, async () => {
    const given = await bundles()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(250), { maxLength: 5 }), fc.infiniteStream(fc.nat(4)), async (kills, waits) => {
        const world = new ImportWorld(await tmpFolder())
        world.before = async () => {
          for (let left = waits.next().value ?? 0; left > 0; left -= 1) await Promise.resolve()
        }
        await world.import(given.one, { concurrency: 4 })
        for (const [at, kill] of kills.entries()) {
          world.start(kill)
          await world.import(at % 2 === 0 ? given.two : given.three, { concurrency: 4 }).catch((cause: unknown) => {
            if (!(cause instanceof Killed)) throw cause
          })
          world.start()
          expect(await world.missing()).toEqual([])
        }
        await world.import(given.three, { concurrency: 4 })
        expect(world.tags()).toMatchObject(given.tags[2] ?? {})
        expect((await journalOf(world)).unfinished).toBeUndefined()
        expect((await readState(world.folder)).get(STREAM)?.highest.sequence).toBe(3)
      }),
      { numRuns: 60 },
    )
  })
})
