import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ContentSource } from '../src/content/store.js'
import { digestOf } from '../src/oci/digest.js'
import { anArtifact, anImage, anIndex, type Built } from './support/build.js'
import { APP, aRelease, aRepository, type ExportSpec, exportTo } from './support/bundles.js'
import { entriesIn } from './support/bundles-by-hand.js'
import { tmpFolder } from './support/tmp.js'

const OTHER = 'other.example/tool'

/** A source that answers late and lists in any order; the same seed does the same. */
function shuffled(source: ContentSource, seed: number): ContentSource {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
  const late = async () => await sleep(random() * 4)
  return {
    resolve: async (selector, call) => {
      await late()
      return await source.resolve(selector, call)
    },
    fetch: async function* (descriptor, call) {
      await late()
      for await (const piece of source.fetch(descriptor, call)) {
        const middle = Math.floor(random() * piece.byteLength)
        yield piece.subarray(0, middle)
        await late()
        yield piece.subarray(middle)
      }
    },
    referrers: async function* (subject, call) {
      await late()
      const found = []
      for await (const one of source.referrers(subject, call)) found.push({ one, at: random() })
      for (const { one } of found.sort((a, b) => a.at - b.at)) yield one
    },
  }
}

/** Two repositories that share content, with much that hangs on one image and blobs of several types. */
async function stores() {
  const release = aRelease(3000)
  const many: Built[] = Array.from({ length: 8 }, (_, at) =>
    anArtifact({ subject: release.index, bytes: `sbom ${at % 4}`, annotations: { at: String(at) } }),
  )
  const empty = anArtifact({ mediaType: 'application/vnd.oci.empty.v1+json', bytes: '{}' })
  const other = anIndex([release.amd64, anImage({ seed: 'tool' }), empty]).tagged('2.0')
  return { [APP]: await aRepository(release.all, ...many), [OTHER]: await aRepository(other) }
}

async function exported(spec: Partial<ExportSpec> & { readonly seed: number; readonly concurrency: number }) {
  const path = join(await tmpFolder(), 'bundle.tar')
  const from = Object.fromEntries(
    Object.entries(await stores()).map(([name, store], at) => [name, shuffled(store, spec.seed + at)]),
  )
  const sources = [`${APP}:1.0`, `${OTHER}:2.0`]
  await exportTo(path, { from, sources: spec.seed % 2 ? sources : sources.toReversed(), ...spec })
  return await readFile(path)
}

describe('two exports of the same content', () => {
  it('are the same bytes, whoever answers first and whatever is listed first', async () => {
    const first = await exported({ seed: 1, concurrency: 1, signer: undefined })
    const others = await Promise.all(
      [2, 3, 4, 5].map((seed) => exported({ seed, concurrency: seed * 3, signer: undefined })),
    )

    for (const other of others) expect(Buffer.compare(other, first)).toBe(0)
  })

  it('are the same bytes with the same place in a stream and the same end', async () => {
    const place = { stream: 'acme/nightly', sequence: 3, previous: digestOf(new Uint8Array([2])) }
    const given = { signer: undefined, place, lifetimeMs: 86_400_000 }
    const [one, two] = [
      await exported({ seed: 1, concurrency: 1, ...given }),
      await exported({ seed: 4, concurrency: 9, ...given }),
    ]
    const next = await exported({ seed: 1, concurrency: 1, ...given, place: { ...place, sequence: 4 } })

    expect(Buffer.compare(one, two)).toBe(0)
    expect(Buffer.compare(one, next)).not.toBe(0)
  })

  it('differ in nothing but the signature and the line of index.json that names it', async () => {
    const [one, two] = [await exported({ seed: 1, concurrency: 2 }), await exported({ seed: 2, concurrency: 9 })]

    const [names, others] = [entriesIn(one), entriesIn(two)]
    expect(two.byteLength).toBe(one.byteLength)
    const differing = names.flatMap(({ name, headerAt, endAt }, at) => {
      const there = two.subarray(others[at]?.headerAt, others[at]?.endAt)
      return Buffer.compare(one.subarray(headerAt, endAt), there) === 0 ? [] : [{ name, at }]
    })
    expect(differing.map(({ at }) => at)).toEqual([1, 5, 6])
    expect(differing[0]?.name).toBe('index.json')
  })
})
