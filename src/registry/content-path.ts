import type { Descriptor } from '../oci/descriptor.js'
import { isManifestType, MANIFEST_TYPES } from '../oci/media-types.js'

/** Where a registry keeps content: manifests and blobs have folders of their own. */
export function pathOf(descriptor: Descriptor): string {
  return `${isManifestType(descriptor.mediaType) ? 'manifests' : 'blobs'}/${descriptor.digest}`
}

/** `Accept` for manifests: without it, old registries convert what they have. The wanted type comes first. */
export function acceptManifests(wanted?: string): Readonly<Record<string, string>> {
  const types = wanted === undefined ? MANIFEST_TYPES : [wanted, ...MANIFEST_TYPES.filter((type) => type !== wanted)]
  return { accept: types.join(', ') }
}

export function acceptFor(descriptor: Descriptor): Readonly<Record<string, string>> {
  return isManifestType(descriptor.mediaType) ? acceptManifests(descriptor.mediaType) : {}
}

/** A media type without its parameters, in the form that descriptors have it. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const bare = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return bare === '' ? undefined : bare
}
