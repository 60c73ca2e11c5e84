import { type BareDescriptor, bare, type Descriptor, describe } from '../oci/descriptor.js'
import { OCI_MANIFEST } from '../oci/media-types.js'
import { buildSignatureManifest, SIGNATURE_CONFIG } from '../trust/signature-manifest.js'
import type { MadeSignature } from './signing-options.js'

/** Something small, with what points at it. */
export interface Stored {
  readonly descriptor: BareDescriptor
  readonly bytes: Uint8Array
}

/** A signature as a registry keeps it: a manifest that hangs on its subject, and the blobs that the manifest names. */
export interface SignaturePack {
  readonly subject: BareDescriptor
  readonly manifest: Stored
  readonly blobs: readonly Stored[]
}

/** Puts an envelope into the form in which registries, layouts and bundles carry it. */
export function packSignature({ envelope, opened, annotations }: MadeSignature, subject: Descriptor): SignaturePack {
  const descriptor = describe(opened.type, envelope)
  const manifest = buildSignatureManifest({
    envelope: descriptor,
    subject,
    chain: opened.chain,
    createdAt: opened.attributes.signingTime,
    annotations,
  })
  return {
    subject: bare(subject),
    manifest: { descriptor: describe(OCI_MANIFEST, manifest), bytes: manifest },
    blobs: [{ descriptor, bytes: envelope }, SIGNATURE_CONFIG],
  }
}
