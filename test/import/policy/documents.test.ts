import { beforeAll, describe, expect, it } from 'vitest'
import type { DocumentRequirement } from '../../../src/policy/import-policy.js'
import { anArtifact, anImage, anIndex, type Built } from '../../support/build.js'
import { APP, aRepository, judgementOf } from '../../support/bundles.js'
import { deaf } from '../../support/deaf.js'
import { aSignature, aSigner, type SignerUnderTest } from '../../support/evidence.js'
import { aPolicy, aRule, SBOM, underPolicy, wants, wantsSbom } from '../../support/import-policies.js'

const AMD64 = anImage({ seed: 'release', platform: 'linux/amd64' })
const ARM64 = anImage({ seed: 'release', platform: 'linux/arm64' })
const INDEX = anIndex([AMD64, ARM64]).tagged('1.0')
const onIndex = anArtifact({ subject: INDEX, bytes: 'of the index' })
const onAmd64 = anArtifact({ subject: AMD64, bytes: 'of amd64' })
const onArm64 = anArtifact({ subject: ARM64, bytes: 'of arm64' })
const BY_LAB = { signatures: [wants('lab')] }
const EVERYWHERE = { on: 'platforms' } as const

let lab: SignerUnderTest
let vendor: SignerUnderTest

beforeAll(async () => {
  lab = await aSigner([], undefined, 'Lab')
  vendor = await aSigner([], undefined, 'Vendor')
})

async function judged(
  content: readonly Built[],
  wanted: Partial<DocumentRequirement> = {},
  spec: Parameters<typeof underPolicy>[2] = {},
) {
  const policy = aPolicy({ artifacts: [aRule({ unsigned: 'admit', documents: [wantsSbom(wanted)] })] })
  const stores = { lab: [lab.root.certificate], vendor: [vendor.root.certificate] }
  return await underPolicy([INDEX, ...content], { policy, stores }, spec)
}

const UNMET = { verdict: 'not-authentic', code: 'ERR_POLICY_UNMET' }

describe('a document that a rule requires', () => {
  it('has to hang on the root', async () => {
    const found = await judged([onIndex])

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(found.policy?.roots[0]?.documents).toMatchObject([
      { met: true, subject: INDEX.root.digest, found: [{ digest: onIndex.root.digest, type: SBOM, counts: true }] },
    ])
    const none = await judged([onAmd64])
    expect(judgementOf(none)).toMatchObject(UNMET)
    expect(none.policy?.roots[0]?.detail).toContain(`a document of the type ${SBOM}, and there is none`)
  })

  it('has the type that its own manifest says', async () => {
    const other = anArtifact({ subject: INDEX, artifactType: 'application/vnd.other', mediaType: SBOM })

    expect(judgementOf(await judged([other]))).toMatchObject(UNMET)
    expect(judgementOf(await judged([other], { types: [SBOM, 'application/vnd.other'] }))).toEqual({
      verdict: 'verified',
    })
  })

  it('counts as often as it is there', async () => {
    expect(judgementOf(await judged([onIndex], { atLeast: 2 }))).toMatchObject(UNMET)
    const second = anArtifact({ subject: INDEX, bytes: 'another' })
    expect(judgementOf(await judged([onIndex, second], { atLeast: 2 }))).toEqual({ verdict: 'verified' })
  })

  it('counts only where it is signed by whom the rule wants, itself', async () => {
    const right = await aSignature(onIndex, lab)
    const wrong = await aSignature(onIndex, vendor)
    const elsewhere = await aSignature(INDEX, lab)
    const artifacts = [aRule({ documents: [wantsSbom(BY_LAB)], signatures: [wants('lab')] })]
    const stores = { lab: [lab.root.certificate], vendor: [vendor.root.certificate] }

    expect(judgementOf(await judged([onIndex, right], BY_LAB))).toEqual({ verdict: 'verified' })
    expect(judgementOf(await judged([onIndex], BY_LAB))).toMatchObject(UNMET)
    const unmet = await judged([onIndex, wrong], BY_LAB)
    expect(judgementOf(unmet)).toMatchObject(UNMET)
    expect(unmet.policy?.roots[0]?.detail).toContain('it wants lab; its signature is not by lab: signed by')
    // The image is signed as required, and its SBOM is not.
    const image = await underPolicy([INDEX, onIndex, elsewhere], { policy: aPolicy({ artifacts }), stores })
    expect(judgementOf(image)).toMatchObject(UNMET)
    expect(image.policy?.roots).toMatchObject([{ signatures: [{ met: true }], documents: [{ met: false }] }])
  })

  it('is not there where nobody could ask what hangs on its subject', async () => {
    const from = { [APP]: deaf(await aRepository(INDEX, onIndex)) }

    expect(judgementOf(await judged([], {}, { from, allowUnknownReferrers: true }))).toMatchObject(UNMET)
  })
})

describe('a document that each platform needs', () => {
  it('has to hang on each image of an index', async () => {
    const found = await judged([onAmd64, onArm64], EVERYWHERE)

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(found.policy?.roots[0]?.documents).toMatchObject([
      { platform: 'linux/amd64', met: true },
      { platform: 'linux/arm64', met: true },
    ])
    const half = await judged([onAmd64, onIndex], EVERYWHERE)
    expect(judgementOf(half)).toMatchObject(UNMET)
    expect(half.policy?.roots[0]?.detail).toContain('on linux/arm64, and there is none')
  })

  it('need not hang on platforms that were left out of the bundle', async () => {
    const platforms = { platforms: ['linux/amd64'] }

    expect(judgementOf(await judged([onAmd64], EVERYWHERE, platforms))).toEqual({ verdict: 'verified' })
    expect(judgementOf(await judged([onArm64], EVERYWHERE, platforms))).toMatchObject(UNMET)
  })

  it('has to hang on an image that has no index', async () => {
    const image = anImage({ seed: 'alone' }).tagged('1.0')
    const policy = aPolicy({ artifacts: [aRule({ unsigned: 'admit', documents: [wantsSbom(EVERYWHERE)] })] })
    const by = (...content: readonly Built[]) => underPolicy([image, ...content], { policy, stores: {} })

    expect(judgementOf(await by())).toMatchObject(UNMET)
    expect(judgementOf(await by(anArtifact({ subject: image })))).toEqual({ verdict: 'verified' })
  })

  it('is not everywhere in an index of nothing', async () => {
    const empty = anIndex([]).tagged('1.0')
    const policy = aPolicy({ artifacts: [aRule({ unsigned: 'admit', documents: [wantsSbom(EVERYWHERE)] })] })

    expect(judgementOf(await underPolicy([empty], { policy, stores: {} }))).toMatchObject(UNMET)
  })
})
