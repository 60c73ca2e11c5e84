import { describe, expect, it } from 'vitest'
import { cosignTags, lookUp } from '../../src/content/lookup.js'
import type { ContentSource } from '../../src/content/store.js'
import { type ErrorCode, TransferError } from '../../src/errors.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { isTag } from '../../src/oci/reference.js'
import { aCosignSignature, anArtifact, anImage } from '../support/build.js'
import { aRepository } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

const image = anImage()
const [one, two] = [anArtifact({ subject: image, bytes: 'one' }), anArtifact({ subject: image, bytes: 'two' })]

/** A repository that answers these questions in this way. */
function answering(given: {
  readonly referrers?: () => Iterable<Descriptor>
  readonly resolve?: (tag: string) => Descriptor
}): ContentSource {
  return {
    resolve: async (selector) => {
      if (selector.kind === 'tag' && given.resolve !== undefined) return given.resolve(selector.tag)
      throw new TransferError('ERR_NOT_FOUND', 'no such tag')
    },
    fetch: () => {
      throw new Error('no content is asked for')
    },
    referrers: async function* () {
      yield* given.referrers?.() ?? []
    },
  }
}

function failing(code: ErrorCode): () => never {
  return () => {
    throw new TransferError(code, 'a \u001b[2J reason')
  }
}

describe('lookUp', () => {
  it('says that nothing hangs there where nothing does', async () => {
    const lookup = await lookUp(image.root, answering({}), CALL)

    expect(lookup).toMatchObject({ referrers: { result: 'none' }, tags: { result: 'none' }, descriptors: [] })
  })

  it('does not lose a referrer in silence that it cannot carry', async () => {
    const artifact = { ...one.root, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }
    const source = answering({ referrers: () => [two.root, artifact] })

    const lookup = await lookUp(image.root, source, CALL)

    expect(lookup.referrers).toMatchObject({ result: 'could-not-ask' })
  })

  it('gives the same answer whatever the order of the list, and each referrer once', async () => {
    const forwards = answering({ referrers: () => [one.root, two.root, one.root] })
    const backwards = answering({ referrers: () => [two.root, one.root] })

    const answers = await Promise.all([forwards, backwards].map((source) => lookUp(image.root, source, CALL)))

    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.descriptors).toHaveLength(2)
  })

  it('finds a referrer and a tag that name the same manifest once', async () => {
    const source = answering({
      referrers: () => [one.root],
      resolve: (tag) => (tag.endsWith('.sbom') ? one.root : failing('ERR_NOT_FOUND')()),
    })

    const lookup = await lookUp(image.root, source, CALL)

    expect(lookup.descriptors).toHaveLength(1)
    expect(lookup.referrers.result).toBe('found')
    expect(lookup.tags.result).toBe('found')
  })

  it.each<ErrorCode>(['ERR_SOURCE_UNREACHABLE', 'ERR_FORBIDDEN', 'ERR_REGISTRY_PROTOCOL', 'ERR_RATE_LIMITED'])(
    'does not take %s for "none there", neither of referrers nor of tags',
    async (code) => {
      const source = answering({ referrers: failing(code), resolve: failing(code) })

      const lookup = await lookUp(image.root, source, CALL)

      expect([lookup.referrers.result, lookup.tags.result]).toEqual(['could-not-ask', 'could-not-ask'])
    },
  )

  it('makes the reason of a registry harmless', async () => {
    const lookup = await lookUp(image.root, answering({ referrers: failing('ERR_FORBIDDEN') }), CALL)

    expect(JSON.stringify(lookup.referrers)).not.toContain('\\u001b')
    expect(lookup.referrers).toMatchObject({ reason: expect.stringContaining('ERR_FORBIDDEN') })
  })

  it('does not take one tag that could not be asked for as none', async () => {
    const source = answering({
      resolve: (tag) => (tag.endsWith('.sig') ? one.root : failing('ERR_SOURCE_UNREACHABLE')()),
    })

    const lookup = await lookUp(image.root, source, CALL)

    expect(lookup.tags).toMatchObject({ result: 'could-not-ask' })
  })

  it('throws where a list is endless', async () => {
    const source = answering({
      referrers: function* () {
        for (;;) yield one.root
      },
    })

    await expect(lookUp(image.root, source, CALL)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('throws where what is promised is not there', async () => {
    const source = answering({ referrers: failing('ERR_BUNDLE_INCOMPLETE') })

    await expect(lookUp(image.root, source, CALL)).rejects.toMatchObject({ code: 'ERR_BUNDLE_INCOMPLETE' })
  })

  it('throws what is not an answer but a bug', async () => {
    const source = answering({
      referrers: () => {
        throw new RangeError('a bug')
      },
    })

    await expect(lookUp(image.root, source, CALL)).rejects.toThrow(RangeError)
  })

  it('throws where it was told to stop, and does not record that as an answer', async () => {
    const stop = new AbortController()
    stop.abort(new TransferError('ERR_CANCELLED', 'enough'))
    const source = answering({ referrers: failing('ERR_CANCELLED') })

    await expect(lookUp(image.root, source, stop)).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
  })

  it('finds what cosign left under its tags', async () => {
    const signature = aCosignSignature(image)
    const source = await aRepository(image, signature)

    const lookup = await lookUp(image.root, source, CALL)

    expect(lookup.tagged.map(({ descriptor }) => descriptor.digest)).toEqual([signature.root.digest])
    expect(lookup.referrers).toEqual({ result: 'none' })
  })
})

describe('cosignTags', () => {
  it('names the three tags of a sha256 digest', () => {
    const hex = image.root.digest.slice(7)

    expect(cosignTags(image.root)).toEqual([`sha256-${hex}.sig`, `sha256-${hex}.att`, `sha256-${hex}.sbom`])
  })

  it('names only what can be a tag', () => {
    const subject = { ...image.root, digest: digestOf(new Uint8Array(0), 'sha512') }

    expect(cosignTags(subject).every(isTag)).toBe(true)
  })
})
