import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Digest, isDigest } from '../oci/digest.js'

/** The list of a Docker archive, and the file that only an archive of this kind has. */
export const ARCHIVE_LIST = 'manifest.json'

/** One image of an archive: paths in it, as written. */
export interface ArchivedImage {
  readonly config: string
  /** full or familiar names with tags: `registry.example/app:v1`, `busybox:latest` */
  readonly names: readonly string[]
  /** lowest first */
  readonly layers: readonly string[]
}

/**
 * Reads `manifest.json` of a Docker archive (moby image/spec, "Combined Image JSON + Filesystem Changeset Format").
 * @throws ERR_JSON_INVALID, ERR_BUNDLE_FORMAT
 */
export function parseArchiveList(bytes: Uint8Array, what: string): readonly ArchivedImage[] {
  const json = parseStrictJson(bytes, what)
  if (!Array.isArray(json) || json.length === 0) return refuse(what, 'it is not a list of images')
  if (json.length > LIMITS.archiveImages) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `${what} lists more than ${LIMITS.archiveImages} images`, {
      subject: what,
    })
  }
  return json.map((item: Json, at) => {
    const where = `${what}, image ${at + 1}`
    if (!isJsonObject(item)) return refuse(where, 'it is not an object')
    const { Config } = item
    if (typeof Config !== 'string') return refuse(where, 'it has no Config')
    return { config: Config, names: texts(item, 'RepoTags', where), layers: texts(item, 'Layers', where) }
  })
}

/** A list of texts; Go writes an empty one as null. */
function texts(item: JsonObject, key: 'RepoTags' | 'Layers', where: string): readonly string[] {
  const value = item[key] ?? []
  if (!Array.isArray(value)) return refuse(where, `its ${key} are not a list`)
  return value.map((text: Json) => (typeof text === 'string' ? text : refuse(where, `its ${key} are not all texts`)))
}

/**
 * The digests of an image's layers, uncompressed, as its config has them (image-spec config.md, `rootfs.diff_ids`). A
 * config has labels of anybody in it, and is not held to the strictness of manifests: the layers must have these digests.
 * @throws ERR_JSON_INVALID, ERR_BUNDLE_FORMAT
 */
export function parseDiffIds(config: Uint8Array, what: string): readonly Digest[] {
  const json = parseAnyJson(config, what)
  const rootfs = isJsonObject(json) ? json['rootfs'] : undefined
  if (!isJsonObject(rootfs) || rootfs['type'] !== 'layers') return refuse(what, 'it has no rootfs of layers')
  const ids = rootfs['diff_ids'] ?? []
  if (!Array.isArray(ids)) return refuse(what, 'its diff_ids are not a list')
  return ids.map((id: Json) => (typeof id === 'string' && isDigest(id) ? id : refuse(what, 'a diff_id is no digest')))
}

function parseAnyJson(bytes: Uint8Array, what: string): Json {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Json
  } catch (cause) {
    throw new TransferError('ERR_JSON_INVALID', `${what} is not JSON`, { cause, subject: what })
  }
}

function refuse(what: string, why: string): never {
  throw new TransferError('ERR_BUNDLE_FORMAT', `${what} is refused: ${why}`, { side: 'medium', subject: what })
}
