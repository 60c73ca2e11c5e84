import { beforeAll, describe, expect, it } from 'vitest'
import { type MemoryStore, memoryStore } from '../../../../src/content/memory.js'
import type { ImporterMemory } from '../../../../src/import/memory/memory.js'
import type { RecordsStore } from '../../../../src/import/memory/registry/snapshots.js'
import { STATE_STATEMENT } from '../../../../src/import/memory/registry/statement.js'
import type { StreamRecord } from '../../../../src/import/memory/stream-record.js'
import { digestOf } from '../../../../src/oci/digest.js'
import { type MintedChain, mintChain, NOW, signerOf } from '../../../support/keys.js'
import { anImporter, RECORDS } from '../../../support/registry-memory.js'
import { aRecord, digestFor, STREAM, waybillOf } from '../../../support/streams.js'
import { CALL } from '../../../support/tmp.js'

const NAMING = { ...CALL, naming: true } as const
let chain: MintedChain
let strangers: MintedChain

beforeAll(async () => {
  chain = await mintChain()
  strangers = await mintChain('Strangers')
})

/** Recalls, takes, begins and ends, as an import does that has nothing to load. */
async function imported(
  memory: ImporterMemory,
  record: StreamRecord,
  { end = true, naming = false }: { readonly end?: boolean; readonly naming?: boolean } = {},
): Promise<boolean> {
  const state = await memory.recall(CALL)
  const taken = await memory.take(record.stream, state.get(record.stream), CALL)
  const added = await taken.begin(record, { ...CALL, naming })
  if (end) await taken.end(CALL)
  return added
}

async function highest(store: MemoryStore): Promise<number | undefined> {
  return (await anImporter(store, chain).recall(CALL)).get(STREAM)?.highest.sequence
}

function stateTags(store: MemoryStore): string[] {
  return [...store.tags.keys()].filter((tag) => tag.startsWith('state-')).sort()
}

