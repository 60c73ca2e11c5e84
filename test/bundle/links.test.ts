import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BundleDocument } from '../../src/bundle/document.js'
import { checkClosure } from '../../src/import/checks/closure.js'
import type { Digest } from '../../src/oci/digest.js'
import { together } from '../support/build.js'
import { APP, aRelease, aRepository, opened, planOf } from '../support/bundles.js'
import { byHand } from '../support/bundles-by-hand.js'
import { anNv2Signature, nv2Artifact } from '../support/nv2.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const { index, all } = aRelease()

async function exported(signature: Awaited<ReturnType<typeof anNv2Signature>>) {
  const from = { [APP]: await aRepository(all, signature.tagged('1.0-nv2')) }
  return await planOf({ from, sources: [`${APP}:1.0`, `${APP}:1.0-nv2`] })
}

/** What the far side says of a bundle whose document was changed like this. */
async function checked(
  signature: Awaited<ReturnType<typeof anNv2Signature>>,
  change: (document: BundleDocument) => Partial<BundleDocument>,
) {
  const { contents } = await exported(signature)
  const both = together(all, signature)
  const content = new Map<Digest, Uint8Array>(both.contents.map((one) => [one.descriptor.digest, one.bytes]))
  const path = join(await tmpFolder(), 'bundle.tar')
  const document = { ...contents.document, ...change(contents.document) }
  await writeFile(path, await byHand({ ...contents, document, content, sign: async () => [] }))
  return (await checkClosure(await opened(path), CALL)).checks
}

describe('the link of a signature that a registry ties to nothing', () => {
  it('is recorded from what the signature says', async () => {
    const signature = await anNv2Signature(index.root)

    const { contents } = await exported(signature)

    expect(contents.document.links).toEqual([{ signature: signature.root.digest, subject: index.root.digest }])
  })

  it('is not there where there is no such signature', async () => {
    const { contents } = await planOf({ from: { [APP]: await aRepository(all) }, sources: [`${APP}:1.0`] })

    expect(contents.document).not.toHaveProperty('links')
  })

  it('is not there for a signature that cannot be read, and the signature travels all the same', async () => {
    const signature = nv2Artifact(new TextEncoder().encode('not a token'))

    const { contents } = await exported(signature)

    expect(contents.document).not.toHaveProperty('links')
    expect(contents.inventory.map(({ digest }) => digest)).toContain(signature.root.digest)
  })

  it('is found again on the far side', async () => {
    const checks = await checked(await anNv2Signature(index.root), () => ({}))

    expect(checks).toMatchObject([{ result: 'pass' }])
  })

  it.each<readonly [string, (document: BundleDocument) => Partial<BundleDocument>]>([
    ['leads elsewhere', ({ links = [] }) => ({ links: links.map((link) => ({ ...link, subject: link.signature })) })],
    ['is there twice', ({ links = [] }) => ({ links: [...links, ...links] })],
    [
      'is of something that is no signature',
      ({ links = [] }) => ({ links: [...links, { signature: index.root.digest, subject: index.root.digest }] }),
    ],
    ['is on an empty list', () => ({ links: [] })],
  ])('is refused where it %s', async (_what, change) => {
    const checks = await checked(await anNv2Signature(index.root), change)

    expect(checks).toMatchObject([{ result: 'fail', code: 'ERR_BUNDLE_INCOMPLETE' }])
  })

  it('is missed where it was left out', async () => {
    const checks = await checked(await anNv2Signature(index.root), ({ links: _, ...document }) => ({
      ...document,
      links: undefined as never,
    }))

    expect(checks).toMatchObject([{ result: 'fail', code: 'ERR_BUNDLE_INCOMPLETE' }])
  })
})
