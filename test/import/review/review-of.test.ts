import { beforeAll, describe, expect, it } from 'vitest'
import { decide } from '../../../src/import/decide.js'
import { placeRoots } from '../../../src/import/names/names.js'
import type { AskPerson } from '../../../src/import/review/ask-person.js'
import type { Review, ReviewNode } from '../../../src/import/review/review.js'
import { reviewOf } from '../../../src/import/review/review-of.js'
import { formerContents } from '../../../src/import/target/former-content.js'
import type { Verification } from '../../../src/import/verification.js'
import { anArtifact, anImage, anIndex, type Built } from '../../support/build.js'
import { APP, aBundle, aRelease, aRepository, opened, trusted, verification } from '../../support/bundles.js'
import { aSignature, aSigner, type SignerUnderTest } from '../../support/evidence.js'
import { aPolicy, aRule, underPolicy, wants, wantsSbom } from '../../support/import-policies.js'
import { aNumberedBundle, ImportWorld } from '../../support/import-world.js'
import { nodesOf, outline, said } from '../../support/review-outline.js'
import { CALL, tmpFolder } from '../../support/tmp.js'

let vendor: SignerUnderTest
let certifier: SignerUnderTest

beforeAll(async () => {
  vendor = await aSigner([], undefined, 'Vendor')
  certifier = await aSigner([], undefined, 'Certifier')
})

const RULE = () => aRule({ signatures: [wants('vendor')], documents: [wantsSbom({ signatures: [wants('vendor')] })] })

async function judged(content: readonly Built[], rule = RULE(), platforms?: readonly string[]): Promise<Verification> {
  const stores = { vendor: [vendor.root.certificate], certifier: [certifier.root.certificate] }
  const spec = platforms === undefined ? {} : { platforms }
  return await underPolicy(content, { policy: aPolicy({ artifacts: [rule] }), stores }, spec)
}

function reviewed(found: Verification): Review {
  const placed = placeRoots(found.bundle.document.roots, { destination: { registry: 'target.example' } })
  return reviewOf({ verification: found, decision: decide(found, placed) })
}

/** The first line of a kind that has this in its label. */
function find(review: Review, kind: ReviewNode['kind'], text: string): ReviewNode | undefined {
  return nodesOf(review).find((node) => node.kind === kind && node.label.includes(text))
}

