import { describe, expect, it } from 'vitest'
import { type HeldContent, heldBy, orderBases } from '../../src/bundle/base.js'
import { collectInventory } from '../../src/bundle/collect-inventory.js'
import { isCarried } from '../../src/bundle/inventory.js'
import { neededHere } from '../../src/bundle/needed-here.js'
import type { GraphNode } from '../../src/content/node.js'
import { TransferError } from '../../src/errors.js'
import { LIMITS } from '../../src/limits.js'
import { type Descriptor, describe as describeBytes } from '../../src/oci/descriptor.js'
import { type Digest, digestOf } from '../../src/oci/digest.js'
import { parseManifest } from '../../src/oci/manifest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { buildNv2Manifest } from '../../src/trust/nv2/nv2-manifest.js'
import { anArtifact, anImage, anIndex, together } from '../support/build.js'
import { APP, aRelease, aRepository, planOf } from '../support/bundles.js'

function digestFor(text: string): Digest {
  return digestOf(Buffer.from(text))
}

function assumed(text: string, ...digests: readonly Digest[]): HeldContent {
  return { base: { kind: 'assumed', waybill: digestFor(text), repositories: [APP] }, digests: new Set(digests) }
}

function acknowledged(text: string, ...digests: readonly Digest[]): HeldContent {
  const facts = { waybill: digestFor(text), repositories: [APP], receipt: digestFor(text), target: 'acme.example' }
  return { base: { kind: 'acknowledged', ...facts }, digests: new Set(digests) }
}

async function planned(held: readonly HeldContent[], built = aRelease().all) {
  const plan = await planOf({ from: { [APP]: await aRepository(built) }, sources: [`${APP}:1.0`], held })
  return plan.contents
}

const EVERYTHING = aRelease().all.contents.map(({ descriptor }) => descriptor.digest)

describe('what a bundle builds on', () => {
  it('stands in one order, what is acknowledged first, and each once', () => {
    const [one, two] = [assumed('one', digestFor('a')), acknowledged('two')]

    const ordered = orderBases([one, assumed('one', digestFor('b')), two])

    expect(ordered.map(({ base }) => base.kind)).toEqual(['acknowledged', 'assumed'])
    expect(ordered[1]?.digests.size).toBe(2)
  })

  it('is named only where it stands for something, and the first one that has a blob stands for it', async () => {
    const [layer] = aRelease().amd64.contents.map(({ descriptor }) => descriptor.digest)
    if (layer === undefined) throw new Error('no layer')
    const held = [assumed('z', layer), assumed('nothing', digestFor('elsewhere')), acknowledged('a', layer)]

    const { document, inventory } = await planned(held)

    expect(document.base?.map(({ kind }) => kind)).toEqual(['acknowledged'])
    expect(inventory.filter((line) => !isCarried(line))).toEqual([expect.objectContaining({ digest: layer, base: 1 })])
    expect(heldBy(document, inventory)).toEqual([{ base: document.base?.[0], digests: new Set([layer]) }])
  })

  it('leaves a full bundle as it was where it stands for nothing', async () => {
    expect(await planned([assumed('one', digestFor('elsewhere'))])).toEqual(await planned([]))
  })

  it('has a limit', () => {
    const layers = Array.from({ length: LIMITS.bases + 1 }, (_, at) => digestFor(String(at)))
    const nodes = layers.map((digest) => ({
      descriptor: { mediaType: 'application/octet-stream', digest, size: 1 },
      ...{ role: 'layer' as const, children: [], omissions: [] },
    }))
    const held = layers.map((digest, at) => assumed(`base ${at}`, digest))

    expect(() => collectInventory(nodes, { evidence: undefined, held })).toThrow(TransferError)
    expect(collectInventory(nodes, { evidence: undefined, held: held.slice(1) }).bases).toHaveLength(LIMITS.bases)
  })
})

describe('what is carried, whoever has it', () => {
  it('is all but layers and configs of images', async () => {
    const { inventory, document } = await planned([assumed('all', ...EVERYTHING)])

    const left = inventory.filter((line) => !isCarried(line))
    const { amd64, arm64 } = aRelease()
    const images = [...amd64.contents, ...arm64.contents].filter(
      ({ descriptor }) => !/manifest/.test(descriptor.mediaType),
    )
    expect(new Set(left.map(({ digest }) => digest))).toEqual(
      new Set(images.map(({ descriptor }) => descriptor.digest)),
    )
    const bytes = left.reduce((sum, { size }) => sum + size, 0)
    expect(document.totals.expected).toEqual({ blobs: left.length, bytes })
  })

  it('is a layer that a signature has too', async () => {
    const shared = Buffer.from('the same bytes')
    const image = anImage({ layers: [shared] })
    const artifact = anArtifact({ subject: image, mediaType: 'application/vnd.oci.image.layer.v1.tar', bytes: shared })
    const all = together(image, artifact).tagged('1.0')

    const { inventory } = await planned(
      [assumed('all', ...all.contents.map(({ descriptor }) => descriptor.digest))],
      all,
    )

    const line = inventory.find(({ digest }) => digest === digestOf(shared))
    expect(line && isCarried(line)).toBe(true)
  })

  it('is an attestation that lies in an index beside the images', async () => {
    const statement = anArtifact({ artifactType: 'application/vnd.in-toto+json' })
    const index = anIndex([anImage(), statement]).tagged('1.0')

    const { inventory } = await planned(
      [assumed('all', ...index.contents.map(({ descriptor }) => descriptor.digest))],
      index,
    )

    const line = inventory.find(({ mediaType }) => mediaType === 'application/vnd.in-toto+json')
    expect(line && isCarried(line)).toBe(true)
  })

  it('is a signature of the nv2 prototype, which nothing ties to anything, and no artifact that is named by itself', () => {
    const signature = buildNv2Manifest(Buffer.from('header.payload.signature'))
    const artifact = anArtifact({ mediaType: 'application/vnd.model.weights', bytes: 'weights' })
    const [weights, , document] = artifact.contents
    if (weights === undefined || document === undefined) throw new Error('no artifact')

    const needed = neededHere([
      manifestNode(signature.manifest, [signature.config]),
      manifestNode(document.bytes, [weights.descriptor]),
    ])

    expect(needed.has(signature.config.digest)).toBe(true)
    expect(needed.has(weights.descriptor.digest)).toBe(false)
  })
})

function manifestNode(bytes: Uint8Array, children: readonly Descriptor[]): GraphNode {
  const descriptor = describeBytes(OCI_MANIFEST, bytes)
  const none = { result: 'none' } as const
  const lookup = { subject: descriptor.digest, referrers: none, tags: none, tagged: [], descriptors: [] }
  const manifest = parseManifest(bytes, OCI_MANIFEST, descriptor.digest)
  return { descriptor, role: 'manifest', children, omissions: [], read: { bytes, manifest, lookup } }
}
