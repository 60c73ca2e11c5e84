import { printable } from '../encoding/printable.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import { CONTAINERD_NAME, INDEX_FILE, LAYOUT_VERSION, REF_NAME } from '../oci/image-layout.js'
import { parseManifest } from '../oci/manifest.js'
import { OCI_INDEX } from '../oci/media-types.js'

/** @throws ERR_JSON_INVALID, ERR_BUNDLE_FORMAT, ERR_BUNDLE_VERSION */
export function checkLayoutVersion(bytes: Uint8Array, what: string): void {
  const json = parseStrictJson(bytes, what)
  const version = isJsonObject(json) ? json['imageLayoutVersion'] : undefined
  if (typeof version !== 'string') {
    throw new TransferError('ERR_BUNDLE_FORMAT', `${what} has no imageLayoutVersion`, { subject: what })
  }
  if (version !== LAYOUT_VERSION) {
    throw new TransferError(
      'ERR_BUNDLE_VERSION',
      `${what} says version ${printable(version, 40)}, and ${LAYOUT_VERSION} is known`,
      { subject: what },
    )
  }
}

/** @throws ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS */
export function parseLayoutIndex(bytes: Uint8Array, what: string): readonly Descriptor[] {
  const index = parseManifest(bytes, OCI_INDEX, what)
  return index.kind === 'index' ? index.manifests : []
}

/** The names an entry of `index.json` can be called by. */
export function namesOf(entry: Descriptor): readonly string[] {
  return [entry.annotations?.[REF_NAME], entry.annotations?.[CONTAINERD_NAME]].filter((name) => name !== undefined)
}

/**
 * The entry with exactly this name; undefined where there is none.
 * @throws ERR_CONTENT_AMBIGUOUS where the name stands for different content
 */
export function entryNamed(entries: readonly Descriptor[], name: string): Descriptor | undefined {
  const named = entries.filter((entry) => entry.annotations?.[REF_NAME] === name)
  return onlyOne(named.length > 0 ? named : entries.filter((entry) => namesOf(entry).includes(name)), name)
}

/**
 * The entry that is called by the tag alone, or by a full reference with that tag.
 * @throws ERR_CONTENT_AMBIGUOUS where the tag stands for different content
 */
export function entryTagged(entries: readonly Descriptor[], tag: string): Descriptor | undefined {
  const exact = entries.filter((entry) => entry.annotations?.[REF_NAME] === tag)
  const ending = (entry: Descriptor): boolean => namesOf(entry).some((name) => name.endsWith(`:${tag}`))
  return onlyOne(exact.length > 0 ? exact : entries.filter(ending), tag)
}

/** Some tools take the first of two entries with one name, some the last. */
function onlyOne(entries: readonly Descriptor[], name: string): Descriptor | undefined {
  const digests = new Set(entries.map((entry) => entry.digest))
  if (digests.size > 1) {
    throw new TransferError(
      'ERR_CONTENT_AMBIGUOUS',
      `${printable(name)} is the name of ${digests.size} entries of ${INDEX_FILE}: ${[...digests].join(', ').slice(0, 500)}`,
      { side: 'source', subject: name },
    )
  }
  return entries[0]
}
