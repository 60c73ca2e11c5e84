import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isCarried } from '../../src/bundle/inventory.js'
import { anArtifact, anImage, anIndex, type Built, noise, together } from '../support/build.js'
import { APP, aBundle, aRepository, type ExportSpec, opened, verification } from '../support/bundles.js'
import { Target } from '../support/bundles-target.js'
import { acknowledged, arrived, foundAt, loadedAt } from '../support/increments.js'
import { CALL } from '../support/tmp.js'

const THERE = 'target.example/team/app'

/** A release of images whose layers are drawn from a few, some with an SBOM; all in one index. */
interface ReleaseSpec {
  readonly images: readonly { readonly layers: readonly number[]; readonly sbom: boolean }[]
}

/** What an export builds on: earlier releases by number, and whether somebody has acknowledged them. */
type BaseSpec = readonly { readonly release: number; readonly acknowledged: boolean }[]

const release: fc.Arbitrary<ReleaseSpec> = fc.record({
  images: fc.array(
    fc.record({ layers: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }), sbom: fc.boolean() }),
    { minLength: 1, maxLength: 3 },
  ),
})
const base: fc.Arbitrary<BaseSpec> = fc.array(fc.record({ release: fc.nat({ max: 2 }), acknowledged: fc.boolean() }), {
  maxLength: 4,
})

function made({ images }: ReleaseSpec, tag: string): Built {
  const built = images.map(({ layers }) => anImage({ layers: layers.map((seed) => noise(600, String(seed))) }))
  const sboms = built.flatMap((subject, at) =>
    images[at]?.sbom === true ? [anArtifact({ subject, bytes: `{"about":${at}}` })] : [],
  )
  return together(anIndex(built).tagged(tag), ...sboms)
}

it('loads what a full bundle of the same roots loads, whatever it builds on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(release, { minLength: 3, maxLength: 3 }),
      release,
      base,
      async (earlier, last, builds) => {
        const releases = earlier.map((one, at) => made(one, `${at}.0`))
        const next = made(last, 'next')
        const spec: Partial<ExportSpec> = { from: { [APP]: await aRepository(...releases, next) } }
        const paths = await Promise.all(releases.map((_, at) => aBundle([], { ...spec, sources: [`${APP}:${at}.0`] })))
        const held = await Promise.all(
          builds.map((one) => (one.acknowledged ? acknowledged : arrived)(paths[one.release] ?? '')),
        )

        const full = await aBundle([], { ...spec, sources: [`${APP}:next`] })
        const increment = await aBundle([], { ...spec, sources: [`${APP}:next`], held })

        const [whole, part] = [await opened(full), await opened(increment)]
        expect(part.inventory.map(({ digest }) => digest)).toEqual(whole.inventory.map(({ digest }) => digest))
        expect((await verification(part)).verified).toBeDefined()
        const left = part.inventory.filter((line) => !isCarried(line))
        expect(part.document.kind).toBe(left.length === 0 ? 'full' : 'incremental')
        for (const { role } of left) expect(['config', 'layer']).toContain(role)

        const target = new Target()
        for (const { release: at } of builds) await loadedAt(paths[at] ?? '', target)
        const report = await loadedAt(increment, target)
        expect(report.blobs.copied + left.length).toBeLessThanOrEqual(part.inventory.length)
        for (const { descriptor } of next.contents) {
          expect(await target.store(THERE).has(descriptor, CALL)).toBe(true)
        }
        expect(target.store(THERE).tags.get('next')?.digest).toBe(next.root.digest)

        const empty = new Target()
        const missing = (await foundAt(increment, empty)).found.checks.some(({ result }) => result === 'fail')
        expect(missing).toBe(left.length > 0)
        expect(empty.acts).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})
