import { fetchAll } from '../content/read-all.js'
import type { CallOptions, ContentSource } from '../content/store.js'
import { printable } from '../encoding/printable.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type BareDescriptor, bare, type Descriptor, describe } from '../oci/descriptor.js'
import { parseManifest } from '../oci/manifest.js'
import { isManifestType } from '../oci/media-types.js'

/**
 * The descriptor of a manifest that is about to be signed, from its bytes: what a registry's headers say of size and type
 * would be signed otherwise, whatever they say.
 * @throws what the source throws, ERR_CONTENT_MISMATCH, ERR_CONTENT_AMBIGUOUS, ERR_JSON_INVALID
 */
export async function readTarget(
  source: ContentSource,
  claimed: Descriptor,
  call: CallOptions,
): Promise<BareDescriptor> {
  const bytes = await fetchAll(source, claimed, { signal: call.signal, maxBytes: LIMITS.manifestBytes })
  parseManifest(bytes, claimed.mediaType, claimed.digest)
  return bare(claimed)
}

/**
 * The descriptor that a registry would give to these bytes of a manifest.
 * @param given `mediaType` for a manifest that does not name its own; `what` names the bytes in errors
 * @throws ERR_USAGE where nobody says the media type, or this is no manifest's, and for archives; ERR_CONTENT_AMBIGUOUS, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED
 */
export function describeManifest(
  bytes: Uint8Array,
  given: { readonly mediaType?: string | undefined; readonly what: string },
): BareDescriptor {
  const { what } = given
  if (isArchive(bytes)) {
    const message = `${what} is an archive, and not a manifest: write oci-archive:${what} or docker-archive:${what}`
    throw new TransferError('ERR_USAGE', message, { side: 'operator', subject: what })
  }
  if (given.mediaType !== undefined && !isManifestType(given.mediaType)) {
    const message = `${printable(given.mediaType)} is not the media type of a manifest`
    throw new TransferError('ERR_USAGE', message, { side: 'operator', subject: what })
  }
  if (bytes.byteLength > LIMITS.manifestBytes) {
    const message = `${what} has ${bytes.byteLength} bytes; a manifest has at most ${LIMITS.manifestBytes}`
    throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: what })
  }
  const json = parseStrictJson(bytes, what)
  const own = isJsonObject(json) ? json['mediaType'] : undefined
  const mediaType = given.mediaType ?? own
  if (typeof mediaType !== 'string') {
    throw new TransferError('ERR_USAGE', `${what} does not say its media type: give it with --media-type`, {
      side: 'operator',
      subject: what,
    })
  }
  parseManifest(bytes, mediaType, what)
  return describe(mediaType, bytes)
}

/** A tar (POSIX ustar and GNU have this mark), or one that is compressed with gzip. */
function isArchive(bytes: Uint8Array): boolean {
  return (
    Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar' || (bytes[0] === 0x1f && bytes[1] === 0x8b)
  )
}
