import { fetchAll } from '../content/read-all.js'
import type { CallOptions } from '../content/store.js'
import { isJsonObject, type Json } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor, Platform } from '../oci/descriptor.js'
import { parseManifest } from '../oci/manifest.js'
import { DOCKER_CONFIG, isIndexType, OCI_CONFIG } from '../oci/media-types.js'
import { formatPlatform, matchesPlatform } from '../oci/platform.js'
import type { PinnedSource } from './pin.js'

/**
 * The filter for one root. An index is filtered by it; an image of one platform is taken whole if it is of a platform
 * that was asked for, and refused if it is not; what is no image has no platform, and is taken.
 * @throws ERR_NOT_FOUND
 */
export async function platformsOf(
  pinned: PinnedSource,
  wanted: CallOptions & { readonly platforms?: readonly Platform[] },
): Promise<readonly Platform[] | undefined> {
  if (wanted.platforms === undefined || isIndexType(pinned.root.mediaType)) return wanted.platforms
  const found = await imagePlatform(pinned, wanted)
  if (found === undefined || wanted.platforms.some((wish) => matchesPlatform(wish, found))) return undefined
  const asked = wanted.platforms.map(formatPlatform).join(', ')
  throw new TransferError(
    'ERR_NOT_FOUND',
    `${pinned.root.digest} is an image for ${formatPlatform(found)}, not for ${asked}`,
    { side: 'source', subject: pinned.root.digest },
  )
}

async function imagePlatform({ root, source }: PinnedSource, { signal }: CallOptions): Promise<Platform | undefined> {
  const read = (descriptor: Descriptor) => fetchAll(source, descriptor, { signal, maxBytes: LIMITS.manifestBytes })
  const manifest = parseManifest(await read(root), root.mediaType, root.digest)
  if (manifest.kind !== 'image' || ![OCI_CONFIG, DOCKER_CONFIG].includes(manifest.config.mediaType)) return undefined
  const { os, architecture, variant } = parseConfig(await read(manifest.config))
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined
  return typeof variant === 'string' ? { os, architecture, variant } : { os, architecture }
}

/** A config is somebody's whole build history: it is read for three members, and not held to the strictness of manifests. */
function parseConfig(bytes: Uint8Array): { readonly [key: string]: Json | undefined } {
  try {
    const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as Json
    return isJsonObject(json) ? json : {}
  } catch {
    return {}
  }
}
