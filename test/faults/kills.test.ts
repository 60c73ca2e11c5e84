import { expect, it } from 'vitest'
import { KilledImporter, type Numbered, numberedBundles, type Phase } from '../support/killed-importer.js'
import { aLoopbackProxy, type LoopbackProxy, type Passed } from '../support/loopback-proxy.js'
import { aServedRegistry, type Running } from '../support/program.js'
import { tmpFolder } from '../support/tmp.js'

const KILLS = Number(process.env['WAYBILL_KILLS'] ?? 500)
const SEED = Number(process.env['WAYBILL_SEED'] ?? 20_261_122)
/** Imports that go on beside each other: two processors are what there is. */
const LANES = 2
const BUNDLES = 6

type Random = (below: number) => number

/** Numbers that look random and are the same each time (mulberry32). */
function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Kills an import at a random place: at a question, a write or a name, before the registry hears of it or after. */
function arm(proxy: LoopbackProxy, random: Random, kill: () => void): void {
  const first = random(6) === 0
  const kind = first ? 'name' : ((['read', 'write', 'name'] as const)[random(3)] ?? 'read')
  let left = first ? 0 : random({ read: 20, write: 24, name: 3 }[kind])
  const now = (one: Passed): boolean => {
    if (one.kind !== kind) return false
    left -= 1
    return left < 0
  }
  const how = first ? 0 : random(3)
  if (how === 0) {
    proxy.before = (one) => {
      if (!now(one)) return 'pass'
      kill()
      return 'stall'
    }
    return
  }
  proxy.answered = (one) => {
    if (!now(one)) return true
    // With its answer the import goes on for a moment: into its journal, its state, or its end.
    if (how === 2) setTimeout(kill, random(12))
    else kill()
    return how === 2
  }
}

interface Tally {
  kills: number
  /** of importers that keep nothing, and remember in the registry */
  inRegistry: number
  replays: number
  /** of another bundle while one may still be setting its names */
  busy: number
  readonly phases: Map<Phase, number>
}

/** One importer that takes the bundles one after the other, and is killed again and again. */
async function life(importer: KilledImporter, bundles: readonly Numbered[], given: Given): Promise<void> {
  const { random, tally, proxy } = given
  let floor = 0
  for (let at = 0; at < bundles.length && tally.kills < KILLS; ) {
    const bundle = bundles[at] as Numbered
    const killed = await killedOnce(importer, bundle, given)
    const phase = await importer.agreed(bundle)
    const highest = await importer.highest()
    expect(highest).toBeGreaterThanOrEqual(floor)
    floor = highest
    count(killed, phase, given)
    const older = bundles[random(Math.max(highest - 1, 0))]
    if (highest > 1 && older !== undefined && random(5) === 0) {
      await replayed(importer, older, proxy)
      tally.replays += 1
    }
    if (killed && given.inRegistry && highest === bundle.sequence) {
      // What was announced and did not end holds up other bundles for longer than a test: this life ends with this one.
      const next = bundles[at + 1]
      if (next !== undefined && random(2) === 0) await heldUp(importer, { bundle, next, phase }, given)
      break
    }
    // What was killed is run again most of the time, and sometimes left as it is, for the next one.
    if (!killed || random(3) === 0) at += 1
  }
  await settled(importer, bundles)
}

function count(killed: boolean, phase: Phase, { tally, inRegistry }: Given): void {
  if (!killed) {
    expect(phase).toBe('after the names')
    return
  }
  tally.kills += 1
  if (inRegistry) tally.inRegistry += 1
  tally.phases.set(phase, (tally.phases.get(phase) ?? 0) + 1)
}

interface After {
  readonly bundle: Numbered
  readonly next: Numbered
  readonly phase: Phase
}

interface Given {
  readonly inRegistry: boolean
  readonly random: Random
  readonly tally: Tally
  readonly proxy: LoopbackProxy
}

