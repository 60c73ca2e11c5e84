import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type PassedOver, verifyLayout } from '../../src/audit/verify-layout.js'
import type { ImageLayout } from '../../src/content/image-layout.js'
import { openLayoutFolder } from '../../src/content/layout-folder.js'
import { openLayoutTar } from '../../src/content/layout-tar.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { bare, type Descriptor } from '../../src/oci/descriptor.js'
import { blobPath, CONTAINERD_NAME, REF_NAME } from '../../src/oci/image-layout.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import { aCosignSignature, anArtifact, anImage, anIndex, type Built, built, json } from '../support/build.js'
import { VERIFIED_AT } from '../support/clock.js'
import { aSignature, aSigner, type SignerUnderTest } from '../support/evidence.js'
import { type LayoutFile, tarOf, writeFolder } from '../support/layout-files.js'
import { contextOf } from '../support/notary.js'
import { CALL, tmpFolder } from '../support/tmp.js'
import { aStatement, policyBytes } from '../support/trust-policies.js'

const IMAGE = anImage({ seed: 'release' })
const OTHER = anImage({ seed: 'another' })
const SCOPE = 'registry.example/team/app'
const SKIPPED = aStatement({
  name: 'skipped',
  registryScopes: ['mirror.example/lib'],
  signatureVerification: { level: 'skip' },
  trustStores: undefined,
  trustedIdentities: undefined,
})

let vendor: SignerUnderTest
let dev: SignerUnderTest
let signature: Built

beforeAll(async () => {
  vendor = await aSigner([], undefined, 'Vendor')
  dev = await aSigner([], undefined, 'Dev')
  signature = await aSignature(IMAGE, vendor)
})

interface Entry extends Descriptor {
  readonly name?: string
}

const named = (one: Built, name?: string, more: Partial<Descriptor> = {}): Entry => ({
  ...one.root,
  ...more,
  ...(name === undefined ? {} : { annotations: { [REF_NAME]: name } }),
})