describe('the review of a bundle', () => {
  it('is a tree from artifacts over platforms, signatures, chains and documents to the verdict', async () => {
    const amd64 = anImage({ seed: 'tree' })
    const index = anIndex([amd64, anImage({ seed: 'tree', platform: 'linux/arm/v7' })]).tagged('1.0')
    const sbom = anArtifact({ subject: index })
    const attestation = anArtifact({ subject: amd64, artifactType: 'application/vnd.in-toto+json' })
    const signatures = [await aSignature(index, vendor), await aSignature(sbom, vendor)]

    const review = reviewed(await judged([index, sbom, attestation, ...signatures]))

    expect(review.admitted).toBe(true)
    expect(review.artifacts.flatMap((node) => outline(node)).map((line) => line.slice(0, 90))).toMatchInlineSnapshot(`
      [
        "artifact pass registry.example/team/app:1.0",
        "  platform note linux/amd64 sha256:081",
        "    document note application/vnd.in-toto+json sha256:46a",
        "  platform note linux/arm/v7 sha256:548",
        "  signature pass jws signature by C=ZZ, ST=-, O=Waybill tests, CN=Vendor",
        "    check pass integrity: whole, ES256, and about sha256:9a7",
        "    check pass authenticity: signed by C=ZZ, ST=-, O=Waybill tests, CN=Vendor, trusted thr",
        "    check pass authenticTimestamp: every certificate of the signer is valid now",
        "    check pass expiry: the signature has no expiry",
        "    check pass revocation: no certificate of the signer names a source of revocation",
        "    certificate note signer, until 2027-12-31: C=ZZ, ST=-, O=Waybill tests, CN=Vendor",
        "    certificate note issuer, until 2027-12-31: C=ZZ, ST=-, O=Waybill tests, CN=Revoking CA",
        "  document pass application/spdx+json sha256:b6a",
        "    signature pass jws signature by C=ZZ, ST=-, O=Waybill tests, CN=Vendor",
        "      check pass integrity: whole, ES256, and about sha256:b6a",
        "      check pass authenticity: signed by C=ZZ, ST=-, O=Waybill tests, CN=Vendor, trusted t",
        "      check pass authenticTimestamp: every certificate of the signer is valid now",
        "      check pass expiry: the signature has no expiry",
        "      check pass revocation: no certificate of the signer names a source of revocation",
        "      certificate note signer, until 2027-12-31: C=ZZ, ST=-, O=Waybill tests, CN=Vendor",
        "      certificate note issuer, until 2027-12-31: C=ZZ, ST=-, O=Waybill tests, CN=Revoking ",
        "  rule pass rule all, number 1 of artifacts",
        "    rule pass signatures, 1 of vendor: signed by vendor (C=ZZ, ST=-, O=Waybill tests, CN=V",
        "    rule pass documents, 1 of application/spdx+json: 1 of application/spdx+json",
        "  rule pass admitted as target.example/team/app:1.0, by rule all, number 1 of artifacts",
      ]
    `)
  })

  it('gives the chain of a signature with its issuers, windows and thumbprints', async () => {
    const { all, index, sbom } = aRelease()
    const review = reviewed(await judged([all, await aSignature(index, vendor), await aSignature(sbom, vendor)]))

    const leaf = find(review, 'certificate', 'signer, until 2027-12-31: C=ZZ, ST=-, O=Waybill tests, CN=Vendor')

    expect(said(leaf, 'issuer')[0]).toContain('CN=Revoking CA')
    expect(said(leaf, 'valid from')).toEqual(['2026-01-01T00:00:00.000Z'])
    expect(said(leaf, 'SHA-256')).toEqual([vendor.leaf.certificate.thumbprint])
  })

  it('names the rule that refuses, and why, at what is refused', async () => {
    const { all, index } = aRelease()
    const review = reviewed(await judged([all, await aSignature(index, certifier)]))
    const [artifact] = review.artifacts

    expect(review.admitted).toBe(false)
    expect(artifact?.verdict).toBe('fail')
    expect(said(artifact, 'by')).toEqual(['rule all, number 1 of artifacts'])
    expect(said(artifact, 'because')[0]).toContain('it wants vendor')
    expect(find(review, 'signature', 'CN=Certifier')?.verdict).toBe('fail')
    expect(find(review, 'document', 'application/spdx+json')).toMatchObject({ verdict: 'fail' })
    expect(said(find(review, 'document', 'application/spdx+json'), 'counts')).toEqual(['no'])
  })

  it('says which platforms were left out, and counts bytes once', async () => {
    const { all } = aRelease()
    const found = await judged([all], aRule(), ['linux/arm64'])
    const review = reviewed(found)

    expect(find(review, 'platform', 'linux/amd64')?.label).toContain('left out')
    expect(review.artifacts[0]?.size).toBe(found.bundle.inventory.reduce((sum, { size }) => sum + size, 0))
    expect(review.size).toBe(found.bundle.document.totals.bytes)
  })

  it('gives what can be read of a document, and not its manifest', async () => {
    const image = anImage({ seed: 'read' }).tagged('1.0')
    const text = '{"spdxVersion":"SPDX-2.3","name":"read"}'
    const review = reviewed(await judged([image, anArtifact({ subject: image, bytes: text })], aRule()))

    expect(find(review, 'document', 'application/spdx+json')?.document).toMatchObject({
      mediaType: 'application/spdx+json',
      size: text.length,
    })
  })

  it('gives every node an id of its own', async () => {
    const { all, index, sbom } = aRelease()
    const ids = nodesOf(
      reviewed(await judged([all, await aSignature(index, vendor), await aSignature(sbom, vendor)])),
    ).map(({ id }) => id)

    expect(new Set(ids).size).toBe(ids.length)
  })

  it('shows what is common to two platforms once', async () => {
    const image = anImage({ seed: 'common' })
    const inner = anIndex([image])
    const index = anIndex([inner, anIndex([image, inner])]).tagged('1.0')
    const review = reviewed(await judged([index], aRule()))

    expect(nodesOf(review).filter(({ kind }) => kind === 'platform')).toHaveLength(5)
  })

  it('comes to an end where everything is in everything', async () => {
    const [wide, deep] = [60, 7]
    let below = Array.from({ length: wide }, (_, at) => anImage({ seed: `leaf ${at}`, size: 1 }))
    const found = await judged([anIndex(below).tagged('1.0')], aRule())
    const [closure] = found.closures
    const manifest = closure?.manifests.get(closure.root.descriptor.digest)
    if (closure === undefined || manifest === undefined) throw new Error('nothing is below')
    const manifests = new Map(closure.manifests)
    for (let level = 0; level < deep; level += 1) {
      const children = below.map(({ root }) => root)
      below = Array.from({ length: wide }, (_, at) => anIndex([], { at: `${level} ${at}` }))
      for (const { root } of below) manifests.set(root.digest, { ...manifest, children })
    }
    manifests.set(closure.root.descriptor.digest, { ...manifest, children: below.map(({ root }) => root) })

    const review = reviewed({ ...found, closures: [{ ...closure, manifests }] })

    expect(nodesOf(review).length).toBeLessThan(wide * wide * (deep + 2))
  })

  it('says of a bundle by a stranger that nothing below was looked at', async () => {
    const bundle = await opened(await aBundle())
    const review = reviewOf({
      verification: await verification(bundle, { ...trusted(), anchors: [vendor.root.certificate] }),
    })

    expect(review).toMatchObject({ admitted: false, bundle: { verdict: 'fail' } })
    expect(review.artifacts[0]).toMatchObject({ verdict: 'fail', label: `${APP}:1.0` })
    expect(review.artifacts[0]?.children[0]?.label).toContain('not looked at')
  })

  it('prints no text of a stranger as it is', async () => {
    const evil = '\u001b[2Jok \u202eadmitted\u200b'
    const image = anImage({ seed: 'evil' }).tagged('1.0')
    const found = await judged(
      [image, await aSignature(image, vendor)],
      aRule({ name: evil, signatures: [wants('vendor')] }),
    )
    const texts = nodesOf(reviewed({ ...found, bundle: { ...found.bundle, path: evil } })).flatMap(
      ({ label, details }) => [label, ...details.flat()],
    )

    expect(texts.filter((text) => /\p{Cc}|\p{Cf}/u.test(text))).toEqual([])
    expect(texts.some((text) => text.includes('\\u{1b}[2J'))).toBe(true)
  })
})

