import { foldKey } from '../encoding/strict-json.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { artifactTypeOf, type Manifest, parseManifest } from '../oci/manifest.js'
import { isManifestType, OCI_INDEX, OCI_MANIFEST } from '../oci/media-types.js'

/** The media type of bytes that look like a manifest to any reader, however odd they are; undefined for other content. */
export function manifestTypeOf(bytes: Uint8Array): string | undefined {
  const members = looseMembers(bytes)
  if (members?.get('schemaversion') !== 2) return undefined
  const mediaType = members.get('mediatype') ?? typeByShape(members)
  return typeof mediaType === 'string' && isManifestType(mediaType) ? mediaType : undefined
}

/** A manifest may leave its media type to whoever points at it (image-spec manifest.md); then its shape decides. */
function typeByShape(members: ReadonlyMap<string, unknown>): string | undefined {
  if (members.has('manifests')) return OCI_INDEX
  return members.has('config') ? OCI_MANIFEST : undefined
}

/**
 * Keys as Go would read them. This only tells manifests from configs and layers, so that a manifest that the strict
 * reader refuses is refused by name and not taken for something that needs no look.
 */
function looseMembers(bytes: Uint8Array): ReadonlyMap<string, unknown> | undefined {
  if (!startsLikeJson(bytes)) return undefined
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof json !== 'object' || json === null) return undefined
    return new Map(Object.entries(json).map(([key, value]) => [foldKey(key), value]))
  } catch {
    return undefined
  }
}

function startsLikeJson(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)
  return first === 0x7b || first === 0xef // { or a byte order mark
}

/** Layers are compressed, and large: nothing in them needs a look. */
export function isCompressed(start: Uint8Array): boolean {
  return COMPRESSED.some((magic) => magic.every((byte, at) => start[at] === byte))
}

const COMPRESSED = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
] as const

export interface FoundReferrer {
  readonly subject: Digest
  readonly descriptor: Descriptor
}

/**
 * What a Referrers API would say of these bytes; undefined for content that refers to nothing.
 * @throws ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS for a manifest that can be read in two ways: a signature is not lost quietly
 */
export function referrerIn(bytes: Uint8Array, digest: Digest): FoundReferrer | undefined {
  const mediaType = manifestTypeOf(bytes)
  if (mediaType === undefined) return undefined
  const manifest = parseManifest(bytes, mediaType, digest)
  if (manifest.subject === undefined) return undefined
  return {
    subject: manifest.subject.digest,
    descriptor: { mediaType, digest, size: bytes.byteLength, ...saidOf(manifest) },
  }
}

/** What lists of referrers repeat from a manifest (distribution-spec, Listing Referrers). */
export function saidOf(manifest: Manifest): Pick<Descriptor, 'artifactType' | 'annotations'> {
  const artifactType = artifactTypeOf(manifest)
  return {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(manifest.annotations).length === 0 ? {} : { annotations: manifest.annotations }),
  }
}
