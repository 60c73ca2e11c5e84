import { describe, expect, it } from 'vitest'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { claimedSources } from '../../src/import/claimed-source.js'
import { anImage } from '../support/build.js'
import { APP, aBundle, aRelease, aRepository, judge, opened } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

async function claimed(path: string, repository = APP): Promise<ContentSource> {
  return claimedSources(await opened(path))(repository)
}

async function listed(source: ContentSource, subject: Parameters<ContentSource['referrers']>[0]) {
  const found: string[] = []
  for await (const { digest } of source.referrers(subject, CALL)) found.push(digest)
  return found
}

describe('claimedSources', () => {
  it('answers what the document says was answered', async () => {
    const release = aRelease()
    const source = await claimed(await aBundle(release.all))

    expect(await listed(source, release.index.root)).toEqual([release.sbom.root.digest])
    expect(await listed(source, release.amd64.root)).toEqual([])
    const tag = `sha256-${release.index.root.digest.slice(7)}.sig`
    expect((await source.resolve({ kind: 'tag', tag }, CALL)).digest).toBe(release.cosign.root.digest)
  })

  it('knows no tag that was not found', async () => {
    const release = aRelease()
    const source = await claimed(await aBundle(release.all))
    const tag = `sha256-${release.arm64.root.digest.slice(7)}.sig`

    await expect(source.resolve({ kind: 'tag', tag }, CALL)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(source.resolve({ kind: 'tag', tag: '1.0' }, CALL)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it('says so where the document is silent', async () => {
    const source = await claimed(await aBundle())

    await expect(listed(source, anImage({ seed: 'stranger' }).root)).rejects.toMatchObject({
      code: 'ERR_BUNDLE_INCOMPLETE',
    })
  })

  it('keeps repositories apart', async () => {
    const release = aRelease()
    const source = await claimed(await aBundle(release.all), 'other.example/app')

    await expect(listed(source, release.index.root)).rejects.toMatchObject({ code: 'ERR_BUNDLE_INCOMPLETE' })
  })

  it('gives the open question again, and the bundle verifies', async () => {
    const image = anImage().tagged('1.0')
    const store = await aRepository(image)
    const down = (): never => {
      throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no route')
    }
    const source: ContentSource = {
      resolve: async (selector, call) =>
        selector.kind === 'tag' && selector.tag.startsWith('sha256-') ? down() : await store.resolve(selector, call),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      referrers: down,
    }
    const path = await aBundle([], { from: { [APP]: source }, allowUnknownReferrers: true })

    const again = await claimed(path)

    await expect(listed(again, image.root)).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE' })
    const tag = `sha256-${image.root.digest.slice(7)}.att`
    await expect(again.resolve({ kind: 'tag', tag }, CALL)).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE' })
    expect(await judge(path)).toEqual({ verdict: 'verified' })
  })
})
