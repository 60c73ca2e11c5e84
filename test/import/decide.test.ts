import { describe, expect, it } from 'vitest'
import type { PolicyFindings } from '../../src/import/policy/findings.js'
import { anImage } from '../support/build.js'
import { APP, aBundle, aRepository, opened, trusted, verification } from '../support/bundles.js'
import { decided } from '../support/decided.js'

const TARGET = { registry: 'target.example', prefix: 'mirror' }

describe('decide', () => {
  it('admits every root of a verified bundle, each under its name at the target', async () => {
    const bundle = await opened(
      await aBundle(anImage().tagged('1.0').tagged('2.0'), { sources: [`${APP}:1.0`, `${APP}:2.0`] }),
    )

    const { rulings } = decided(await verification(bundle), TARGET)

    expect(rulings.map((ruling) => [ruling.kind, ruling.root.tag])).toEqual([
      ['admit', '1.0'],
      ['admit', '2.0'],
    ])
    expect(rulings[0]).toMatchObject({ target: { registry: 'target.example', name: 'mirror/team/app' } })
  })

  it('refuses every root of one that is not, and says why', async () => {
    const bundle = await opened(await aBundle())

    const { rulings } = decided(await verification(bundle, { ...trusted(), anchors: [] }), TARGET)

    expect(rulings).toEqual([
      expect.objectContaining({ kind: 'refuse', because: [expect.objectContaining({ code: 'ERR_SIGNER_UNKNOWN' })] }),
    ])
  })

  it('refuses a name that does not fit below the prefix', async () => {
    const repository = `registry.example/${'a'.repeat(240)}`
    const image = anImage().tagged('1.0')
    const path = await aBundle(image, {
      from: { [repository]: await aRepository(image) },
      sources: [`${repository}:1.0`],
    })
    const found = await verification(await opened(path))

    const { rulings } = decided(found, { registry: 'target.example', prefix: 'a-longer-prefix' })

    expect(rulings).toMatchObject([{ kind: 'refuse', because: [{ code: 'ERR_REFERENCE_INVALID' }] }])
  })
})

describe('a root that an import policy was not asked about', () => {
  it('is not admitted, and nor is what only signs it', async () => {
    const found = await verification(
      await opened(await aBundle(anImage().tagged('1.0').tagged('2.0'), { sources: [`${APP}:1.0`, `${APP}:2.0`] })),
    )
    const [first, second] = found.bundle.document.roots
    if (first === undefined || second === undefined) throw new Error('two roots')
    const bundle = { admitted: true, detail: '', signers: [] }
    const facts = { detail: '', signatures: [], documents: [], recorded: false }
    const policy = { path: 'p', digest: first.descriptor.digest, partial: true, bundle }
    const by = (roots: PolicyFindings['roots']) =>
      decided({ ...found, policy: { ...policy, roots } }, TARGET).rulings.map(({ kind }) => kind)

    expect(by([{ ...facts, root: first, admitted: true }])).toEqual(['admit', 'refuse'])
    expect(
      by([
        { ...facts, root: first, admitted: false },
        { ...facts, root: second, admitted: true, follows: [first] },
      ]),
    ).toEqual(['refuse', 'refuse'])
    expect(
      by([
        { ...facts, root: first, admitted: true },
        { ...facts, root: second, admitted: true, follows: [first] },
      ]),
    ).toEqual(['admit', 'admit'])
  })
})
