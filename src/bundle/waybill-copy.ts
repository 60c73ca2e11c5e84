import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { describe } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { refuseOtherBases } from './base.js'
import { formatDocument } from './document.js'
import { formatInventory, parseInventory } from './inventory.js'
import { DOCUMENT_TYPE, INVENTORY_TYPE } from './layout.js'
import { parseDocument } from './parse-document.js'
import type { OpenedBundle } from './reader.js'
import type { BundleContents } from './seal.js'
import { buildWaybill, parseWaybill } from './waybill.js'

/** The most bytes of a copy that are read. */
export const WAYBILL_COPY_BYTES = LIMITS.waybillBytes + LIMITS.documentBytes + LIMITS.inventoryBytes + 2

const LINE_FEED = 0x0a

/**
 * What a bundle lists, without its content: the waybill on one line, the document on one, then the inventory. It is for
 * the exporter's own use, when the medium has been carried away.
 */
export function formatWaybillCopy({ document, inventory }: BundleContents): {
  readonly waybill: Digest
  readonly bytes: Uint8Array
} {
  const parts = [formatDocument(document), formatInventory(inventory)] as const
  const waybill = buildWaybill(describe(DOCUMENT_TYPE, parts[0]), describe(INVENTORY_TYPE, parts[1]))
  const lineFeed = Uint8Array.of(LINE_FEED)
  const bytes = Buffer.concat([waybill.bytes, lineFeed, parts[0], lineFeed, parts[1]])
  return { waybill: waybill.descriptor.digest, bytes }
}

/**
 * Reads such a copy. Its parts have the digests that the waybill's own digest leads to.
 * @throws ERR_CONTENT_MISMATCH, and as the parts' readers do
 */
export function parseWaybillCopy(
  bytes: Uint8Array,
  digest: Digest,
): Pick<OpenedBundle, 'waybill' | 'document' | 'inventory'> {
  const first = bytes.indexOf(LINE_FEED)
  const second = bytes.indexOf(LINE_FEED, first + 1)
  const parts = [bytes.subarray(0, first), bytes.subarray(first + 1, second), bytes.subarray(second + 1)] as const
  if (first < 0 || second < 0 || describe('', parts[0]).digest !== digest) throw changed(digest)
  const waybill = parseWaybill(parts[0])
  if (describe('', parts[1]).digest !== waybill.document.digest) throw changed(digest)
  if (describe('', parts[2]).digest !== waybill.inventory.digest) throw changed(digest)
  const [document, inventory] = [parseDocument(parts[1]), parseInventory(parts[2])]
  refuseOtherBases(document, inventory)
  return { waybill, document, inventory }
}

function changed(digest: Digest): TransferError {
  return new TransferError(
    'ERR_CONTENT_MISMATCH',
    `the copy of the waybill ${digest} holds other bytes than it should`,
    {
      side: 'operator',
      subject: digest,
    },
  )
}
