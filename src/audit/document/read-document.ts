import type { CallOptions, ContentSource } from '../../content/store.js'
import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { ShownDocument } from './document-lines.js'

/**
 * Reads a document to show it. All of it is read and hashed, also where only the beginning is shown: a medium that has
 * changed since it was verified is told.
 * @throws ERR_CONTENT_MISMATCH, ERR_MEDIUM, ERR_NOT_FOUND, ERR_BUNDLE_INCOMPLETE where the bundle expects it at the target
 */
export async function readDocument(
  source: Pick<ContentSource, 'fetch'>,
  descriptor: Descriptor,
  call: CallOptions,
): Promise<ShownDocument> {
  const kept: Uint8Array[] = []
  let left: number = LIMITS.shownBytes
  for await (const piece of source.fetch(descriptor, call)) {
    const part = piece.subarray(0, left)
    if (part.byteLength > 0) kept.push(part)
    left -= part.byteLength
  }
  return { bytes: Buffer.concat(kept), mediaType: descriptor.mediaType, size: descriptor.size }
}
