import { canonicalBytes } from '../encoding/canonical-json.js'
import { describe } from '../oci/descriptor.js'
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.js'
import { OCI_EMPTY } from '../oci/media-types.js'

/** Every path, media type and fixed byte of the format. docs/format.md quotes them, and a test compares. */
export const FORMAT_VERSION = 1
export const WAYBILL_TYPE = 'application/vnd.waybill.bundle.v1'
export const DOCUMENT_TYPE = 'application/vnd.waybill.document.v1+json'
export const INVENTORY_TYPE = 'application/vnd.waybill.inventory.v1+ndjson'

export const OCI_LAYOUT_PATH = 'oci-layout'
export const INDEX_PATH = 'index.json'
export const OCI_LAYOUT_BYTES = canonicalBytes({ imageLayoutVersion: '1.0.0' })

export const WAYBILL_NAME = 'waybill'
export const REF_NAME = 'org.opencontainers.image.ref.name'
/** containerd takes a full name from here, and would put a prefix before the other one. */
export const CONTAINERD_NAME = 'io.containerd.image.name'

export const EMPTY_CONFIG_BYTES = canonicalBytes({})
export const EMPTY_CONFIG = describe(OCI_EMPTY, EMPTY_CONFIG_BYTES)

/** The path of a blob; derived from a parsed digest and from nothing else. */
export function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`
}
