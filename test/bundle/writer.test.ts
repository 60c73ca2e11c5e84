import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sealBundle } from '../../src/bundle/seal.js'
import { type WriteOptions, writeBundle } from '../../src/bundle/writer.js'
import { APP, aRelease, aRepository, planOf } from '../support/bundles.js'
import { byHand } from '../support/bundles-by-hand.js'
import { CALL, tmpFolder } from '../support/tmp.js'

async function sealed() {
  const release = aRelease()
  const plan = await planOf({ from: { [APP]: await aRepository(release.all) }, sources: [`${APP}:1.0`] })
  const bundle = await sealBundle(plan.contents, { sign: undefined })
  const path = join(await tmpFolder(), 'bundle.tar')
  const given: WriteOptions = { ...CALL, emit: () => {}, concurrency: 3, fetch: plan.fetch }
  const content = new Map(release.all.contents.map((one) => [one.descriptor.digest, one.bytes]))
  return { plan, bundle, path, given, expected: await byHand({ ...plan.contents, content, sign: async () => [] }) }
}

describe('writeBundle', () => {
  it.each([1, 20])('writes the same file with %i blobs in flight', async (concurrency) => {
    const { bundle, path, given, expected } = await sealed()

    const summary = await writeBundle(bundle, path, { ...given, concurrency })

    expect(Buffer.compare(await readFile(path), expected)).toBe(0)
    expect(summary).toEqual({ path, size: expected.byteLength, waybill: bundle.waybill.descriptor.digest })
  })

  it('throws what a source throws, unchanged, and leaves nothing', async () => {
    const { bundle, path, given } = await sealed()
    const broken = new Error('a bug in a source')

    const work = writeBundle(bundle, path, {
      ...given,
      fetch: () => {
        throw broken
      },
    })

    await expect(work).rejects.toBe(broken)
    expect(await readdir(dirname(path))).toEqual([])
  })
})
