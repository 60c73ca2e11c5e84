import { describe, expect, it } from 'vitest'
import { rootName } from '../../../src/bundle/document.js'
import { decide } from '../../../src/import/decide.js'
import { settled, withPlaces } from '../../../src/import/names/placed.js'
import type { Check } from '../../../src/import/verification.js'
import { digestOf } from '../../../src/oci/digest.js'
import { aBundle, opened, trusted, verification } from '../../support/bundles.js'

const QUIET = { emit: () => {} }

function finding(subject: string): Check {
  return { name: 'policy', subject, result: 'fail', detail: 'it may not go there', code: 'ERR_POLICY_REFUSED' }
}

describe('withPlaces', () => {
  it('leaves nothing to load where a root has no place', async () => {
    const found = await verification(await opened(await aBundle()))
    const name = found.bundle.document.roots.map(rootName)[0] ?? ''

    const { verified, checks } = withPlaces(found, { findings: [finding(name)] }, QUIET)

    expect(verified).toBeUndefined()
    expect(checks.at(-1)).toMatchObject({ name: 'policy', subject: name, result: 'fail' })
  })

  it('keeps the others where the policy allows a part, and no part of nothing', async () => {
    const found = await verification(await opened(await aBundle()))
    const { roots } = found.bundle.document
    const name = roots.map(rootName)[0] ?? ''
    const policy = { path: 'p', digest: digestOf(Buffer.of()), partial: true, roots: [] }
    const judged = { ...found, policy: { ...policy, bundle: { admitted: true, detail: '', signers: [] } } }

    const partly = withPlaces(judged, { findings: [finding(name)] }, QUIET)
    const decision = decide(partly, { places: new Map(), findings: [finding(name)] })

    expect(partly.verified).toBeDefined()
    expect(partly.checks.at(-1)).toMatchObject({ subject: name, result: 'logged', code: 'ERR_POLICY_REFUSED' })
    expect(settled({ verification: partly, decision }).verification.verified).toBeUndefined()
  })

  it('says nothing where there is nothing to say, and of what is not verified', async () => {
    const found = await verification(await opened(await aBundle()))
    const stranger = await verification(await opened(await aBundle()), { ...trusted(), anchors: [] })

    expect(withPlaces(found, { findings: [] }, QUIET)).toBe(found)
    expect(withPlaces(stranger, { findings: [finding('a')] }, QUIET)).toBe(stranger)
  })
})
