import { describe, expect, it } from 'vitest'
import { type WalkOptions, walk } from '../../src/content/graph.js'
import { type MemoryStore, memoryStore } from '../../src/content/memory.js'
import type { GraphNode } from '../../src/content/node.js'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { LIMITS } from '../../src/limits.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import { DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anArtifact, anImage, anIndex, type Built, type Content, content, json, OCI_LAYER } from '../support/build.js'
import { aRelease, aRepository } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

async function walked(
  root: Descriptor,
  source: ContentSource,
  options: Partial<WalkOptions> = {},
): Promise<readonly GraphNode[]> {
  const nodes: GraphNode[] = []
  for await (const node of walk(root, source, { ...CALL, concurrency: 4, ...options })) nodes.push(node)
  return nodes
}

function digests(nodes: readonly GraphNode[]): readonly Digest[] {
  return nodes.map(({ descriptor }) => descriptor.digest)
}

function nodeOf(nodes: readonly GraphNode[], built: Built): GraphNode | undefined {
  return nodes.find(({ descriptor }) => descriptor.digest === built.root.digest)
}

/** A manifest as a registry would hold it, whatever it says. */
function held(store: MemoryStore, ...contents: readonly Content[]): void {
  for (const { descriptor, bytes } of contents) store.hold(descriptor, bytes)
}

describe('walk', () => {
  it('gives every node of a release once, and nothing else', async () => {
    const { all, index } = aRelease()
    const source = await aRepository(all, anImage({ seed: 'a stranger' }))

    const nodes = await walked(index.root, source)

    const expected = all.contents.map(({ descriptor }) => descriptor.digest)
    expect([...digests(nodes)].sort()).toEqual([...expected].sort())
  })

  it('gives children before parents, and subjects before referrers', async () => {
    const { all, index, sbom, sbomSignature, imageSignature, arm64, cosign } = aRelease()
    const source = await aRepository(all)

    const order = digests(await walked(index.root, source))

    const at = ({ root }: Built) => order.indexOf(root.digest)
    expect(at(arm64)).toBeLessThan(at(index))
    expect(at(index)).toBeLessThan(at(sbom))
    expect(at(sbom)).toBeLessThan(at(sbomSignature))
    expect(at(arm64)).toBeLessThan(at(imageSignature))
    expect(at(index)).toBeLessThan(at(cosign))
  })

  it('says of each blob what it is to the image', async () => {
    const image = anImage({ layers: 1 })
    const source = await aRepository(image)

    const nodes = await walked(image.root, source)

    expect(nodes.map(({ role, descriptor }) => [role, descriptor.mediaType])).toEqual([
      ['config', OCI_CONFIG],
      ['layer', OCI_LAYER],
      ['manifest', OCI_MANIFEST],
    ])
  })

  it('records what hangs on a node, and that nothing hangs on another', async () => {
    const { all, index, sbom, cosign, attestation, amd64 } = aRelease()
    const source = await aRepository(all)

    const nodes = await walked(index.root, source)

    const lookup = nodeOf(nodes, index)?.read?.lookup
    expect(lookup?.referrers).toEqual({ result: 'found', digests: [sbom.root.digest] })
    expect(lookup?.tagged.map(({ tag, descriptor }) => [tag.slice(-3), descriptor.digest])).toEqual([
      ['sig', cosign.root.digest],
      ['att', attestation.root.digest],
    ])
    expect(nodeOf(nodes, amd64)?.read?.lookup.referrers).toEqual({ result: 'none' })
  })

  it('asks nothing twice when two roots share content', async () => {
    const shared = anImage({ platform: 'linux/amd64' })
    const [one, two] = [anIndex([shared], { n: '1' }), anIndex([shared], { n: '2' })]
    const store = await aRepository(one, two)
    const asked: string[] = []
    const source: ContentSource = {
      resolve: (selector, call) => store.resolve(selector, call),
      referrers: (subject, call) => store.referrers(subject, call),
      fetch: (descriptor, call) => {
        asked.push(descriptor.digest)
        return store.fetch(descriptor, call)
      },
    }
    const known = new Map<Digest, GraphNode>()

    await walked(one.root, source, { known })
    const second = await walked(two.root, source, { known })

    expect(asked.filter((digest) => digest === shared.root.digest)).toHaveLength(1)
    expect(digests(second)).toContain(shared.root.digest)
  })

  it('leaves out a referrer that names another subject in its own bytes, and tells', async () => {
    const [image, other] = [anImage({ seed: 'one' }), anImage({ seed: 'other' })]
    const stranger = anArtifact({ subject: other })
    const store = await aRepository(image, other, stranger)
    const source: ContentSource = {
      resolve: (selector, call) => store.resolve(selector, call),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      referrers: async function* (subject) {
        if (subject.digest === image.root.digest) yield stranger.root
      },
    }
    const ignored: (readonly Digest[])[] = []

    const nodes = await walked(image.root, source, {
      onIgnored: (referrer, subject) => ignored.push([referrer, subject]),
    })

    expect(digests(nodes)).not.toContain(stranger.root.digest)
    expect(nodeOf(nodes, image)?.read?.lookup.referrers).toEqual({ result: 'none' })
    expect(ignored).toEqual([[stranger.root.digest, image.root.digest]])
  })

  it('keeps "could not ask" apart from "none there"', async () => {
    const image = anImage()
    const store = await aRepository(image)
    const source: ContentSource = {
      resolve: (selector, call) => store.resolve(selector, call),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      // biome-ignore lint/correctness/useYield: a registry that is down answers nothing
      referrers: async function* () {
        throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no route')
      },
    }

    const nodes = await walked(image.root, source)

    const lookup = nodeOf(nodes, image)?.read?.lookup
    expect(lookup?.referrers).toMatchObject({ result: 'could-not-ask' })
    expect(lookup?.tags).toEqual({ result: 'none' })
  })

  it('walks from an artifact whose subject is not asked for', async () => {
    const image = anImage()
    const sbom = anArtifact({ subject: image })
    const source = await aRepository(image, sbom)

    const nodes = await walked(sbom.root, source)

    expect(digests(nodes)).toEqual(sbom.contents.map(({ descriptor }) => descriptor.digest).sort(configFirst(sbom)))
  })
})

