import { canonicalBytes } from '../encoding/canonical-json.js'
import { describe } from '../oci/descriptor.js'
import { LAYOUT_VERSION } from '../oci/image-layout.js'
import { OCI_EMPTY } from '../oci/media-types.js'

/** Every media type and fixed byte that the format adds to an image layout. docs/format.md quotes them, and a test compares. */
export const FORMAT_VERSION = 1
export const WAYBILL_TYPE = 'application/vnd.waybill.bundle.v1'
export const DOCUMENT_TYPE = 'application/vnd.waybill.document.v1+json'
export const INVENTORY_TYPE = 'application/vnd.waybill.inventory.v1+ndjson'

/** What evidence about revocation is stored as (RFC 2585, RFC 6960 appendix C). */
export const EVIDENCE_TYPES = { crl: 'application/pkix-crl', ocsp: 'application/ocsp-response' } as const

export const OCI_LAYOUT_BYTES = canonicalBytes({ imageLayoutVersion: LAYOUT_VERSION })

/** The waybill's own name in `index.json`. */
export const WAYBILL_NAME = 'waybill'

export const EMPTY_CONFIG_BYTES = canonicalBytes({})
export const EMPTY_CONFIG = describe(OCI_EMPTY, EMPTY_CONFIG_BYTES)
