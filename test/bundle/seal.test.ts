import { describe, expect, it } from 'vitest'
import { DOCUMENT_TYPE, EMPTY_CONFIG, INVENTORY_TYPE } from '../../src/bundle/layout.js'
import { sealBundle } from '../../src/bundle/seal.js'
import { anArtifact } from '../support/build.js'
import { APP, aRelease, aRepository, planOf } from '../support/bundles.js'
import { byHand, signedBy } from '../support/bundles-by-hand.js'
import { recordedSigner } from '../support/keys-fixed.js'
import { signWaybill } from '../support/sign-waybill.js'
import { CALL } from '../support/tmp.js'

async function releaseContents() {
  const { contents } = await planOf({ from: { [APP]: await aRepository(aRelease().all) }, sources: [`${APP}:1.0`] })
  return contents
}

describe('sealBundle', () => {
  it('puts what is signed before what it is about', async () => {
    const signer = recordedSigner('exporter', new Map())

    const sealed = await sealBundle(await releaseContents(), { sign: signWaybill(signer) })

    const names = sealed.preamble.map(({ path }) => path)
    expect(names.slice(0, 2)).toEqual(['oci-layout', 'index.json'])
    expect(names[2]).toContain(sealed.waybill.descriptor.digest.slice(7))
    expect(names[3]).toContain(sealed.waybill.document.digest.slice(7))
    expect(names[4]).toContain(sealed.waybill.inventory.digest.slice(7))
    expect(names).toHaveLength(7)
    expect([sealed.waybill.document.mediaType, sealed.waybill.inventory.mediaType]).toEqual([
      DOCUMENT_TYPE,
      INVENTORY_TYPE,
    ])
  })

  it('plans every place without a gap', async () => {
    const sealed = await sealBundle(await releaseContents(), { sign: undefined })

    let at = 0
    for (const { headerAt, endAt } of [...sealed.preamble, ...sealed.content]) {
      expect(headerAt).toBe(at)
      at = endAt
    }
    expect(sealed.endAt).toBe(at)
  })

  it('writes the empty config once, with the content, where an artifact has it too', async () => {
    const artifact = anArtifact().tagged('1.0')
    const { contents } = await planOf({ from: { [APP]: await aRepository(artifact) }, sources: [`${APP}:1.0`] })

    const sealed = await sealBundle(contents, { sign: undefined })

    const paths = [...sealed.preamble, ...sealed.content].map(({ path }) => path)
    expect(paths.filter((path) => path.endsWith(EMPTY_CONFIG.digest.slice(7)))).toHaveLength(1)
  })

  it('refuses to make what no reader would open', async () => {
    const contents = await releaseContents()
    const generator = 'x'.repeat(65 * 1024 * 1024)
    const tooLarge = { ...contents, document: { ...contents.document, generator } }

    const sealing = sealBundle(tooLarge, { sign: undefined })

    await expect(sealing).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('makes what the specification says, put together by hand', async () => {
    const recorded = new Map<string, string>()
    const signer = recordedSigner('exporter', recorded)
    const plan = await planOf({ from: { [APP]: await aRepository(aRelease().all) }, sources: [`${APP}:1.0`] })
    const content = new Map(aRelease().all.contents.map(({ descriptor, bytes }) => [descriptor.digest, bytes]))

    const sealed = await sealBundle(plan.contents, { sign: signWaybill(signer) })
    const archive = await byHand({ ...plan.contents, content, sign: signedBy(signer) })

    expect(archive.byteLength).toBe(sealed.endAt + 1024)
    for (const { header, headerAt, bytes, bodyAt } of sealed.preamble) {
      expect(archive.subarray(headerAt, bodyAt)).toEqual(Buffer.from(header))
      expect(archive.subarray(bodyAt, bodyAt + bytes.byteLength)).toEqual(Buffer.from(bytes))
    }
    for (const { header, headerAt, bodyAt, line } of sealed.content) {
      expect(archive.subarray(headerAt, bodyAt)).toEqual(Buffer.from(header))
      for await (const piece of plan.fetch(line, CALL)) {
        expect(archive.subarray(bodyAt, bodyAt + piece.byteLength)).toEqual(Buffer.from(piece))
      }
    }
  })
})