function configFirst(artifact: Built): (a: Digest, b: Digest) => number {
  const order = [artifact.contents[1], artifact.contents[0], artifact.contents[2]].map((one) => one?.descriptor.digest)
  return (a, b) => order.indexOf(a) - order.indexOf(b)
}

describe('walk, against hostile content', () => {
  it('refuses one digest with two sizes', async () => {
    const image = anImage({ layers: 1 })
    const [layer] = image.contents
    if (layer === undefined) throw new Error('no layer')
    const config = json(OCI_CONFIG, { os: 'linux' })
    const liar = json(OCI_MANIFEST, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: config.descriptor,
      layers: [{ ...layer.descriptor, size: layer.descriptor.size + 1 }],
    })
    const index = json(OCI_INDEX, {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [image.root, liar.descriptor],
    })
    const store = await aRepository(image)
    held(store, config, liar, index)

    await expect(walked(index.descriptor, store)).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it.each([1, 8])('refuses a manifest that another one calls a layer, %i at a time', async (concurrency) => {
    const image = anImage()
    const config = json(OCI_CONFIG, { os: 'linux' })
    const wrapper = json(OCI_MANIFEST, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: config.descriptor,
      layers: [{ ...image.root, mediaType: 'application/octet-stream' }],
    })
    const index = json(OCI_INDEX, {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [wrapper.descriptor, image.root],
    })
    const store = await aRepository(image)
    held(store, config, wrapper, index)

    const work = walked(index.descriptor, store, { concurrency })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it('refuses a root that an earlier root has called a layer', async () => {
    const image = anImage()
    const wrapper = anArtifactAround(image)
    const store = await aRepository(image)
    held(store, ...wrapper)
    const known = new Map<Digest, GraphNode>()
    const root = wrapper.at(-1)?.descriptor ?? image.root
    await walked(root, store, { known })

    await expect(walked(image.root, store, { known })).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it('refuses one manifest under two media types', async () => {
    const config = json(OCI_CONFIG, { os: 'linux' })
    const image = json(OCI_MANIFEST, { schemaVersion: 2, config: config.descriptor, layers: [] })
    const index = json(OCI_INDEX, {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [image.descriptor, { ...image.descriptor, mediaType: DOCKER_MANIFEST }],
    })
    const store = memoryStore()
    held(store, config, image, index)

    await expect(walked(index.descriptor, store)).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it('stops at the depth limit', async () => {
    let deep = anIndex([anImage()])
    for (let depth = 0; depth < LIMITS.graphDepth; depth += 1) deep = anIndex([deep], { depth: String(depth) })
    const store = await aRepository(deep)

    await expect(walked(deep.root, store)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('goes to the depth limit', async () => {
    let deep = anImage()
    for (let depth = 0; depth < LIMITS.graphDepth; depth += 1) deep = anIndex([deep], { depth: String(depth) })
    const store = await aRepository(deep)

    const nodes = await walked(deep.root, store)

    expect(nodes.filter(({ role }) => role === 'index')).toHaveLength(LIMITS.graphDepth)
  })

  it('visits shared children once, however often they are listed', async () => {
    let wide = anIndex([anImage()])
    for (let depth = 0; depth < 8; depth += 1) {
      const copies = Array.from({ length: 20 }, () => wide)
      wide = anIndex(copies, { depth: String(depth) })
    }
    const store = await aRepository(wide)

    const nodes = await walked(wide.root, store)

    expect(nodes).toHaveLength(12)
  })

  it('ends where a tag makes a cycle of two images', async () => {
    const [one, two] = [anImage({ seed: 'one' }), anImage({ seed: 'two' })]
    const signature = ({ root }: Built) => `sha256-${root.digest.slice(7)}.sig`
    const store = await aRepository(one, two)
    await store.tag(two.root, signature(one), CALL)
    await store.tag(one.root, signature(two), CALL)

    const nodes = await walked(one.root, store)

    expect(digests(nodes)).toEqual(expect.arrayContaining([one.root.digest, two.root.digest]))
  })

  it('gives an index before the one that a tag on its image names and that contains it', async () => {
    const image = anImage()
    const inner = anIndex([image], { level: 'inner' })
    const outer = anIndex([inner], { level: 'outer' })
    const store = await aRepository(outer)
    await store.tag(outer.root, `sha256-${image.root.digest.slice(7)}.sig`, CALL)

    const order = digests(await walked(inner.root, store))

    expect(order.indexOf(inner.root.digest)).toBeLessThan(order.indexOf(outer.root.digest))
  })

  it('refuses more referrers of one subject than the limit', async () => {
    const image = anImage()
    const store = await aRepository(image)
    const source: ContentSource = {
      resolve: (selector, call) => store.resolve(selector, call),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      referrers: async function* () {
        for (;;) yield image.root
      },
    }

    await expect(walked(image.root, source)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('refuses a manifest larger than the limit before it asks for a byte', async () => {
    const image = anImage()
    const source = await aRepository(image)

    const work = walked({ ...image.root, size: LIMITS.manifestBytes + 1 }, source)

    await expect(work).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('refuses a manifest whose bytes are not what was asked for', async () => {
    const [image, other] = [anImage({ seed: 'one' }), anImage({ seed: 'two' })]
    const store = await aRepository(image)
    const bytes = other.contents.at(-1)?.bytes ?? new Uint8Array(0)
    store.hold(image.root, bytes)

    await expect(walked(image.root, store)).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })

  it('refuses a manifest that is not there', async () => {
    await expect(walked(anImage().root, memoryStore())).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it('stops when it is told to', async () => {
    const { all, index } = aRelease()
    const source = await aRepository(all)
    const stop = new AbortController()
    stop.abort(new TransferError('ERR_CANCELLED', 'enough'))

    const work = walked(index.root, source, { signal: stop.signal })

    await expect(work).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
  })
})

function anArtifactAround(image: Built): readonly Content[] {
  const config = content('application/vnd.oci.empty.v1+json', new TextEncoder().encode('{}'))
  const layer = { ...image.root, mediaType: 'application/octet-stream' }
  const { platform: _, ...pointer } = layer
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: [pointer],
  })
  return [config, manifest]
}
