import { beforeAll, describe, expect, it } from 'vitest'
import { claimedSignatures } from '../../../src/import/review/claimed-signatures.js'
import type { Review, ReviewNode } from '../../../src/import/review/review.js'
import { reviewOf } from '../../../src/import/review/review-of.js'
import { anArtifact, anImage, type Built } from '../../support/build.js'
import { aBundle, opened, verification } from '../../support/bundles.js'
import { VERIFIED_AT } from '../../support/clock.js'
import { aSignature, aSigner, type SignatureRecipe, type SignerUnderTest } from '../../support/evidence.js'
import { nodesOf, said } from '../../support/review-outline.js'
import { CALL } from '../../support/tmp.js'

const IMAGE = anImage({ seed: 'claims' }).tagged('1.0')
let vendor: SignerUnderTest

beforeAll(async () => {
  vendor = await aSigner([], undefined, 'Vendor \u001b[2J\u202e VERIFIED')
})

/** What is reviewed where the importer has no policy about artifacts. */
async function reviewed(...content: readonly Built[]): Promise<Review> {
  const found = await verification(await opened(await aBundle([IMAGE, ...content])))
  return reviewOf({ verification: found, claimed: await claimedSignatures(found, CALL), now: VERIFIED_AT })
}

async function signature(recipe: SignatureRecipe = {}, on: Built = IMAGE): Promise<Built> {
  return await aSignature(on, vendor, recipe)
}

function signaturesIn(review: Review): readonly ReviewNode[] {
  return nodesOf({ ...review, artifacts: review.artifacts }).filter(
    ({ id, kind }) => kind === 'signature' && id[0] === 'a',
  )
}

function otherSignature(envelope: Uint8Array): Uint8Array {
  return Buffer.from(
    Buffer.from(envelope)
      .toString()
      .replace(/"signature":"..../, '"signature":"AAAA'),
  )
}

describe('a signature that nobody asks for', () => {
  it.each(['application/jose+json', 'application/cose'] as const)('has the chain that it claims: %s', async (type) => {
    const [found, ...others] = signaturesIn(await reviewed(await signature({ type })))

    expect(others).toEqual([])
    expect(found).toMatchObject({ verdict: 'note', label: expect.stringContaining('judged by nobody') })
    expect(said(found, 'claims')[0]).toMatch(/^to be made by .*Vendor .*; anybody can write this$/)
    expect(found?.children.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['certificate', 'note'],
      ['certificate', 'note'],
    ])
    expect(found?.children[0]?.label).toMatch(/^claimed signer, until \d{4}-\d\d-\d\d: .*Vendor/)
    expect(found?.children[1]?.label).toMatch(/^claimed issuer, .*Revoking CA/)
    expect(said(found?.children[0], 'valid until')).toHaveLength(1)
  })

  it('hangs on a document, too', async () => {
    const sbom = anArtifact({ subject: IMAGE })

    const found = signaturesIn(await reviewed(sbom, await signature({}, sbom)))

    expect(found.map(({ children }) => children.length)).toEqual([2])
  })

  it('prints no text of a stranger as it is', async () => {
    const all = nodesOf(await reviewed(await signature()))

    const texts = all.flatMap(({ label, details }) => [label, ...details.flat()])
    expect(texts.filter((text) => /[\u001b\u202e]/.test(text))).toEqual([])
  })

  it.each([
    ['whose bytes were changed', { change: otherSignature }],
    ['that is no envelope', { change: () => Buffer.from('{}') }],
  ])('claims nothing %s', async (_what, recipe) => {
    const [found] = signaturesIn(await reviewed(await signature(recipe)))

    expect(found).toMatchObject({ verdict: 'note', children: [] })
    expect(said(found, 'not read')).toHaveLength(1)
    expect(said(found, 'claims')).toEqual([])
  })

  it('says so where it is about something else', async () => {
    const other = anImage({ seed: 'something else' })
    const elsewhere = await aSignature(other, vendor)
    const moved = await signature({ change: () => elsewhere.contents[0]?.bytes ?? Buffer.alloc(0) })

    const [found] = signaturesIn(await reviewed(moved))

    expect(said(found, 'claims').at(-1)).toBe(`to be about something else: ${other.root.digest}`)
  })
})