describe('the review of a bundle against its target', () => {
  it('says what is new, what moves and from what, and which names of the stream are gone', async () => {
    const world = new ImportWorld(await tmpFolder())
    await world.import(await aNumberedBundle(1))
    const found = await aNumberedBundle(2)
    const review = await reviewAt(world, found)

    expect(review.artifacts.map(({ change }) => change)).toEqual(['moved', 'new', 'moved'])
    expect(said(review.artifacts[0], 'means now')[0]).toMatch(/^sha256:/)
    expect(review.removed).toMatchObject([{ label: `${APP}:v1`, change: 'removed' }])
  })

  it('names the platforms that a moved name had, and would have no longer', async () => {
    const world = new ImportWorld(await tmpFolder())
    const both = anIndex([
      anImage({ seed: 'a', platform: 'linux/amd64' }),
      anImage({ seed: 'a', platform: 'linux/s390x' }),
    ])
    const one = anIndex([anImage({ seed: 'b', platform: 'linux/amd64' })])
    await world.import(await unstreamed(both.tagged('1.0')))
    const found = await unstreamed(one.tagged('1.0'))
    const review = await reviewAt(world, found)

    expect(review.removed).toMatchObject([{ label: 'linux/s390x of target.example/team/app:1.0', change: 'removed' }])
  })

  it('goes on without what it cannot read of the target', async () => {
    const world = new ImportWorld(await tmpFolder())
    await world.import(await unstreamed(anImage({ seed: 'one' }).tagged('1.0')))
    const found = await unstreamed(anImage({ seed: 'two' }).tagged('1.0'))
    const { outlook } = await world.import(found, { dryRun: true })
    if (outlook === undefined) throw new Error('nobody has looked')
    const empty = new ImportWorld(await tmpFolder())

    expect(await formerContents(outlook.look, { ...CALL, open: empty.open, concurrency: 2 })).toEqual(new Map())
  })
})

async function unstreamed(built: Built): Promise<Verification> {
  const store = await aRepository(built)
  return await verification(await opened(await aBundle([], { from: { [APP]: store }, sources: [`${APP}:1.0`] })))
}

/** What a person is shown who then refuses nothing. */
async function reviewAt(world: ImportWorld, found: Verification): Promise<Review> {
  const shown: Review[] = []
  const review = async (seen: Parameters<AskPerson>[0]) => {
    shown.push(reviewOf(seen))
    return new Map()
  }
  await world.import(found, { review })
  const [first] = shown
  if (first === undefined) throw new Error('nobody was asked')
  return first
}
