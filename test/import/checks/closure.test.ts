import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkClosure } from '../../../src/import/checks/closure.js'
import type { Digest } from '../../../src/oci/digest.js'
import { APP, aRelease, aRepository, opened, planOf } from '../../support/bundles.js'
import { byHand, type HandParts } from '../../support/bundles-by-hand.js'
import { CALL, tmpFolder } from '../../support/tmp.js'

/** What the check says of a bundle whose parts are changed like this. */
async function checked(change: (parts: Pick<HandParts, 'document' | 'inventory'>) => Partial<HandParts>) {
  const release = aRelease()
  const { contents } = await planOf({ from: { [APP]: await aRepository(release.all) }, sources: [`${APP}:1.0`] })
  const content = new Map<Digest, Uint8Array>(release.all.contents.map((one) => [one.descriptor.digest, one.bytes]))
  const path = join(await tmpFolder(), 'bundle.tar')
  await writeFile(path, await byHand({ ...contents, content, sign: async () => [], ...change(contents) }))
  return { release, contents, found: await checkClosure(await opened(path), CALL) }
}

describe('checkClosure', () => {
  it('gives the closure of each root in the order in which a registry takes it', async () => {
    const { release, found } = await checked(() => ({}))

    const [closure] = found.closures
    const order = closure?.nodes.map(({ digest }) => digest) ?? []
    expect(found.checks.map(({ result }) => result)).toEqual(['pass'])
    expect(new Set(order)).toEqual(new Set(release.all.contents.map(({ descriptor }) => descriptor.digest)))
    expect(order.indexOf(release.index.root.digest)).toBeLessThan(order.indexOf(release.sbom.root.digest))
    expect(closure?.tags.map(({ tag }) => tag.slice(-4))).toEqual(['.sig', '.att'])
  })

  it('names what was found and is not here', async () => {
    const { release, found } = await checked(({ inventory }) => ({
      inventory: Array.isArray(inventory)
        ? inventory.filter(({ digest }) => digest !== aRelease().sbom.root.digest)
        : [],
    }))

    expect(found.checks).toEqual([
      expect.objectContaining({
        result: 'fail',
        code: 'ERR_BUNDLE_INCOMPLETE',
        subject: release.sbom.root.digest,
      }),
    ])
    expect(found.closures).toEqual([])
  })

  it('names a layer that is not here', async () => {
    const layer = aRelease().arm64.contents[0]?.descriptor.digest
    const { found } = await checked(({ inventory }) => ({
      inventory: Array.isArray(inventory) ? inventory.filter(({ digest }) => digest !== layer) : [],
    }))

    expect(found.checks).toEqual([expect.objectContaining({ code: 'ERR_BUNDLE_INCOMPLETE', subject: layer })])
  })
})
