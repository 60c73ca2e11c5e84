import type { CallOptions } from '../content/store.js'
import { isJsonObject, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import { algorithmOf, digestOf, encodedOf } from '../oci/digest.js'
import { parseManifest } from '../oci/manifest.js'
import { isManifestType, OCI_INDEX } from '../oci/media-types.js'
import { acceptManifests, mediaTypeOf } from './content-path.js'
import type { Answer } from './http-exchange.js'
import type { RepositoryApi } from './repository-api.js'

/** What a repository has under the tag that stands in for the Referrers API. */
export type Fallback =
  | { readonly kind: 'none'; readonly tag: string }
  | {
      readonly kind: 'index'
      readonly tag: string
      readonly manifests: readonly Descriptor[]
      /** the same, with every field as it was found */
      readonly json: JsonObject
      readonly etag: string | undefined
    }
  /** Something that must not be counted as referrers, and must not be overwritten. */
  | { readonly kind: 'other'; readonly tag: string; readonly why: string }

/** distribution-spec, Referrers Tag Schema: `sha256-<hex>`, at most 64 characters of it. */
function fallbackTag(subject: Descriptor): string {
  return `${algorithmOf(subject.digest)}-${encodedOf(subject.digest).slice(0, 64)}`
}

/**
 * Reads the index under the fallback tag, and tells it from what only looks like one.
 * @throws ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS for an index that cannot be read, and those of the transport
 */
export async function readFallback(api: RepositoryApi, subject: Descriptor, call: CallOptions): Promise<Fallback> {
  const tag = fallbackTag(subject)
  const what = `read the referrers tag ${tag} of ${api.name}`
  const request = { what, method: 'GET' as const, to: `manifests/${tag}`, headers: acceptManifests(OCI_INDEX) }
  const answer = await api.call({ ...request, signal: call.signal }, [200, 404])
  if (answer.status === 404) {
    await answer.body.discard()
    return { kind: 'none', tag }
  }
  const { bytes, whole } = await answer.body.read(LIMITS.manifestBytes)
  if (!whole) {
    const message = `the referrers tag ${tag} of ${api.name} has more than ${LIMITS.manifestBytes} bytes`
    throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: api.host.place.side, subject: tag })
  }
  // GitLab reads the tag as a digest and answers with the subject: its platforms would be taken for signatures.
  if (digestOf(bytes, algorithmOf(subject.digest)) === subject.digest) {
    return { kind: 'other', tag, why: 'is the subject itself, not a list of its referrers' }
  }
  return readIndex(answer, bytes, tag)
}

function readIndex(answer: Answer, bytes: Uint8Array, tag: string): Fallback {
  const served = mediaTypeOf(answer.headers.get('content-type'))
  if (served !== undefined && isManifestType(served) && served !== OCI_INDEX) {
    return { kind: 'other', tag, why: 'is not an index' }
  }
  const json = parseStrictJson(bytes, tag)
  if (!isJsonObject(json)) return { kind: 'other', tag, why: 'is not an index' }
  if (served !== OCI_INDEX && json['mediaType'] !== OCI_INDEX) return { kind: 'other', tag, why: 'is not an index' }
  const index = parseManifest(bytes, OCI_INDEX, tag)
  if (index.kind !== 'index') return { kind: 'other', tag, why: 'is not an index' }
  if (index.subject !== undefined) return { kind: 'other', tag, why: 'has a subject of its own' }
  return { kind: 'index', tag, manifests: index.manifests, json, etag: strongEtag(answer) }
}

/** A weak one never matches in `If-Match` (RFC 9110 section 13.1.1). */
function strongEtag(answer: Answer): string | undefined {
  const etag = answer.headers.get('etag')
  return etag !== undefined && /^"[\x21\x23-\x7e]*"$/.test(etag) ? etag : undefined
}
