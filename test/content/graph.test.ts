import { describe, expect, it } from 'vitest'
import type { GraphNode } from '../../src/content/node.js'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import type { Digest } from '../../src/oci/digest.js'
import { OCI_CONFIG, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { parsePlatform } from '../../src/oci/platform.js'
import { anArtifact, anImage, anIndex, type Built, OCI_LAYER } from '../support/build.js'
import { aRelease, aRepository } from '../support/bundles.js'
import { digests, walked } from '../support/walked.js'

function nodeOf(nodes: readonly GraphNode[], built: Built): GraphNode | undefined {
  return nodes.find(({ descriptor }) => descriptor.digest === built.root.digest)
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

  it('takes an index that contains one without any of the platforms, and leaves those out', async () => {
    const amd64 = anImage({ platform: 'linux/amd64' })
    const inner = anIndex([anImage({ platform: 'windows/amd64', seed: 'w' })])
    const outer = anIndex([amd64, inner])

    const nodes = await walked(outer.root, await aRepository(outer), { platforms: [parsePlatform('linux/amd64')] })

    expect(nodeOf(nodes, inner)).toMatchObject({ children: [], omissions: [{ reason: 'platform' }] })
    expect(nodeOf(nodes, amd64)).toBeDefined()
  })

  it('refuses platforms of which there is none at all', async () => {
    const outer = anIndex([anIndex([anImage({ platform: 'windows/amd64' })])])

    const walking = walked(outer.root, await aRepository(outer), { platforms: [parsePlatform('linux/amd64')] })

    await expect(walking).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
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

    const visited: Digest[] = []
    const nodes = await walked(image.root, source, {
      onVisited: (digest) => visited.push(digest),
      onIgnored: (referrer, subject) => ignored.push([referrer, subject]),
    })

    expect(digests(nodes)).not.toContain(stranger.root.digest)
    expect(nodeOf(nodes, image)?.read?.lookup.referrers).toEqual({ result: 'none' })
    expect(ignored).toEqual([[stranger.root.digest, image.root.digest]])
    expect(visited).toEqual([image.root.digest, stranger.root.digest])
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
