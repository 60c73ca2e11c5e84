import { EMPTY_CONFIG } from '../bundle/layout.js'
import { canonicalBytes } from '../encoding/canonical-json.js'
import { type BareDescriptor, bare, describe } from '../oci/descriptor.js'
import { OCI_MANIFEST } from '../oci/media-types.js'
import { RECEIPT_TYPE, type Receipt } from './receipt.js'

/** A manifest, and what it names. */
export interface ReceiptManifest {
  readonly descriptor: BareDescriptor
  readonly bytes: Uint8Array
  /** the receipt's document */
  readonly document: BareDescriptor
}

/**
 * The manifest that hangs a receipt on its waybill, and that the importer signs. It follows from the receipt: whoever has
 * the document can make it again, and it is taken in no other form.
 */
export function buildReceiptManifest(document: Uint8Array, { waybill, finishedAt }: Receipt): ReceiptManifest {
  const layer = describe(RECEIPT_TYPE, document)
  const bytes = canonicalBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: RECEIPT_TYPE,
    config: bare(EMPTY_CONFIG),
    layers: [layer],
    subject: { mediaType: OCI_MANIFEST, ...waybill },
    annotations: { 'org.opencontainers.image.created': finishedAt },
  })
  return { descriptor: describe(OCI_MANIFEST, bytes), bytes, document: layer }
}