/** Whether the import was killed; it may have ended before. */
async function killedOnce(importer: KilledImporter, bundle: Numbered, given: Given): Promise<boolean> {
  const { proxy, random } = given
  proxy.forget()
  const running = importer.start(bundle)
  const second = random(12) === 0 ? (await importer.neighbour()).start(bundle) : undefined
  const kill = () => running.child.kill('SIGKILL')
  if (random(10) === 0) setTimeout(kill, random(250))
  else arm(proxy, random, kill)
  const { exit, stderr, stdout } = await running.end
  proxy.before = () => 'pass'
  proxy.answered = () => true
  // The other one may be what was stalled.
  proxy.letGo()
  if (second !== undefined) await endedSoundly(second)
  if (exit !== null) expect(exit === 0 || (second !== undefined && exit === 8), stderr + stdout).toBe(true)
  if (exit === 0) expect(JSON.parse(stdout)).toMatchObject({ receipt: { digest: expect.stringMatching(/^sha256:/) } })
  return exit === null
}

/** Another import at once comes to its end, or is told to wait. */
async function endedSoundly(second: Running): Promise<void> {
  const { exit, stderr } = await second.end
  expect([0, 8, 130], stderr).toContain(exit)
}

async function replayed(importer: KilledImporter, older: Numbered, proxy: LoopbackProxy): Promise<void> {
  const before = await importer.tags()

  const { exit, stderr } = await importer.run(older)

  expect(exit, stderr).toBe(4)
  expect(proxy.count('write') + proxy.count('name')).toBe(0)
  expect(await importer.tags()).toEqual(before)
}

/** A newer bundle waits, until one that was begun has ended, or must be taken for given up. */
async function heldUp(importer: KilledImporter, { bundle, next, phase }: After, { tally }: Given): Promise<void> {
  const before = await importer.tags()

  const { exit, stderr } = await importer.run(next)

  // With all names set, its end may have been written as well.
  if (phase === 'after the names' && exit === 0) return
  expect(exit, stderr).toBe(8)
  expect(stderr).toContain('ERR_STATE_BUSY')
  // The journal of this machine may have set the names that were missing.
  const now = await importer.tags()
  expect([before, { ...before, ...bundle.tags }]).toContainEqual(now)
  tally.busy += 1
}

/** Left alone it takes what it began, and everything is in its place. */
async function settled(importer: KilledImporter, bundles: readonly Numbered[]): Promise<void> {
  const newest = bundles[Math.max(await importer.highest(), 1) - 1] as Numbered
  const { exit, stderr } = await importer.run(newest)
  expect(exit, stderr).toBe(0)
  expect(await importer.tags()).toMatchObject(newest.tags)
  expect((await importer.journal()).unfinished).toBeUndefined()
  const again = await importer.run(newest)
  expect(JSON.parse(again.stdout)).toMatchObject({ nothingToDo: true, receipt: { added: false } })
}

it(`agrees with itself after each of ${KILLS} kills, and never takes a lower number (seed ${SEED})`, {
  timeout: 1_200_000,
}, async () => {
  const registry = await aServedRegistry(await tmpFolder())
  const bundles = await numberedBundles(BUNDLES)
  const tally: Tally = { kills: 0, inRegistry: 0, replays: 0, busy: 0, phases: new Map() }
  const lane = async (number: number): Promise<void> => {
    const random = seeded(SEED + number)
    const proxy = await aLoopbackProxy(registry)
    for (let lives = 0; tally.kills < KILLS; lives += 1) {
      // These lives are short: they end with what the first kill has left.
      const inRegistry = (lives + number) % 8 !== 0
      const state = inRegistry ? ({ state: 'registry' } as const) : {}
      const importer = await KilledImporter.make({ proxy, prefix: `lane${number}/life${lives}`, bundles, ...state })
      await life(importer, bundles, { inRegistry, random, tally, proxy })
    }
  }

  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))

  process.stdout.write(`${JSON.stringify({ ...tally, phases: [...tally.phases] })}\n`)
  expect(tally.kills).toBeGreaterThanOrEqual(KILLS)
  expect(tally.inRegistry).toBeGreaterThan(KILLS / 5)
  expect(tally.replays).toBeGreaterThan(KILLS / 25)
  expect(tally.busy).toBeGreaterThan(0)
  const phases: readonly Phase[] = [
    'before the content',
    'in the content',
    'before the names',
    'between the names',
    'after the names',
  ]
  for (const phase of phases) expect(tally.phases.get(phase), phase).toBeGreaterThan(KILLS / 50)
})
