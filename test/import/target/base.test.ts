import { stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { placeRoots } from '../../../src/import/names/names.js'
import { withBase } from '../../../src/import/target/base.js'
import { load } from '../../../src/import/target/load.js'
import { aBundle, aRepository, judgementOf, opened, trusted, verification } from '../../support/bundles.js'
import { Target } from '../../support/bundles-target.js'
import { decided } from '../../support/decided.js'
import { acknowledged, anIncrement, arrived, foundAt, loadedAt, TARGET, twoVersions } from '../../support/increments.js'
import { CALL } from '../../support/tmp.js'

const { first, second } = twoVersions()
const THERE = 'target.example/team/app'
const OTHER = 'registry.example/library/tool'

async function imported(target: Target): Promise<string> {
  const path = await aBundle(first)
  await loadedAt(path, target)
  return path
}

/** What `runImport` makes of the base at this target. */
async function judgedAt(path: string, target: Target) {
  const found = await verification(await opened(path))
  const placed = placeRoots(found.bundle.document.roots, { destination: TARGET })
  const given = { ...CALL, destination: TARGET, placed, open: target.open, emit: () => {}, concurrency: 4 }
  return await withBase({ verification: found, decision: decided(found, TARGET) }, given)
}

describe('an incremental bundle', () => {
  it('carries what is new, and verifies without the rest', async () => {
    const full = await aBundle(first)
    const path = await anIncrement(second, [await acknowledged(full)])

    const bundle = await opened(path)
    const found = await verification(bundle)

    expect(bundle.document).toMatchObject({ kind: 'incremental', totals: { blobs: 5, expected: { blobs: 2 } } })
    expect(found.verified).toBeDefined()
    expect(found.checks.find(({ name }) => name === 'content')?.detail).toContain('2 blobs, 4000 bytes, are not here')
    expect(found.checks.find(({ name }) => name === 'base')).toMatchObject({
      result: 'not-applicable',
      detail: expect.stringContaining('which target.example has acknowledged'),
    })
    expect((await stat(path)).size).toBeLessThan((await stat(full)).size - 3000)
  })

  it('is loaded where the target has the rest, and nothing of that is sent', async () => {
    const target = new Target()
    const path = await anIncrement(second, [await arrived(await imported(target))])
    target.acts.length = 0

    const report = await loadedAt(path, target)

    expect(report.blobs).toEqual({ copied: 2, present: 2, mounted: 0 })
    const store = target.store(THERE)
    for (const { descriptor } of second.contents) expect(await store.has(descriptor, CALL)).toBe(true)
    expect(store.tags.get('1.0')?.digest).toBe(second.root.digest)
  })

  it('is refused, with names and before anything is written, where it is not', async () => {
    const target = new Target()
    const path = await anIncrement(second, [await arrived(await aBundle(first))])

    const { verification: after, decision } = await judgedAt(path, target)

    expect(judgementOf(after)).toMatchObject({ code: 'ERR_BASE_MISSING' })
    const { detail } = after.checks.find(({ name }) => name === 'base') ?? {}
    expect(detail).toContain('lacks 2 of 2 blobs')
    for (const { descriptor } of second.contents.slice(0, 2)) expect(detail).toContain(descriptor.digest)
    expect(decision.rulings.map(({ kind }) => kind)).toEqual(['refuse'])
    expect(target.acts).toEqual([])
  })

  it.each([
    ['mounts', true],
    ['cannot mount', false],
  ])('takes content from where the earlier bundle went, at a registry that %s', async (_, mounts) => {
    const target = new Target()
    target.mounts = mounts
    const held = await arrived(await imported(target))
    const from = { [OTHER]: await aRepository(second) }
    const path = await anIncrement(second, [held], { from, sources: [`${OTHER}:1.0`] })

    const report = await loadedAt(path, target)

    expect(report.blobs).toEqual(mounts ? { copied: 2, present: 0, mounted: 2 } : { copied: 4, present: 0, mounted: 0 })
    const there = target.store('target.example/library/tool')
    for (const { descriptor } of second.contents) expect(await there.has(descriptor, CALL)).toBe(true)
  })

  it('fails rather than leave something out, where it vanishes meanwhile', async () => {
    const target = new Target()
    const path = await anIncrement(second, [await arrived(await imported(target))])
    const { decision, found } = await foundAt(path, target)
    target.stores.clear()
    target.acts.length = 0
    const emptied = new Map(
      [...found.places].map(([digest, place]) => [digest, { ...place, source: target.store(THERE) }]),
    )

    const loading = load(decision, { ...CALL, open: target.open, emit: () => {}, concurrency: 1, base: emptied })

    await expect(loading).rejects.toMatchObject({ code: 'ERR_BASE_MISSING' })
    expect(target.acts.filter(({ kind }) => kind === 'tag')).toEqual([])
  })

  it('says what an importer does not remember, and is not refused for it', async () => {
    const path = await anIncrement(second, [await arrived(await aBundle(first))])
    const rollback = { state: new Map(), requireChain: false }

    const found = await verification(await opened(path), { ...trusted(), rollback })

    expect(found.verified).toBeDefined()
    const { detail } = found.checks.find(({ name }) => name === 'base') ?? {}
    expect(detail).toContain('ASSUMED to have arrived, which this importer does not remember')
  })
})
