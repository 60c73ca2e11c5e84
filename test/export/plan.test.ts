import { describe, expect, it } from 'vitest'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { requireReferrers } from '../../src/export/plan.js'
import { aCosignSignature, anArtifact, anImage, anIndex } from '../support/build.js'
import { APP, aRelease, aRepository, lookupOf, planOf } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

const SOURCES = [`${APP}:1.0`]

function readAs(source: ContentSource, change: Partial<ContentSource>): ContentSource {
  return {
    resolve: (selector, call) => source.resolve(selector, call),
    fetch: (descriptor, call) => source.fetch(descriptor, call),
    referrers: (subject, call) => source.referrers(subject, call),
    ...change,
  }
}

// biome-ignore lint/correctness/useYield: a registry that is down answers nothing
async function* failing(): AsyncGenerator<never> {
  throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no route')
}

describe('planExport', () => {
  it('plans all of a release and asks for no layer, but for signatures', async () => {
    const release = aRelease()
    const store = await aRepository(release.all)
    const fetched: string[] = []
    const source = readAs(store, {
      fetch: (descriptor, call) => {
        fetched.push(descriptor.mediaType)
        return store.fetch(descriptor, call)
      },
    })

    const { contents } = await planOf({ from: { [APP]: source }, sources: SOURCES })

    expect(contents.inventory).toHaveLength(release.all.contents.length)
    const others = fetched.filter((type) => !type.includes('manifest') && !type.includes('index'))
    expect(others).toEqual(['application/jose+json', 'application/jose+json'])
    expect(fetched).toHaveLength(8 + others.length)
  })

  it('says what it left out', async () => {
    const release = aRelease()
    const from = { [APP]: await aRepository(release.all) }

    const { contents } = await planOf({ from, sources: SOURCES, platforms: ['linux/amd64'] })

    expect(contents.document.omissions).toEqual([
      expect.objectContaining({
        digest: release.arm64.root.digest,
        reason: 'platform',
        platform: 'linux/arm64',
        parent: release.index.root.digest,
      }),
    ])
    expect(contents.document.roots[0]?.platforms).toEqual(['linux/amd64'])
    expect(contents.inventory.map(({ digest }) => digest)).not.toContain(release.imageSignature.root.digest)
  })

  it('writes a platform that is asked for twice once', async () => {
    const from = { [APP]: await aRepository(aRelease().all) }

    const plan = await planOf({ from, sources: SOURCES, platforms: ['linux/arm64', 'linux/amd64', 'linux/arm64'] })

    expect(plan.contents.document.roots[0]?.platforms).toEqual(['linux/amd64', 'linux/arm64'])
  })

  it('refuses a platform that is not there', async () => {
    const from = { [APP]: await aRepository(aRelease().all) }

    const work = planOf({ from, sources: SOURCES, platforms: ['linux/s390x'] })

    await expect(work).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it('gives the bytes of everything that it planned', async () => {
    const release = aRelease()
    const plan = await planOf({ from: { [APP]: await aRepository(release.all) }, sources: SOURCES })

    for (const { descriptor, bytes } of release.all.contents) {
      const pieces: Uint8Array[] = []
      for await (const piece of plan.fetch(descriptor, CALL)) pieces.push(piece)
      expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0)
    }
  })

  it('asks a source for everything once, also to write it', async () => {
    const release = aRelease()
    const store = await aRepository(release.all)
    const fetched: string[] = []
    const source = readAs(store, {
      fetch: (descriptor, call) => {
        fetched.push(descriptor.digest)
        return store.fetch(descriptor, call)
      },
    })
    const plan = await planOf({ from: { [APP]: source }, sources: SOURCES })

    for (const line of plan.contents.inventory) for await (const _ of plan.fetch(line, CALL));

    expect(fetched).toHaveLength(new Set(fetched).size)
  })

  it('plans a non-distributable layer as left out', async () => {
    const foreign = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    const image = anArtifact({ mediaType: foreign, bytes: 'licensed' }).tagged('1.0')

    const { contents } = await planOf({ from: { [APP]: await aRepository(image) }, sources: SOURCES })

    expect(contents.document.omissions).toEqual([
      expect.objectContaining({ reason: 'non-distributable', mediaType: foreign }),
    ])
    expect(contents.inventory.map(({ mediaType }) => mediaType)).not.toContain(foreign)
  })
})

describe('requireReferrers', () => {
  it('lets a plan pass in which every question was answered', async () => {
    const plan = await planOf({ from: { [APP]: await aRepository(aRelease().all) }, sources: SOURCES })

    expect(() => requireReferrers(plan)).not.toThrow()
  })

  it('refuses a plan in which a registry could not say what hangs on an image', async () => {
    const source = readAs(await aRepository(aRelease().all), { referrers: failing })

    const work = planOf({ from: { [APP]: source }, sources: SOURCES })

    await expect(work).rejects.toMatchObject({ code: 'ERR_REFERRERS_UNKNOWN', side: 'source' })
  })

  it('refuses one in which only the tags of cosign could not be asked for', async () => {
    const store = await aRepository(aRelease().all)
    const source = readAs(store, {
      resolve: async (selector, call) => {
        if (selector.kind === 'tag' && selector.tag.endsWith('.att')) {
          throw new TransferError('ERR_FORBIDDEN', 'not you')
        }
        return await store.resolve(selector, call)
      },
    })

    const work = planOf({ from: { [APP]: source }, sources: SOURCES })

    await expect(work).rejects.toMatchObject({ code: 'ERR_REFERRERS_UNKNOWN' })
  })

  it('records the open question where it is accepted', async () => {
    const release = aRelease()
    const source = readAs(await aRepository(release.all), { referrers: failing })

    const plan = await planOf({ from: { [APP]: source }, sources: SOURCES, allowUnknownReferrers: true })

    expect(lookupOf(plan, release.index)).toMatchObject({
      referrers: { result: 'could-not-ask', reason: expect.stringContaining('ERR_SOURCE_UNREACHABLE') },
      tags: { result: 'found' },
    })
    expect(plan.unknown.length).toBeGreaterThan(0)
  })

  it('refuses a repository that answers one question in two ways', async () => {
    const image = anImage({ platform: 'linux/amd64' }).tagged('image')
    const index = anIndex([image]).tagged('1.0')
    const store = await aRepository(index, image, aCosignSignature(image), anArtifact({ subject: image }))
    let asked = 0
    const source = readAs(store, {
      referrers: (subject, call) => {
        if (subject.digest !== image.root.digest) return store.referrers(subject, call)
        asked += 1
        return asked === 1 ? failing() : store.referrers(subject, call)
      },
    })

    const work = planOf({
      from: { [APP]: source },
      sources: [`${APP}:image`, ...SOURCES],
      platforms: ['linux/amd64'],
      allowUnknownReferrers: true,
    })

    await expect(work).rejects.toMatchObject({ code: 'ERR_REFERRERS_UNKNOWN', subject: image.root.digest })
  })
})
