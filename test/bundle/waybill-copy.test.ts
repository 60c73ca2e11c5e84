import { describe, expect, it } from 'vitest'
import { formatWaybillCopy, parseWaybillCopy } from '../../src/bundle/waybill-copy.js'
import { assumed } from '../../src/export/assume.js'
import { aBundle, aRelease, opened } from '../support/bundles.js'
import { anIncrement, arrived, twoVersions } from '../support/increments.js'
import { digestFor } from '../support/streams.js'

describe('the copy of a waybill', () => {
  it('says what the bundle says, full or incremental', async () => {
    const { first, second } = twoVersions()
    const full = await aBundle(first)
    for (const path of [full, await anIncrement(second, [await arrived(full)]), await aBundle(aRelease().all)]) {
      const { waybill, document, inventory } = await opened(path)

      const copy = formatWaybillCopy({ document, inventory })

      expect(copy.waybill).toBe(waybill.descriptor.digest)
      expect(assumed(parseWaybillCopy(copy.bytes, copy.waybill))).toEqual(await arrived(path))
    }
  })

  it('is refused wherever it was changed, or cut', async () => {
    const { waybill, bytes } = formatWaybillCopy(await opened(await aBundle(twoVersions().first)))
    for (let at = 0; at < bytes.byteLength; at += 7) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => parseWaybillCopy(changed, waybill)).toThrow()
      expect(() => parseWaybillCopy(bytes.subarray(0, at), waybill)).toThrow()
    }
    expect(() => parseWaybillCopy(bytes, digestFor('another'))).toThrow(
      expect.objectContaining({ code: 'ERR_CONTENT_MISMATCH' }),
    )
  })
})
