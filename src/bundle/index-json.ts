import { canonicalBytes } from '../encoding/canonical-json.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { CONTAINERD_NAME, REF_NAME } from '../oci/image-layout.js'
import { isManifestType, OCI_INDEX } from '../oci/media-types.js'
import { SIGNATURE_TYPE } from '../trust/signature-manifest.js'
import { type BundleDocument, rootName } from './document.js'
import type { InventoryLine } from './inventory.js'
import { WAYBILL_NAME, WAYBILL_TYPE } from './layout.js'

export interface IndexParts {
  readonly waybill: Descriptor
  /** signature manifests */
  readonly signatures: readonly Descriptor[]
  readonly document: BundleDocument
  readonly inventory: readonly InventoryLine[]
}

/**
 * The image layout's `index.json`: the waybill, its signatures, every root and every cosign tag under its full name, then
 * every other manifest without a name, for tools that find referrers only from here. It follows from the rest of the
 * bundle, so the reader makes it again and compares: nothing unsigned can be said in it.
 */
export function buildIndex(parts: IndexParts): Uint8Array {
  const named = [...parts.document.roots.map(rootEntry), ...tagEntries(parts)]
  const done = new Set(named.map(({ digest }) => digest))
  const others = parts.inventory.filter((line) => isManifestType(line.mediaType) && !done.has(line.digest))
  return canonicalBytes({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      { ...bare(parts.waybill), artifactType: WAYBILL_TYPE, annotations: { [REF_NAME]: WAYBILL_NAME } },
      ...parts.signatures.map((descriptor) => ({ ...bare(descriptor), artifactType: SIGNATURE_TYPE })),
      ...named,
      ...others.map(bare),
    ],
  })
}

function rootEntry(root: BundleDocument['roots'][number]) {
  return namedEntry(root.descriptor, rootName(root))
}

function tagEntries(parts: IndexParts) {
  const lines = new Map(parts.inventory.map((line) => [line.digest, line]))
  const entries = parts.document.lookups.flatMap(({ repository, tags }) =>
    tags.result !== 'found'
      ? []
      : tags.tags.flatMap(({ tag, digest }) => {
          const line = lines.get(digest)
          return line === undefined ? [] : [namedEntry(line, `${repository}:${tag}`)]
        }),
  )
  return entries
}

function namedEntry({ mediaType, digest, size }: Descriptor, name: string) {
  return { mediaType, digest, size, annotations: { [REF_NAME]: name, [CONTAINERD_NAME]: name } }
}
