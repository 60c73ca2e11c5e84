import { describe, expect, it } from 'vitest'
import { collectContents, type WalkedRoot } from '../../src/bundle/contents.js'
import { walk } from '../../src/content/graph.js'
import type { GraphNode } from '../../src/content/node.js'
import { type Descriptor, describe as descriptorOf } from '../../src/oci/descriptor.js'
import { parsePlatform } from '../../src/oci/platform.js'
import { aCosignSignature, anArtifact, anImage, anIndex, type Built, together } from '../support/build.js'
import { APP, aRelease, aRepository, GENERATOR } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

const MADE = { createdAt: '2026-11-20T10:00:00Z', generator: GENERATOR }

interface RootSpec {
  readonly built: Built
  readonly root?: Descriptor
  readonly repository?: string
  readonly tag?: string
  readonly platforms?: readonly string[]
}

async function walkedRoot({ built, root = built.root, repository = APP, tag, platforms }: RootSpec) {
  const nodes: GraphNode[] = []
  const wish = platforms === undefined ? {} : { platforms: platforms.map(parsePlatform) }
  for await (const node of walk(root, await aRepository(built), { ...CALL, concurrency: 2, ...wish })) nodes.push(node)
  const { mediaType, digest, size } = root
  const walked: WalkedRoot = {
    root: { repository, descriptor: { mediaType, digest, size }, ...(tag === undefined ? {} : { tag }) },
    nodes,
  }
  return walked
}

describe('collectContents', () => {
  it('lists manifests before all else, and counts', async () => {
    const { all, index } = aRelease()

    const { document, inventory } = collectContents(
      [await walkedRoot({ built: all, root: index.root, tag: '1.0' })],
      MADE,
    )

    const kinds = inventory.map(({ role }) => role === 'index' || role === 'manifest')
    expect(kinds.lastIndexOf(true)).toBeLessThan(kinds.indexOf(false))
    expect(document.totals).toEqual({
      blobs: all.contents.length,
      bytes: all.contents.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
    })
  })

  it('says the same whatever the order of the roots', async () => {
    const roots = await Promise.all([
      walkedRoot({ built: aRelease(100, 'b').all, tag: 'b' }),
      walkedRoot({ built: aRelease(100, 'a').all, tag: 'a' }),
      walkedRoot({ built: anImage(), repository: 'other.example/x' }),
    ])

    expect(collectContents(roots.toReversed(), MADE)).toEqual(collectContents(roots, MADE))
  })

  it('carries what two repositories share once, and says of both what hangs there', async () => {
    const image = anImage()
    const one = await walkedRoot({ built: image, repository: 'a.example/one', tag: '1' })
    const two = await walkedRoot({
      built: together(image, anArtifact({ subject: image })),
      repository: 'a.example/two',
    })

    const { document, inventory } = collectContents([one, two], MADE)

    expect(inventory.filter(({ digest }) => digest === image.root.digest)).toHaveLength(1)
    const answers = document.lookups.filter(({ subject }) => subject === image.root.digest)
    expect(answers.map(({ repository, referrers }) => [repository, referrers.result])).toEqual([
      ['a.example/one', 'none'],
      ['a.example/two', 'found'],
    ])
  })

  it('says what was left out, once', async () => {
    const index = anIndex([anImage({ platform: 'linux/amd64' }), anImage({ platform: 'linux/arm64' })])
    const spec = { built: index, platforms: ['linux/amd64'] }

    const { document } = collectContents(
      [await walkedRoot({ ...spec, tag: '1' }), await walkedRoot({ ...spec, tag: '2' })],
      MADE,
    )

    expect(document.omissions.map(({ reason, platform }) => [reason, platform])).toEqual([['platform', 'linux/arm64']])
  })

  it('refuses two roots that would have one name at the target', async () => {
    const one = await walkedRoot({ built: anImage({ seed: 'a' }), repository: 'a.example/app', tag: '1' })
    const two = await walkedRoot({ built: anImage({ seed: 'b' }), repository: 'b.example/app', tag: '1' })

    expect(() => collectContents([one, two], MADE)).toThrowError(expect.objectContaining({ code: 'ERR_COLLISION' }))
  })

  it('refuses them even where both are the same image', async () => {
    const one = await walkedRoot({ built: anImage(), repository: 'a.example/app', tag: '1' })
    const two = await walkedRoot({ built: anImage(), repository: 'b.example/app', tag: '1' })

    expect(() => collectContents([one, two], MADE)).toThrowError(expect.objectContaining({ code: 'ERR_COLLISION' }))
  })

  it('takes one name at two versions, and the same content under no name', async () => {
    const one = await walkedRoot({ built: anImage(), repository: 'a.example/app', tag: '1' })
    const two = await walkedRoot({ built: anImage(), repository: 'b.example/app' })

    expect(collectContents([one, two], MADE).document.roots).toHaveLength(2)
  })

  it('takes one signature that two registries keep under the same tag, and refuses two different ones', async () => {
    const image = anImage()
    const [good, other] = [aCosignSignature(image, 'b25l'), aCosignSignature(image, 'dHdv')]
    const from = (repository: string, signature: Built) =>
      walkedRoot({ built: together(image, signature), repository, tag: repository.slice(0, 1) })

    const same = [await from('a.example/app', good), await from('b.example/app', good)]
    const different = [await from('a.example/app', good), await from('b.example/app', other)]

    expect(collectContents(same, MADE).document.roots).toHaveLength(2)
    expect(() => collectContents(different, MADE)).toThrowError(expect.objectContaining({ code: 'ERR_COLLISION' }))
  })

  it('refuses what one repository calls a manifest and another one a layer', async () => {
    const image = anImage()
    const { platform: _, ...pointer } = image.root
    const wrapper = await wrapping({ ...pointer, mediaType: 'application/octet-stream' })
    const walked = await walkedRoot({ built: image, repository: 'a.example/app', tag: '1' })

    expect(() => collectContents([walked, wrapper], MADE)).toThrowError(
      expect.objectContaining({ code: 'ERR_CONTENT_AMBIGUOUS' }),
    )
  })

  it('refuses more than a reader takes', async () => {
    const image = await walkedRoot({ built: anImage(), tag: '1' })
    const [template] = image.nodes
    if (template === undefined) throw new Error('no node')
    const many = Array.from({ length: 200_001 }, (_, at) => ({
      ...template,
      descriptor: descriptorOf('application/octet-stream', Buffer.from(String(at))),
    }))

    expect(() => collectContents([{ ...image, nodes: many }], MADE)).toThrowError(
      expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }),
    )
  })

  it('refuses sizes that nobody can add up exactly', async () => {
    const { digest } = descriptorOf('application/octet-stream', Buffer.from('claimed to be vast'))
    const vast = { mediaType: 'application/octet-stream', digest, size: Number.MAX_SAFE_INTEGER }

    const wrapper = await wrapping(vast)

    expect(() => collectContents([wrapper], MADE)).toThrowError(expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }))
  })
})

/** A walked artifact whose only layer is this. */
async function wrapping(layer: Descriptor): Promise<WalkedRoot> {
  const artifact = anArtifact()
  const walked = await walkedRoot({ built: artifact, repository: 'b.example/artifact', tag: '1' })
  const node: GraphNode = { descriptor: layer, role: 'layer', children: [], omissions: [] }
  return { ...walked, nodes: [node, ...walked.nodes] }
}
