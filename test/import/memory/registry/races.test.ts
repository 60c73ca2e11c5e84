import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { type MemoryStore, memoryStore } from '../../../../src/content/memory.js'
import { hasCode } from '../../../../src/errors.js'
import type { RecordsStore } from '../../../../src/import/memory/registry/snapshots.js'
import { type MintedChain, mintChain, NOW } from '../../../support/keys.js'
import { anImporter } from '../../../support/registry-memory.js'
import { aRecord, digestFor, STREAM } from '../../../support/streams.js'
import { CALL } from '../../../support/tmp.js'

const NAMING = { ...CALL, naming: true } as const
let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

type Turn = () => Promise<void>

/** A registry whose answers come in the order that a test draws: every request waits for its turn. */
function inTurns(store: MemoryStore, turn: Turn): RecordsStore {
  async function* listed<T>(list: () => AsyncIterable<T>): AsyncIterable<T> {
    await turn()
    const found: T[] = []
    for await (const one of list()) found.push(one)
    yield* found
  }
  const waiting = async <T>(ask: () => Promise<T>): Promise<T> => {
    await turn()
    return await ask()
  }
  return {
    resolve: (selector, call) => waiting(() => store.resolve(selector, call)),
    fetch: (descriptor, call) => store.fetch(descriptor, call),
    referrers: (subject, call) => listed(() => store.referrers(subject, call)),
    listTags: (call) => listed(() => store.listTags(call)),
    has: (descriptor, call) => store.has(descriptor, call),
    push: (descriptor, bytes, call) => store.push(descriptor, bytes, call),
    tag: (descriptor, tag, call) => waiting(() => store.tag(descriptor, tag, call)),
  }
}

interface Seen {
  /** numbers and waybills whose names were set, in the order in which that began */
  readonly named: { readonly sequence: number; readonly waybill: string }[]
  readonly naming: Set<string>
  readonly refused: string[]
}

const AT = NOW.toISOString().replace('.000', '')

interface Plan {
  readonly sequence: number
  readonly twin: boolean
  /** the machine stops after it began */
  readonly dies: boolean
}

async function anImport(plan: Plan, store: RecordsStore, { turn, seen }: { turn: Turn; seen: Seen }): Promise<void> {
  const memory = anImporter(store, chain, { sleep: turn })
  const waybill = digestFor(`${plan.sequence}${plan.twin ? ' twin' : ''}`)
  const record = aRecord(plan.sequence, { at: AT, waybill })
  try {
    const known = (await memory.recall(CALL)).get(STREAM)
    if (known !== undefined && plan.sequence < known.highest.sequence) return void seen.refused.push('ERR_ROLLBACK')
    const twin = known?.accepted.get(plan.sequence)
    if (twin !== undefined && twin !== waybill) return void seen.refused.push('ERR_EQUIVOCATION')
    const taken = await memory.take(STREAM, known, CALL)
    await taken.begin(record, NAMING)
    expect([...seen.naming].filter((other) => other !== waybill)).toEqual([])
    seen.naming.add(waybill)
    seen.named.push({ sequence: plan.sequence, waybill })
    await turn()
    if (plan.dies) return
    seen.naming.delete(waybill)
    await taken.end(CALL)
  } catch (cause) {
    if (!hasCode(cause, 'ERR_STATE_BUSY') && !hasCode(cause, 'ERR_EQUIVOCATION')) throw cause
    seen.refused.push(cause.code)
  }
}

const PLANS = fc.array(
  fc.record({ sequence: fc.integer({ min: 1, max: 3 }), twin: fc.boolean(), dies: fc.constant(false) }),
  { minLength: 2, maxLength: 3 },
)

it('never sets names of two bundles at once, never goes back, and loses nothing, in whatever order requests arrive', async () => {
  await fc.assert(
    fc.asyncProperty(PLANS, fc.scheduler(), async (plans, scheduler) => {
      const store = memoryStore()
      const turn = async (): Promise<void> => void (await scheduler.schedule(Promise.resolve()))
      const seen: Seen = { named: [], naming: new Set(), refused: [] }
      const imports = plans.map((plan) => anImport(plan, inTurns(store, turn), { turn, seen }))
      await scheduler.waitFor(Promise.all(imports))

      const numbers = seen.named.map(({ sequence }) => sequence)
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      const state = (await anImporter(store, chain).recall(CALL)).get(STREAM)
      expect(state?.highest.sequence ?? 0).toBe(Math.max(0, ...numbers))
      for (const { sequence, waybill } of seen.named) expect(state?.accepted.get(sequence)).toBe(waybill)
    }),
    { numRuns: 60 },
  )
})

it('keeps what both of two importers wrote that saw nothing of each other', async () => {
  const store = memoryStore()
  const [one, other] = [anImporter(store, chain), anImporter(store, chain)]
  const takings = await Promise.all(
    [one, other].map(async (memory) => {
      await memory.recall(CALL)
      return await memory.take(STREAM, undefined, CALL)
    }),
  )
  const same = aRecord(1, { at: AT })
  await Promise.all(takings.map((taken) => taken.begin(same, NAMING)))
  await Promise.all(takings.map((taken) => taken.end(CALL)))
  const next = anImporter(store, chain)
  const known = (await next.recall(CALL)).get(STREAM)
  const taken = await next.take(STREAM, known, CALL)
  await taken.begin(aRecord(2, { at: AT }), NAMING)
  await taken.end(CALL)

  const state = (await anImporter(store, chain).recall(CALL)).get(STREAM)
  expect([...(state?.accepted.keys() ?? [])]).toEqual([1, 2])
})
