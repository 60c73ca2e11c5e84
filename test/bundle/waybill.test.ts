import { describe, expect, it } from 'vitest'
import { DOCUMENT_TYPE, EMPTY_CONFIG, INVENTORY_TYPE, WAYBILL_TYPE } from '../../src/bundle/layout.js'
import { buildWaybill, parseWaybill } from '../../src/bundle/waybill.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { LIMITS } from '../../src/limits.js'
import { describe as descriptorOf } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'

const DOCUMENT = descriptorOf(DOCUMENT_TYPE, new Uint8Array([1]))
const INVENTORY = descriptorOf(INVENTORY_TYPE, new Uint8Array([2]))
const PARTS = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  artifactType: WAYBILL_TYPE,
  config: EMPTY_CONFIG,
  layers: [DOCUMENT, INVENTORY],
}

describe('parseWaybill', () => {
  it('reads what buildWaybill makes', () => {
    const made = buildWaybill(DOCUMENT, INVENTORY)

    expect(parseWaybill(made.bytes)).toEqual(made)
    expect(Buffer.from(canonicalBytes(PARTS)).equals(made.bytes)).toBe(true)
  })

  it.each([
    ['an image', { ...PARTS, artifactType: undefined }, 'ERR_BUNDLE_FORMAT'],
    ['another artifact', { ...PARTS, artifactType: 'application/spdx+json' }, 'ERR_BUNDLE_FORMAT'],
    ['version 2', { ...PARTS, artifactType: 'application/vnd.waybill.bundle.v2' }, 'ERR_BUNDLE_VERSION'],
    ['version 10', { ...PARTS, artifactType: 'application/vnd.waybill.bundle.v10' }, 'ERR_BUNDLE_VERSION'],
    ['version 1x', { ...PARTS, artifactType: 'application/vnd.waybill.bundle.v1x' }, 'ERR_BUNDLE_FORMAT'],
    ['no inventory', { ...PARTS, layers: [DOCUMENT] }, 'ERR_BUNDLE_FORMAT'],
    ['the two in the other order', { ...PARTS, layers: [INVENTORY, DOCUMENT] }, 'ERR_BUNDLE_FORMAT'],
    ['a third layer', { ...PARTS, layers: [DOCUMENT, INVENTORY, INVENTORY] }, 'ERR_BUNDLE_FORMAT'],
    ['annotations', { ...PARTS, annotations: { note: 'x' } }, 'ERR_BUNDLE_FORMAT'],
    ['a subject', { ...PARTS, subject: DOCUMENT }, 'ERR_BUNDLE_FORMAT'],
    ['another config', { ...PARTS, config: DOCUMENT }, 'ERR_BUNDLE_FORMAT'],
    ['embedded data', { ...PARTS, layers: [{ ...DOCUMENT, data: 'AQ==' }, INVENTORY] }, 'ERR_BUNDLE_FORMAT'],
    [
      'a document beyond the limit',
      { ...PARTS, layers: [{ ...DOCUMENT, size: LIMITS.documentBytes + 1 }, INVENTORY] },
      'ERR_LIMIT_EXCEEDED',
    ],
    [
      'an inventory beyond the limit',
      { ...PARTS, layers: [DOCUMENT, { ...INVENTORY, size: LIMITS.inventoryBytes + 1 }] },
      'ERR_LIMIT_EXCEEDED',
    ],
  ])('refuses %s', (_name, value, code) => {
    expect(() => parseWaybill(canonicalBytes(value))).toThrowError(expect.objectContaining({ code }))
  })

  it('refuses another spelling of the same waybill', () => {
    const spaced = new TextEncoder().encode(JSON.stringify(PARTS, undefined, 1))

    expect(() => parseWaybill(spaced)).toThrowError(expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }))
  })
})
