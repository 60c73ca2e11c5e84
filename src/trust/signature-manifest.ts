import { canonicalBytes } from '../encoding/canonical-json.js'
import { bare, type Descriptor, describe } from '../oci/descriptor.js'
import { NOTARY_SIGNATURE, OCI_MANIFEST } from '../oci/media-types.js'
import type { Certificate } from './certificate/certificate.js'
import { formatTimestamp } from './timestamps.js'

export const SIGNATURE_TYPE = NOTARY_SIGNATURE

const EMPTY = new TextEncoder().encode('{}')

/** The config of every signature manifest that this program makes: it has to be pushed as well. */
export const SIGNATURE_CONFIG = { descriptor: describe(SIGNATURE_TYPE, EMPTY), bytes: EMPTY } as const

export interface SignatureManifestParts {
  /** its media type says which kind of envelope it is */
  readonly envelope: Descriptor
  /** what is signed */
  readonly subject: Descriptor
  /** leaf first */
  readonly chain: readonly Pick<Certificate, 'thumbprint'>[]
  /** the envelope's signing time */
  readonly createdAt: Date
  /** what a signing service wants to stand beside the two annotations of every signature, in whose place it cannot come */
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * The OCI manifest that attaches an envelope to its subject (signature-specification, "OCI Signatures"). One set of parts
 * has one encoding: the writer stores these bytes, and the reader builds them again and compares. Of the two forms that
 * the specification allows this is the one with the type in the config: notation 1.3 writes it, and in a layout on disk it
 * finds no other.
 */
export function buildSignatureManifest(parts: SignatureManifestParts): Uint8Array {
  return canonicalBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: bare(SIGNATURE_CONFIG.descriptor),
    layers: [bare(parts.envelope)],
    subject: bare(parts.subject),
    annotations: {
      ...parts.annotations,
      'io.cncf.notary.x509chain.thumbprint#S256': JSON.stringify(parts.chain.map(({ thumbprint }) => thumbprint)),
      'org.opencontainers.image.created': formatTimestamp(parts.createdAt),
    },
  })
}