describe('an importer that keeps nothing', () => {
  it('knows what importers before it have let in', async () => {
    const store = memoryStore()
    const names = [{ name: 'registry.example/app:1.0', digest: digestFor('one') }]
    expect(await imported(anImporter(store, chain), aRecord(1, { tags: names }))).toBe(true)
    expect(await imported(anImporter(store, chain), aRecord(2))).toBe(true)

    const state = (await anImporter(store, chain).recall(CALL)).get(STREAM)

    expect(state).toMatchObject({ highest: { sequence: 2, waybill: waybillOf(2) }, present: new Set([names[0]?.name]) })
    expect([...(state?.accepted.keys() ?? [])]).toEqual([1, 2])
  })

  it('says nothing twice of a bundle that has all of its names, and again of one that an import has left', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(1))
    const before = stateTags(store)
    expect(await imported(anImporter(store, chain), aRecord(1))).toBe(false)
    expect(stateTags(store)).toEqual(before)

    expect(await imported(anImporter(store, chain), aRecord(2), { end: false })).toBe(true)
    expect(await imported(anImporter(store, chain), aRecord(2))).toBe(true)
    expect(await imported(anImporter(store, chain), aRecord(2))).toBe(false)
    expect(await imported(anImporter(store, chain), aRecord(3))).toBe(true)
  })

  it('counts a bundle whose import was stopped as let in', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(5), { end: false })

    expect(await highest(store)).toBe(5)
  })

  it('gives way to another bundle that may be getting its names now, until its time is over', async () => {
    const store = memoryStore()
    const at = NOW.toISOString().replace('.000', '')
    await imported(anImporter(store, chain), aRecord(5, { at }), { end: false })

    const busy = { code: 'ERR_STATE_BUSY' }
    await expect(imported(anImporter(store, chain), aRecord(6, { at }))).rejects.toMatchObject(busy)
    const later = () => new Date(NOW.getTime() + 21 * 60_000)
    expect(await imported(anImporter(store, chain, { now: later }), aRecord(6))).toBe(true)
  })

  it('sounds an alarm over two bundles with one number that are imported at once', async () => {
    const store = memoryStore()
    const at = NOW.toISOString().replace('.000', '')
    const [one, other] = [anImporter(store, chain), anImporter(store, chain)]
    const [a, b] = await Promise.all(
      [one, other].map(async (memory) => {
        await memory.recall(CALL)
        return await memory.take(STREAM, undefined, CALL)
      }),
    )
    await a?.begin(aRecord(1, { at }), NAMING)

    const twin = aRecord(1, { at, waybill: digestFor('another') })
    await expect(b?.begin(twin, NAMING)).rejects.toMatchObject({ code: 'ERR_EQUIVOCATION' })
  })

  it('sets no name when it was away for too long after its announcement', async () => {
    let now = NOW
    const memory = anImporter(memoryStore(), chain, { now: () => now })
    const at = NOW.toISOString().replace('.000', '')
    const state = await memory.recall(CALL)
    const taken = await memory.take(STREAM, state.get(STREAM), CALL)
    await taken.begin(aRecord(1, { at }), NAMING)
    expect(() => taken.requireHeld()).not.toThrow()

    now = new Date(NOW.getTime() + 15 * 60_000)
    expect(() => taken.requireHeld()).toThrow(expect.objectContaining({ code: 'ERR_STATE_BUSY' }))
  })

  it('looks again where another import was done meanwhile', async () => {
    const store = memoryStore()
    const [slow, quick] = [anImporter(store, chain), anImporter(store, chain)]
    const state = await slow.recall(CALL)
    await imported(quick, aRecord(2))

    await expect(slow.take(STREAM, state.get(STREAM), CALL)).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })
  })

  it('does not take a bundle for done that another one has followed while it loaded', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(1))
    const again = anImporter(store, chain)
    const state = await again.recall(CALL)
    const taken = await again.take(STREAM, state.get(STREAM), CALL)
    await imported(anImporter(store, chain), aRecord(2))

    await expect(taken.begin(aRecord(1), NAMING)).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })
  })

  it('waits for one of two imports of a bundle when the other one has ended', async () => {
    const store = memoryStore()
    const at = NOW.toISOString().replace('.000', '')
    await imported(anImporter(store, chain), aRecord(1, { at }), { end: false })
    await imported(anImporter(store, chain), aRecord(1, { at }))

    const next = imported(anImporter(store, chain), aRecord(2, { at }))
    await expect(next).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })
  })

  it('announces names that it sets once more of a bundle that is done', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(1))
    const before = stateTags(store).length

    expect(await imported(anImporter(store, chain), aRecord(1), { naming: true })).toBe(false)
    expect(stateTags(store).length).toBeGreaterThan(before)
  })

  it('looks again where another import was done while it loaded', async () => {
    const store = memoryStore()
    const [slow, quick] = [anImporter(store, chain), anImporter(store, chain)]
    const state = await slow.recall(CALL)
    const taken = await slow.take(STREAM, state.get(STREAM), CALL)
    await imported(quick, aRecord(2))

    await expect(taken.begin(aRecord(1), NAMING)).rejects.toMatchObject({ code: 'ERR_STATE_BUSY' })
    expect(await highest(store)).toBe(2)
  })

  it('shares what it wrote before, so that state of many imports stays small', async () => {
    const store = memoryStore()
    for (let sequence = 1; sequence <= 70; sequence += 1) await imported(anImporter(store, chain), aRecord(sequence))

    expect(await highest(store)).toBe(70)
    const layers = store.stored.filter(({ mediaType }) => mediaType.includes('state.log'))
    const bytes = layers.reduce((sum, { size }) => sum + size, 0)
    expect(stateTags(store)).toHaveLength(140)
    expect(bytes).toBeLessThan(140 * 64 * 700)
  })

  it('writes nothing under a name that no importer would believe', async () => {
    const store = memoryStore()
    const signer = signerOf(strangers)

    await expect(imported(anImporter(store, chain, { signer }), aRecord(1))).rejects.toMatchObject({
      code: 'ERR_KEY_UNUSABLE',
    })
    expect(stateTags(store)).toEqual([])
  })

  it('needs a key to remember, and none to know', async () => {
    const store = memoryStore()
    const memory = anImporter(store, chain, { signing: undefined })
    const state = await memory.recall(CALL)
    const taken = await memory.take(STREAM, state.get(STREAM), CALL)

    await expect(taken.begin(aRecord(1), NAMING)).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  it('believes nobody where no importer is trusted', async () => {
    const store = memoryStore()
    const verification = async () => ({
      statement: STATE_STATEMENT,
      store: async () => {
        throw new Error('no store')
      },
      now: NOW,
      judgeRevocation: async () => ({ result: 'not-revocable' as const, certificates: [], allowedStale: false }),
    })

    await expect(anImporter(store, chain, { verification }).recall(CALL)).rejects.toThrow('no store')
  })
})

describe('state that is gone', () => {
  it('is missed where other records are', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(1))
    const bare = memoryStore()
    const [descriptor] = store.tags.values()
    if (descriptor === undefined) throw new Error('no tag')
    bare.hold(descriptor, Buffer.from('{}'))
    await bare.tag(descriptor, 'receipt-1', CALL)

    await expect(anImporter(bare, chain).recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
    const anew = anImporter(bare, chain, { newState: 'the registry was set up again' })
    expect((await anew.recall(CALL)).size).toBe(0)
  })

  it('is missed where it is required', async () => {
    const memory = anImporter(memoryStore(), chain, { requireState: true })

    await expect(memory.recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })

  it('is missed where it is required, also of one stream among others', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(3, { stream: 'acme/weekly' }))

    const required = { requireState: true }
    const refused = imported(anImporter(store, chain, required), aRecord(1))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED', message: expect.stringContaining(STREAM) })
    const newState = 'a new stream'
    expect(await imported(anImporter(store, chain, { ...required, newState }), aRecord(1))).toBe(true)
    expect(await imported(anImporter(store, chain, required), aRecord(2))).toBe(true)
    expect(await imported(anImporter(store, chain, required), aRecord(4, { stream: 'acme/weekly' }))).toBe(true)
  })
})

