import { isManifestType, isSchema1Type } from '../oci/media-types.js'

/**
 * Whether a client that sent this `Accept` header takes a manifest of this type. Many send nothing of use, so only a
 * client that names manifest types, and not this one, is told that there is none (distribution-spec, pulling manifests).
 */
export function acceptsManifest(header: string | undefined, mediaType: string): boolean {
  const types = (header ?? '').split(',').map((item) => (item.split(';')[0] ?? '').trim().toLowerCase())
  if (types.some((type) => type === '*/*' || type === 'application/*' || type === mediaType)) return true
  return !types.some((type) => isManifestType(type) || isSchema1Type(type))
}
