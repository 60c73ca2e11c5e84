import { describe, expect, it } from 'vitest'
import { type MemoryStore, memoryStore } from '../../src/content/memory.js'
import type { GraphNode } from '../../src/content/node.js'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { LIMITS } from '../../src/limits.js'
import type { Digest } from '../../src/oci/digest.js'
import { DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { anImage, anIndex, type Built, type Content, content, json } from '../support/build.js'
import { aRelease, aRepository } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'
import { digests, walked } from '../support/walked.js'

/** A manifest as a registry would hold it, whatever it says. */
function held(store: MemoryStore, ...contents: readonly Content[]): void {
  for (const { descriptor, bytes } of contents) store.hold(descriptor, bytes)
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
