import { describe, expect, it } from 'vitest'
import { OUTPUTS } from '../../../src/cli/output.js'
import type { LastAnswer, LastWord } from '../../../src/import/last-word/last-word.js'
import type { PolicyInput } from '../../../src/import/last-word/policy-input-types.js'
import { opaFailure } from '../../../src/opa/answer.js'
import { anImage } from '../../support/build.js'
import { APP, aBundle, aRelease, aRepository, opened, verification } from '../../support/bundles.js'
import { aPolicy, aRule, underPolicy } from '../../support/import-policies.js'
import { ImportWorld, REGISTRY, TOOL } from '../../support/import-world.js'
import { tmpFolder } from '../../support/tmp.js'

const TWO = [`${APP}:1.0`, `${TOOL}:1.0`]

async function twoImages(partial: boolean) {
  const [app = anImage(), tool = anImage()] = ['app', 'tool'].map((seed) => anImage({ seed }).tagged('1.0'))
  const policy = aPolicy({ artifacts: [aRule({ unsigned: 'admit' })], partial })
  const from = { [APP]: await aRepository(app), [TOOL]: await aRepository(tool) }
  return await underPolicy(app, { policy, stores: {} }, { from, sources: TWO })
}

const answer = (given: Partial<LastAnswer>): LastAnswer => ({ allow: true, reasons: [], refuse: new Map(), ...given })
const says =
  (given: Partial<LastAnswer>): LastWord =>
  async () =>
    answer(given)

describe('the last word', () => {
  it('lets in what everybody lets in', async () => {
    const world = new ImportWorld(await tmpFolder())

    const { report } = await world.import(await verification(await opened(await aBundle())), { lastWord: says({}) })

    expect(report?.loaded).toHaveLength(1)
  })

  it('refuses, and nobody is asked anything, and nothing is written', async () => {
    const world = new ImportWorld(await tmpFolder())
    const found = await verification(await opened(await aBundle()))

    const result = await world.import(found, { lastWord: says({ allow: false, reasons: ['too \u001b[2Jold'] }) })

    expect(result.report).toBeUndefined()
    expect(result.verification.verified).toBeUndefined()
    expect(result.verification.checks.at(-1)).toEqual({
      name: 'policy',
      subject: found.bundle.waybill.descriptor.digest,
      result: 'fail',
      detail: 'the Rego policy refuses: too \\u{1b}[2Jold',
      code: 'ERR_OPA_DENIED',
    })
    expect(result.decision.rulings.every(({ kind }) => kind === 'refuse')).toBe(true)
    expect(world.acts).toEqual([])
  })

  it('shows so many reasons as somebody reads', async () => {
    const world = new ImportWorld(await tmpFolder())
    const reasons = Array.from({ length: 500 }, (_, at) => `reason ${at} ${'a'.repeat(5000)}`)

    const { verification: said } = await world.import(await verification(await opened(await aBundle())), {
      lastWord: says({ allow: false, reasons }),
    })

    const detail = said.checks.at(-1)?.detail ?? ''
    expect(detail).toContain('and 490 more reasons')
    expect(detail.length).toBeLessThan(2500)
  })

  it('is no leave where there is none', async () => {
    const world = new ImportWorld(await tmpFolder())
    const lastWord: LastWord = async () => {
      throw opaFailure('p.wasm: it failed')
    }

    const found = await verification(await opened(await aBundle()))

    await expect(world.import(found, { lastWord })).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
    await expect(
      world.import(found, { lastWord: says({ refuse: new Map([[`${APP}:1`, 'a name that is not there']]) }) }),
    ).rejects.toMatchObject({ code: 'ERR_OPA_FAILED' })
    expect(world.acts).toEqual([])
  })

  it('is not asked about what is refused already, and cannot let it in', async () => {
    const world = new ImportWorld(await tmpFolder())
    const policy = aPolicy({ unstreamed: undefined, artifacts: [aRule()] })
    const found = await underPolicy(aRelease().all, { policy, stores: {} })
    let asked = 0
    const lastWord: LastWord = async () => {
      asked += 1
      return answer({})
    }

    const { report } = await world.import(found, { lastWord })

    expect([report, asked, world.acts]).toEqual([undefined, 0, []])
  })

  it('refuses all for one root, unless the import policy allows a part', async () => {
    const lastWord = says({ refuse: new Map([[`${TOOL}:1.0`, 'not this one']]) })

    const whole = new ImportWorld(await tmpFolder())
    const nothing = await whole.import(await twoImages(false), { lastWord })
    const some = new ImportWorld(await tmpFolder())
    const part = await some.import(await twoImages(true), { lastWord })

    expect([nothing.report, whole.acts]).toEqual([undefined, []])
    expect(nothing.verification.checks.at(-1)).toMatchObject({ subject: `${TOOL}:1.0`, code: 'ERR_OPA_DENIED' })
    expect(part.report?.loaded.map(({ source }) => source)).toEqual([`${APP}:1.0`])
    expect(some.acts.filter((act) => act.includes('tool'))).toEqual([])
  })
})

describe('what it is given', () => {
  it('is the document of the schema, with everything that is known', async () => {
    const world = new ImportWorld(await tmpFolder())
    const { all, index, sbom } = aRelease()
    const policy = aPolicy({ artifacts: [aRule({ unsigned: 'admit' })] })
    let given: PolicyInput | undefined
    const lastWord: LastWord = async (input) => {
      given = input
      return answer({ allow: false })
    }

    await world.import(await underPolicy(all, { policy, stores: {} }), { lastWord })

    const input = JSON.parse(JSON.stringify(given))
    expect(OUTPUTS['waybill.policy-input.v1'].strict().parse(input)).toEqual(input)
    expect(input).toMatchObject({
      target: { registry: REGISTRY },
      bundle: { kind: 'full', ageSeconds: expect.any(Number) },
      policy: { partial: false, bundle: { admitted: true, rule: 'unstreamed' } },
      roots: [
        {
          name: `${APP}:1.0`,
          ruling: 'admit',
          target: `${REGISTRY}/team/app`,
          targetTag: '1.0',
          policy: { admitted: true, rule: { name: 'all', number: 1 } },
        },
      ],
    })
    const about = input.lookups.find(({ subject }: { readonly subject: string }) => subject === index.root.digest)
    expect(about.found).toContainEqual(
      expect.objectContaining({ digest: sbom.root.digest, artifactType: expect.stringContaining('/') }),
    )
  })
})
