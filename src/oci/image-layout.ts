import { algorithmOf, type Digest, encodedOf } from './digest.js'

/** The words of an image layout (image-spec image-layout.md); a bundle is one. */
export const LAYOUT_FILE = 'oci-layout'
export const LAYOUT_VERSION = '1.0.0'
export const INDEX_FILE = 'index.json'

export const REF_NAME = 'org.opencontainers.image.ref.name'
/** containerd and Docker take the full name from here, and would put a prefix before the other one. */
export const CONTAINERD_NAME = 'io.containerd.image.name'

/** Where a layout keeps a blob; derived from nothing but a checked digest. */
export function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`
}
