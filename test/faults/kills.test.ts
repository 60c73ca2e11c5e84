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
  let left = first ? 0 : random({ read: 8, write: 14, name: 3 }[kind])
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
  replays: number
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
    if (killed) {
      tally.kills += 1
      tally.phases.set(phase, (tally.phases.get(phase) ?? 0) + 1)
    } else {
      expect(phase).toBe('after the names')
    }
    const older = bundles[random(Math.max(highest - 1, 0))]
    if (highest > 1 && older !== undefined && random(5) === 0) {
      await replayed(importer, older, proxy)
      tally.replays += 1
    }
    // Go on with the same one most of the time; else with the next, whatever is left of this one.
    if (!killed || random(3) === 0) at += 1
  }
  await settled(importer, bundles, floor)
}

interface Given {
  readonly random: Random
  readonly tally: Tally
  readonly proxy: LoopbackProxy
}

/** Whether the import was killed; it may have ended before. */
async function killedOnce(importer: KilledImporter, bundle: Numbered, given: Given): Promise<boolean> {
  const { proxy, random } = given
  proxy.forget()
  const running = importer.start(bundle)
  const second = random(12) === 0 ? importer.start(bundle) : undefined
  const kill = () => running.child.kill('SIGKILL')
  if (random(10) === 0) setTimeout(kill, random(250))
  else arm(proxy, random, kill)
  // One that is stuck behind the other is let go: nobody answers it any more.
  const { exit, stderr, stdout } = await running.end
  proxy.before = () => 'pass'
  proxy.answered = () => true
  if (second !== undefined) await endedSoundly(second)
  if (exit !== null) expect(exit === 0 || (second !== undefined && exit === 8), stderr + stdout).toBe(true)
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

/** Left alone it takes what it began, and everything is in its place. */
async function settled(importer: KilledImporter, bundles: readonly Numbered[], floor: number): Promise<void> {
  const newest = bundles[Math.max(floor, 1) - 1] as Numbered
  const { exit, stderr } = await importer.run(newest)
  expect(exit, stderr).toBe(0)
  expect(await importer.tags()).toMatchObject(newest.tags)
  expect((await importer.journal()).unfinished).toBeUndefined()
  const again = await importer.run(newest)
  expect(JSON.parse(again.stdout)).toMatchObject({ nothingToDo: true })
}

it(`agrees with itself after each of ${KILLS} kills, and never takes a lower number (seed ${SEED})`, {
  timeout: 1_200_000,
}, async () => {
  const registry = await aServedRegistry(await tmpFolder())
  const bundles = await numberedBundles(BUNDLES)
  const tally: Tally = { kills: 0, replays: 0, phases: new Map() }
  const lane = async (number: number): Promise<void> => {
    const random = seeded(SEED + number)
    const proxy = await aLoopbackProxy(registry)
    for (let count = 0; tally.kills < KILLS; count += 1) {
      const importer = await KilledImporter.make({ proxy, prefix: `lane${number}/life${count}`, bundles })
      await life(importer, bundles, { random, tally, proxy })
    }
  }

  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))

  process.stdout.write(`${tally.kills} kills, ${tally.replays} replays: ${JSON.stringify([...tally.phases])}\n`)
  expect(tally.kills).toBeGreaterThanOrEqual(KILLS)
  expect(tally.replays).toBeGreaterThan(KILLS / 25)
  const phases: readonly Phase[] = [
    'before the content',
    'in the content',
    'before the names',
    'between the names',
    'after the names',
  ]
  for (const phase of phases) expect(tally.phases.get(phase), phase).toBeGreaterThan(KILLS / 50)
})