/** A store that is cut off after some writes, as by the end of who writes. */
function cutOff(store: MemoryStore, writes: number): RecordsStore {
  let left = writes
  const write = (): void => {
    left -= 1
    if (left < 0) throw new Error('killed')
  }
  return Object.assign(memoryStore(), {
    resolve: store.resolve.bind(store),
    fetch: store.fetch.bind(store),
    has: store.has.bind(store),
    listTags: store.listTags.bind(store),
    referrers: store.referrers.bind(store),
    push: async (...words: Parameters<MemoryStore['push']>) => {
      write()
      return await store.push(...words)
    },
    tag: async (...words: Parameters<MemoryStore['tag']>) => {
      write()
      return await store.tag(...words)
    },
  })
}

describe('a first import that is killed', () => {
  it('is no loss of state, wherever that was', async () => {
    for (let writes = 0; ; writes += 1) {
      const store = memoryStore()
      const whole = await imported(anImporter(cutOff(store, writes), chain), aRecord(1)).catch(() => false)
      // A registry without a Referrers API has a list of the signature already.
      for (const subject of store.tags.size === 1 ? store.tags.values() : [])
        await store.tag(subject, `sha256-${subject.digest.slice(7)}`, CALL)

      expect(await imported(anImporter(store, chain), aRecord(1))).toBe(!whole)
      expect(await highest(store)).toBe(1)
      if (whole) break
      expect(writes).toBeLessThan(30)
    }
  })

  it('has not left the signature of a later snapshot, whose own tag was taken away', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(1))
    const left = memoryStore()
    const [newest] = store.tags.values()
    if (newest === undefined) throw new Error('no tag')
    left.hold(newest, Buffer.from('{}'))
    for (const tag of store.tags.keys()) if (!tag.startsWith('state-')) await left.tag(newest, tag, CALL)

    await expect(anImporter(left, chain).recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })
})

/** A store with another content under the newest tag of the state. */
async function withNewest(change: (store: MemoryStore, newest: string) => Promise<void>): Promise<MemoryStore> {
  const store = memoryStore()
  await imported(anImporter(store, chain), aRecord(1))
  await imported(anImporter(store, chain), aRecord(2))
  await change(store, stateTags(store).at(-1) ?? '')
  return store
}

describe('state that somebody has changed', () => {
  it.each([
    [
      'an older snapshot under its name',
      async (store: MemoryStore, newest: string) => {
        const older = store.tags.get(stateTags(store).at(-2) ?? '')
        if (older !== undefined) await store.tag(older, newest, CALL)
      },
    ],
    [
      'a name for what is not there',
      async (store: MemoryStore, newest: string) => {
        const older = store.tags.get(newest)
        if (older !== undefined) await store.tag(older, newest.replace(/-[0-9a-f]{16}$/, `-${'0'.repeat(16)}`), CALL)
      },
    ],
    [
      'other bytes in a layer',
      async (store: MemoryStore) => {
        const layer = store.stored.findLast(({ mediaType }) => mediaType.includes('state.log'))
        if (layer !== undefined) store.hold(layer, Buffer.alloc(layer.size, 0x7b))
      },
    ],
    [
      'other bytes in its manifest',
      async (store: MemoryStore, newest: string) => {
        const manifest = store.tags.get(newest)
        if (manifest !== undefined) store.hold(manifest, Buffer.alloc(manifest.size, 0x7b))
      },
    ],
  ])('is refused: %s', async (_what, change) => {
    const store = await withNewest(change)

    await expect(anImporter(store, chain).recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })

  it('is refused where a stranger has signed it', async () => {
    const store = memoryStore()
    await imported(anImporter(store, strangers), aRecord(9))

    await expect(anImporter(store, chain).recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })

  it('is refused where it is that of another target', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain, { repository: { ...RECORDS, name: 'elsewhere/waybill' } }), aRecord(9))

    await expect(anImporter(store, chain).recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })

  it('is refused where it is that of another stream', async () => {
    const store = memoryStore()
    await imported(anImporter(store, chain), aRecord(9))
    const [tag = ''] = stateTags(store)
    const descriptor = store.tags.get(tag)
    const other = digestOf(Buffer.from('acme/other')).slice(7, 31)
    if (descriptor !== undefined)
      await store.tag(descriptor, tag.replace(/^state-[0-9a-f]{24}/, `state-${other}`), CALL)

    await expect(anImporter(store, chain).recall(CALL)).rejects.toMatchObject({ code: 'ERR_STATE_DAMAGED' })
  })
})
