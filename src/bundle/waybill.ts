import { canonicalBytes } from '../encoding/canonical-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor, describe } from '../oci/descriptor.js'
import { parseManifest } from '../oci/manifest.js'
import { OCI_MANIFEST } from '../oci/media-types.js'
import { DOCUMENT_TYPE, EMPTY_CONFIG, INVENTORY_TYPE, WAYBILL_TYPE } from './layout.js'

/** The manifest that is signed: it names the document and the inventory, and through them everything else. */
export interface Waybill {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
  readonly document: Descriptor
  readonly inventory: Descriptor
}

export function buildWaybill(document: Descriptor, inventory: Descriptor): Waybill {
  const bytes = canonicalBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: WAYBILL_TYPE,
    config: { ...bare(EMPTY_CONFIG) },
    layers: [{ ...bare(document) }, { ...bare(inventory) }],
  })
  return { descriptor: describe(OCI_MANIFEST, bytes), bytes, document: bare(document), inventory: bare(inventory) }
}

/**
 * Reads a waybill manifest. It must be the one that `buildWaybill` makes of what it names: there is one encoding.
 * @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_VERSION, ERR_LIMIT_EXCEEDED
 */
export function parseWaybill(bytes: Uint8Array): Waybill {
  const manifest = parseManifest(bytes, OCI_MANIFEST, 'the waybill')
  if (manifest.artifactType !== WAYBILL_TYPE) {
    const version = /^application\/vnd\.waybill\.bundle\.v([0-9]+)$/.exec(manifest.artifactType ?? '')?.[1]
    if (version !== undefined) {
      throw new TransferError('ERR_BUNDLE_VERSION', `the bundle has format version ${version}, this program reads 1`, {
        side: 'medium',
        subject: 'waybill',
      })
    }
    return fail(`the first manifest is not a waybill, which has the artifact type ${WAYBILL_TYPE}`)
  }
  const [document, inventory] = manifest.kind === 'image' ? manifest.layers : []
  if (document?.mediaType !== DOCUMENT_TYPE || inventory?.mediaType !== INVENTORY_TYPE) {
    return fail('the waybill does not name a document and an inventory')
  }
  const waybill = buildWaybill(document, inventory)
  if (Buffer.compare(waybill.bytes, bytes) !== 0) fail('the waybill is not in its one canonical form')
  if (document.size > LIMITS.documentBytes || inventory.size > LIMITS.inventoryBytes) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', 'the waybill’s document or inventory is too large to be read', {
      side: 'medium',
      subject: 'waybill',
    })
  }
  return waybill
}

function fail(why: string): never {
  throw new TransferError('ERR_BUNDLE_FORMAT', why, { subject: 'waybill' })
}
