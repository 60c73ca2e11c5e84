import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import type { Digest } from '../oci/digest.js'
import type { Manifest } from '../oci/manifest.js'
import { isNonDistributable } from '../oci/media-types.js'
import type { ManifestToStore } from './manifest-files.js'

/** What must be there before the manifest. An index may name what is not: a copy of one platform is a copy too. */
export function blobsOf(manifest: Manifest): Digest[] {
  if (manifest.kind === 'index') return []
  return [...new Set([manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)])]
}

/** Layers that are fetched from elsewhere, by their type or by `urls`, need not be pushed (image-spec layer.md). */
export function foreignLayers(stored: ManifestToStore): Digest[] {
  if (stored.manifest.kind === 'index') return []
  const json = parseStrictJson(stored.bytes, stored.digest)
  const layers = isJsonObject(json) && Array.isArray(json['layers']) ? json['layers'] : []
  return stored.manifest.layers
    .filter((layer, at) => {
      const urls = isJsonObject(layers[at]) ? layers[at]['urls'] : undefined
      return isNonDistributable(layer.mediaType) || (Array.isArray(urls) && urls.length > 0)
    })
    .map((layer) => layer.digest)
}