function files(entries: readonly Entry[], content: readonly Built[]): readonly LayoutFile[] {
  const blobs = new Map(content.flatMap(({ contents }) => contents).map((one) => [one.descriptor.digest, one.bytes]))
  const manifests = entries.map(({ platform: _, name: __, ...entry }) => entry)
  return [
    { name: 'oci-layout', bytes: canonicalBytes({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', bytes: canonicalBytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }) },
    ...[...blobs].map(([digest, bytes]) => ({ name: blobPath(digest), bytes })),
  ]
}

async function asFolder(found: readonly LayoutFile[]): Promise<ImageLayout> {
  const folder = await tmpFolder()
  await writeFolder(folder, found)
  return await openLayoutFolder(folder, CALL)
}

async function asTar(found: readonly LayoutFile[]): Promise<ImageLayout> {
  const path = join(await tmpFolder(), 'layout.tar')
  await writeFile(path, await tarOf(found))
  const layout = await openLayoutTar(path, CALL)
  onTestFinished(() => layout.close())
  return layout
}

interface Judged {
  readonly name?: string
  readonly scope?: string
  readonly form?: typeof asFolder
}

async function judged(entries: readonly Entry[], content: readonly Built[], given: Judged = {}) {
  const { form = asFolder, scope = SCOPE, name } = given
  const statements = [
    aStatement({ registryScopes: [SCOPE] }),
    aStatement({ name: 'sandbox', registryScopes: ['dev.example/sandbox'], trustStores: ['ca:dev'] }),
    SKIPPED,
  ]
  const policy = parseTrustPolicy(policyBytes(statements), 'oci', 'trustpolicy.json')
  const stores = { 'ca:acme': [vendor.root.certificate], 'ca:dev': [dev.root.certificate] }
  const { statement: _, ...context } = contextOf({ stores, now: VERIFIED_AT })
  const others: PassedOver[] = []
  const outcomes = await verifyLayout(await form(files(entries, content)), {
    ...CALL,
    policy,
    context,
    scopeOf: () => scope,
    onPassedOver: (entry) => others.push(entry),
    ...(name === undefined ? {} : { name }),
  })
  return { outcomes, others }
}

const verdicts = ({ outcomes }: Awaited<ReturnType<typeof judged>>) =>
  outcomes.map(({ name, verdict }) => `${name} ${verdict}`)

describe('verifyLayout', () => {
  it.each([
    ['a folder', asFolder],
    ['a tar', asTar],
  ])('holds what %s lists against the policy', async (_what, form) => {
    const found = await judged([named(IMAGE, '1.0'), named(signature)], [IMAGE, signature], { form })

    expect(found.outcomes).toMatchObject([
      { name: '1.0', verdict: 'verified', scope: SCOPE, target: bare(IMAGE.root), statement: 'acme' },
    ])
    expect(found.others).toEqual([])
  })

  it('finds signatures that the index does not list', async () => {
    expect(verdicts(await judged([named(IMAGE, '1.0')], [IMAGE, signature]))).toEqual(['1.0 verified'])
  })

  it('judges every name, and the same artifact without a name as one', async () => {
    const entries = [named(IMAGE, '1.0'), named(IMAGE, 'latest'), named(IMAGE), named(OTHER)]

    expect(verdicts(await judged(entries, [IMAGE, OTHER, signature]))).toEqual([
      '1.0 verified',
      'latest verified',
      `${OTHER.root.digest} refused`,
    ])
  })

  it('judges the entry that is named, and no other', async () => {
    const entries = [named(IMAGE, '1.0'), named(OTHER, '2.0')]

    expect(verdicts(await judged(entries, [IMAGE, OTHER, signature], { name: '1.0' }))).toEqual(['1.0 verified'])
    expect(verdicts(await judged(entries, [IMAGE, OTHER, signature], { name: '2.0' }))).toEqual(['2.0 refused'])
  })

  it('refuses to choose where one name stands for two', async () => {
    const entries = [named(IMAGE, '1.0'), named(OTHER, '1.0')]

    await expect(judged(entries, [IMAGE, OTHER, signature], { name: '1.0' })).rejects.toMatchObject({
      code: 'ERR_CONTENT_AMBIGUOUS',
    })
    expect(verdicts(await judged(entries, [IMAGE, OTHER, signature]))).toEqual(['1.0 verified', '1.0 refused'])
  })

  it('passes over lists of referrers and what cosign has named, and tells of them', async () => {
    const list = anIndex([signature])
    const cosign = aCosignSignature(IMAGE)
    const tag = `sha256-${IMAGE.root.digest.slice(7)}`

    const found = await judged(
      [named(IMAGE, '1.0'), named(list, tag), named(cosign, `${tag}.sig`)],
      [IMAGE, list, cosign, signature],
    )

    expect(verdicts(found)).toEqual(['1.0 verified'])
    expect(found.others).toMatchObject([
      { name: tag, digest: list.root.digest },
      { name: `${tag}.sig`, digest: cosign.root.digest },
    ])
  })

  it('passes over what hangs on another and has no name, and tells of what no verdict has named', async () => {
    const sbom = anArtifact({ subject: IMAGE })

    const found = await judged([named(IMAGE, '1.0'), named(sbom), named(signature)], [IMAGE, sbom, signature])

    expect(verdicts(found)).toEqual(['1.0 verified'])
    expect(found.others).toEqual([{ name: sbom.root.digest, digest: sbom.root.digest, why: expect.any(String) }])
  })

  it('knows the manifests of artifacts that have been withdrawn', async () => {
    const type = 'application/vnd.oci.artifact.manifest.v1+json'
    const members = { mediaType: type, artifactType: 'application/vnd.cncf.notary.signature', blobs: [] }
    const old = json(type, { ...members, subject: bare(IMAGE.root) })

    const found = await judged(
      [named(IMAGE, '1.0'), named(built(old.descriptor, [old]))],
      [IMAGE, built(old.descriptor, [old]), signature],
    )

    expect(verdicts(found)).toEqual(['1.0 verified'])
    expect(found.others).toMatchObject([{ digest: old.descriptor.digest }])
  })

  it('judges such a manifest by itself where it hangs on nothing', async () => {
    const type = 'application/vnd.oci.artifact.manifest.v1+json'
    const [alone, nulled] = [json(type, { mediaType: type, blobs: [] }), json(type, { mediaType: type, subject: null })]
    const entries = [alone, nulled].map((one) => built(one.descriptor, [one]))

    const found = await judged(
      entries.map((one) => named(one)),
      entries,
    )

    expect(found.outcomes.map(({ verdict }) => verdict)).toEqual(['refused', 'refused'])
    expect(found.others).toEqual([])
  })

  it('has nothing to say of a layout that lists nothing', async () => {
    await expect(judged([], [])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(judged([named(signature)], [IMAGE, signature])).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})

describe('a layout that somebody has written to be believed', () => {
  /** An image that says that it hangs on the good one. */
  function hanging(): Built {
    const { contents } = OTHER
    const manifest = contents.find(({ descriptor }) => descriptor.digest === OTHER.root.digest)
    const members = JSON.parse(Buffer.from(manifest?.bytes ?? []).toString())
    const changed = json(OCI_MANIFEST, { ...members, subject: bare(IMAGE.root) })
    return built(changed.descriptor, [...contents, changed])
  }

  it.each([
    ['under its own name', (evil: Built) => named(evil, '2.0')],
    [
      'under a name for containerd',
      (evil: Built) => ({ ...evil.root, annotations: { [CONTAINERD_NAME]: 'a.example/b:2.0' } }),
    ],
    [
      'under a name for containerd beside one that looks like a list of referrers',
      (evil: Built) => ({
        ...evil.root,
        annotations: { [REF_NAME]: `sha256-${'a'.repeat(64)}`, [CONTAINERD_NAME]: 'a.example/b:2.0' },
      }),
    ],
  ])('cannot hide an image %s by letting it hang on another', async (_how, entry) => {
    const evil = hanging()

    const found = await judged([named(IMAGE, '1.0'), entry(evil)], [IMAGE, evil, signature])

    expect(found.outcomes.map(({ verdict }) => verdict)).toEqual(['verified', 'refused'])
  })

  it('cannot hide an image without a name either: it is told of', async () => {
    const evil = hanging()

    const { others } = await judged([named(IMAGE, '1.0'), named(evil)], [IMAGE, evil, signature])

    expect(others).toMatchObject([{ digest: evil.root.digest, why: `it hangs on ${IMAGE.root.digest}` }])
  })

  it('cannot hide an image behind a media type that is no manifest’s', async () => {
    const entries = [named(IMAGE, '1.0'), named(OTHER, '2.0', { mediaType: 'application/vnd.example.image' })]

    expect(verdicts(await judged(entries, [IMAGE, OTHER, signature]))).toEqual(['1.0 verified', '2.0 refused'])
  })

  it('cannot choose the statement by what it calls its entries', async () => {
    const entries = [named(OTHER, 'dev.example/sandbox:1.0'), named(OTHER, 'mirror.example/lib:1.0')]
    const byDev = await aSignature(OTHER, dev)

    const found = await judged(entries, [OTHER, byDev])

    expect(found.outcomes.map(({ verdict, statement }) => [verdict, statement])).toEqual([
      ['refused', 'acme'],
      ['refused', 'acme'],
    ])
  })

  it.each([
    ['size', { size: IMAGE.root.size + 1 }, 'ERR_CONTENT_MISMATCH'],
    ['media type', { mediaType: OCI_INDEX }, 'ERR_CONTENT_AMBIGUOUS'],
  ])('is refused where its index says another %s than what is there', async (_what, lie, code) => {
    for (const name of [undefined, '1.0']) {
      const judging = judged([named(IMAGE, '1.0', lie)], [IMAGE, OTHER, signature], name === undefined ? {} : { name })
      await expect(judging).rejects.toMatchObject({ code })
    }
  })

  it('is refused where the manifest holds other bytes than its digest says', async () => {
    const swapped = built(IMAGE.root, [
      ...IMAGE.contents.filter(({ descriptor }) => descriptor.digest !== IMAGE.root.digest),
      { descriptor: IMAGE.root, bytes: OTHER.contents.at(-1)?.bytes ?? new Uint8Array() },
    ])

    for (const name of [undefined, '1.0']) {
      const judging = judged([named(IMAGE, '1.0')], [swapped, signature], name === undefined ? {} : { name })
      await expect(judging).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
    }
  })

  it('is refused where the manifest that was signed is not there at all', async () => {
    const lacking = built(
      IMAGE.root,
      IMAGE.contents.filter(({ descriptor }) => descriptor.digest !== IMAGE.root.digest),
    )

    for (const name of [undefined, '1.0']) {
      const judging = judged([named(IMAGE, '1.0')], [lacking, signature], name === undefined ? {} : { name })
      await expect(judging).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    }
  })

  it('is refused, and judged further, where an envelope is not there', async () => {
    const [envelope] = signature.contents
    const lacking = built(
      signature.root,
      signature.contents.filter((one) => one !== envelope),
    )
    const byDev = await aSignature(IMAGE, dev)

    const found = await judged([named(IMAGE, '1.0')], [IMAGE, lacking, byDev])

    expect(verdicts(found)).toEqual(['1.0 refused'])
    expect(found.outcomes[0]?.signatures).toHaveLength(2)
  })

  it('does not make its waybill’s place a repository', async () => {
    expect(
      (await judged([named(IMAGE, '1.0')], [IMAGE, signature], { scope: 'waybill/bundle' })).outcomes,
    ).toMatchObject([{ verdict: 'refused', code: 'ERR_TRUST_POLICY_NONE' }])
  })
})
