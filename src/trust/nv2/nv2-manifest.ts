import { canonicalBytes } from '../../encoding/canonical-json.js'
import { type BareDescriptor, bare, type Descriptor, describe } from '../../oci/descriptor.js'
import type { Manifest } from '../../oci/manifest.js'
import { OCI_MANIFEST } from '../../oci/media-types.js'
import { openNv2 } from './open-nv2.js'

/** What the prototype calls its JWTs in a registry; the image specification never had such a config. */
export const NV2_CONFIG = 'application/vnd.cncf.notary.config.v2+jwt'

/** The JWT of a manifest that is nothing but one signature of the prototype; undefined for every other manifest. */
export function nv2Of(manifest: Manifest): Descriptor | undefined {
  if (manifest.kind !== 'image' || manifest.layers.length > 0) return undefined
  return manifest.config.mediaType === NV2_CONFIG ? manifest.config : undefined
}

/**
 * What a JWT says it is about: the only link from such a manifest to its subject, and a claim like everything in it.
 * @throws ERR_SIGNATURE_INVALID
 */
export function nv2TargetOf(token: Uint8Array): BareDescriptor {
  return openNv2(token).claims.target
}

/** The manifest under which a JWT lies in a registry: the JWT as its config, and no layers. */
export function buildNv2Manifest(token: Uint8Array): {
  readonly config: BareDescriptor
  readonly manifest: Uint8Array
} {
  const config = describe(NV2_CONFIG, token)
  return {
    config,
    manifest: canonicalBytes({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: bare(config), layers: [] }),
  }
}
