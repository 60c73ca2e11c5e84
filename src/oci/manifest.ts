import { printable } from '../encoding/printable.js'
import { foldKey, isJsonObject, type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import type { Descriptor, Platform } from './descriptor.js'
import { isDigest } from './digest.js'
import { isIndexType, isManifestType, isSchema1Type } from './media-types.js'

/** What a manifest or index points at. The bytes it came from are kept by whoever read them; nothing re-serialises it. */
export type Manifest =
  | {
      readonly kind: 'index'
      readonly mediaType: string
      readonly manifests: readonly Descriptor[]
      readonly artifactType?: string
      readonly subject?: Descriptor
      readonly annotations: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'image'
      readonly mediaType: string
      readonly config: Descriptor
      readonly layers: readonly Descriptor[]
      readonly artifactType?: string
      readonly subject?: Descriptor
      readonly annotations: Readonly<Record<string, string>>
    }

const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/
const KNOWN = new Set([
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
  'digest',
  'size',
  'platform',
  'urls',
  'data',
  'fsLayers',
  'os',
  'architecture',
  'variant',
  'os.version',
  'os.features',
])
const KNOWN_FOLDED = new Map([...KNOWN].map((key) => [foldKey(key), key]))

export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text)
}

/**
 * Parses a manifest or index that was found under `mediaType`, and refuses whatever two readers could take for two
 * things (CVE-2021-41190): a `mediaType` that disagrees, layers beside manifests, keys in another case.
 * @throws ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS
 */
export function parseManifest(bytes: Uint8Array, mediaType: string, what: string): Manifest {
  const fail = ambiguous(what)
  if (isSchema1Type(mediaType)) fail('it is a Docker schema 1 manifest, which has no stable digest')
  if (!isManifestType(mediaType)) fail(`${printable(mediaType, 150)} is not a manifest type`)
  const json = parseStrictJson(bytes, what)
  if (!isJsonObject(json)) return fail('it is not an object')
  refuseCaseTwins(json, fail)
  if (json['schemaVersion'] !== 2) fail('schemaVersion is not 2')
  if (json['mediaType'] !== undefined && json['mediaType'] !== mediaType) {
    fail(`it calls itself ${printable(JSON.stringify(json['mediaType']), 150)} but is stored as ${mediaType}`)
  }
  if (json['fsLayers'] !== undefined) fail('it has fsLayers, a field of schema 1')
  return isIndexType(mediaType) ? parseIndex(json, mediaType, fail) : parseImage(json, mediaType, fail)
}

type Fail = (why: string) => never

function ambiguous(what: string): Fail {
  return (why) => {
    throw new TransferError('ERR_CONTENT_AMBIGUOUS', `${what} is refused: ${why}`, { subject: what })
  }
}

function parseIndex(json: JsonObject, mediaType: string, fail: Fail): Manifest {
  if (json['layers'] !== undefined || json['config'] !== undefined) fail('it has manifests beside layers or a config')
  return {
    kind: 'index',
    mediaType,
    manifests: parseDescriptors(json['manifests'], 'manifests', fail),
    ...common(json, fail),
  }
}

function parseImage(json: JsonObject, mediaType: string, fail: Fail): Manifest {
  if (json['manifests'] !== undefined) fail('it has layers or a config beside manifests')
  return {
    kind: 'image',
    mediaType,
    config: parseDescriptor(json['config'], 'config', fail),
    layers: parseDescriptors(json['layers'], 'layers', fail),
    ...common(json, fail),
  }
}

function common(json: JsonObject, fail: Fail) {
  const artifactType = json['artifactType']
  if (artifactType !== undefined && (typeof artifactType !== 'string' || !isMediaType(artifactType))) {
    return fail('artifactType is not a media type')
  }
  const subject =
    json['subject'] === undefined || json['subject'] === null
      ? undefined
      : parseDescriptor(json['subject'], 'subject', fail)
  return {
    annotations: parseAnnotations(json['annotations'], fail) ?? {},
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject }),
  }
}

function parseDescriptors(json: Json | undefined, where: string, fail: Fail): Descriptor[] {
  // Go writes an empty list as null; nothing can hide in it.
  if (json === undefined || json === null) return []
  if (!Array.isArray(json)) return fail(`${where} is not a list`)
  return json.map((item: Json, at: number) => parseDescriptor(item, `${where}[${at}]`, fail))
}

/**
 * Parses one descriptor out of strict JSON.
 * @param fail is called with a sentence about what is wrong, and throws
 */
export function parseDescriptor(json: Json | undefined, where: string, fail: Fail): Descriptor {
  if (!isJsonObject(json)) return fail(`${where} is not a descriptor`)
  refuseCaseTwins(json, fail)
  const { mediaType, digest, size, artifactType, annotations, platform } = json
  if (typeof mediaType !== 'string' || !isMediaType(mediaType)) return fail(`${where} has no valid mediaType`)
  if (typeof digest !== 'string' || !isDigest(digest)) return fail(`${where} has no valid digest`)
  if (typeof size !== 'number' || size < 0) return fail(`${where} has no valid size`)
  const notes = parseAnnotations(annotations, fail)
  const place = parsePlatformObject(platform, fail)
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === 'string' && isMediaType(artifactType) ? { artifactType } : {}),
    ...(notes === undefined ? {} : { annotations: notes }),
    ...(place === undefined ? {} : { platform: place }),
  }
}

function parseAnnotations(json: Json | undefined, fail: Fail): Record<string, string> | undefined {
  if (json === undefined || json === null) return undefined
  if (!isJsonObject(json)) return fail('annotations are not an object')
  const notes: Record<string, string> = Object.create(null)
  for (const [key, value] of Object.entries(json)) {
    if (typeof value !== 'string') return fail(`the annotation "${printable(key, 80)}" is not a string`)
    notes[key] = value
  }
  return notes
}

function parsePlatformObject(json: Json | undefined, fail: Fail): Platform | undefined {
  if (json === undefined || json === null) return undefined
  if (!isJsonObject(json)) return fail('a platform is not an object')
  refuseCaseTwins(json, fail)
  const { os, architecture, variant } = json
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  const version = json['os.version']
  return {
    os,
    architecture,
    ...(typeof variant === 'string' ? { variant } : {}),
    ...(typeof version === 'string' ? { 'os.version': version } : {}),
  }
}

/** `Layers` beside, or instead of, `layers`: Go reads both, we would read one. */
function refuseCaseTwins(json: JsonObject, fail: Fail): void {
  for (const key of Object.keys(json)) {
    const known = KNOWN_FOLDED.get(foldKey(key))
    if (known !== undefined && known !== key) fail(`the key "${printable(key, 80)}" should be ${known}`)
  }
}

/** Everything directly below a manifest, in the order in which it must exist before the manifest does. */
export function childrenOf(manifest: Manifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [manifest.config, ...manifest.layers]
}

/** What a Referrers API says of a manifest's type: its artifactType, or the type of its config. */
export function artifactTypeOf(manifest: Manifest): string | undefined {
  if (manifest.artifactType !== undefined) return manifest.artifactType
  return manifest.kind === 'image' ? manifest.config.mediaType : undefined
}
