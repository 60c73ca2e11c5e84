import type { CallOptions } from '../content/store.js'
import { mismatch } from '../content/verified.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import { algorithmOf, digestOf } from '../oci/digest.js'
import { isManifestType, isSchema1Type } from '../oci/media-types.js'
import type { Selector } from '../oci/reference.js'
import { acceptManifests, mediaTypeOf } from './content-path.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import type { RepositoryApi } from './repository-api.js'
import { toldDigest } from './told-digest.js'

// A HEAD that is refused says little: Artifactory answers 403 for what is missing, others do not know the method.
const HEAD_STATUSES = [200, 400, 401, 403, 405, 406, 501]

/**
 * Finds the descriptor of a tag or digest: HEAD, and GET where HEAD does not say everything. What HEAD says of a tag is
 * believed until the manifest is fetched by that digest, which verifies it.
 * @throws ERR_NOT_FOUND, ERR_CONTENT_MISMATCH, ERR_CONTENT_AMBIGUOUS, ERR_REGISTRY_PROTOCOL and those of the transport
 */
export async function resolve(api: RepositoryApi, selector: Selector, call: CallOptions): Promise<Descriptor> {
  const reference = selector.kind === 'tag' ? selector.tag : selector.digest
  const request = {
    what: `read the manifest ${reference} of ${api.name}`,
    to: `manifests/${reference}`,
    headers: acceptManifests(),
    signal: call.signal,
  }
  const head = await api.call({ ...request, method: 'HEAD' }, HEAD_STATUSES)
  await head.body.discard()
  const told = head.status === 200 ? describeHead(api, head, selector) : undefined
  if (told !== undefined) return told
  const answer = await api.call({ ...request, method: 'GET' }, [200])
  return await describeBody(api, answer, selector)
}

function describeHead(api: RepositoryApi, head: Answer, selector: Selector): Descriptor | undefined {
  const mediaType = mediaTypeOf(head.headers.get('content-type'))
  const length = head.headers.get('content-length') ?? ''
  if (mediaType === undefined || !isManifestType(mediaType) || !/^[1-9][0-9]{0,15}$/.test(length)) return undefined
  const digest = toldDigest(head)
  const size = Number(length)
  if (selector.kind === 'tag') return digest === undefined ? undefined : { mediaType, digest, size }
  if (digest !== undefined && algorithmOf(digest) === algorithmOf(selector.digest) && digest !== selector.digest) {
    throw protocolError(api.host.place, `asked for ${selector.digest} of ${api.name}, it answers with ${digest}`)
  }
  return { mediaType, digest: selector.digest, size }
}

async function describeBody(api: RepositoryApi, answer: Answer, selector: Selector): Promise<Descriptor> {
  const what = `${api.name}:${selector.kind === 'tag' ? selector.tag : selector.digest}`
  const { bytes, whole } = await answer.body.read(LIMITS.manifestBytes)
  if (!whole) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `${what} is larger than ${LIMITS.manifestBytes} bytes`, {
      side: api.host.place.side,
      subject: what,
    })
  }
  const mediaType = manifestType(api, answer, { bytes, what })
  const told = toldDigest(answer)
  if (selector.kind === 'digest') {
    const found = digestOf(bytes, algorithmOf(selector.digest))
    const expected = { mediaType, digest: selector.digest, size: bytes.byteLength }
    if (found !== selector.digest) throw mismatch(expected, `bytes that hash to ${found}`)
    return expected
  }
  const digest = digestOf(bytes, told === undefined ? 'sha256' : algorithmOf(told))
  if (told !== undefined && told !== digest) {
    api.host.warn('DIGEST_HEADER_DIFFERS', `calls ${what} ${told}, but the bytes hash to ${digest}`)
  }
  return { mediaType, digest, size: bytes.byteLength }
}

/** What the bytes are: by their header, or by their own word where the header does not name a manifest type. */
function manifestType(api: RepositoryApi, answer: Answer, found: { bytes: Uint8Array; what: string }): string {
  const header = mediaTypeOf(answer.headers.get('content-type'))
  if (header !== undefined && isSchema1Type(header)) {
    throw new TransferError(
      'ERR_CONTENT_AMBIGUOUS',
      `${found.what} is a Docker schema 1 manifest, which has no stable digest`,
      { side: api.host.place.side, subject: found.what },
    )
  }
  const json = parseStrictJson(found.bytes, found.what)
  const own = isJsonObject(json) ? json['mediaType'] : undefined
  const named = header !== undefined && isManifestType(header) ? header : undefined
  if (named !== undefined && own !== undefined && own !== named) {
    // CVE-2021-41190: two readers would take it for two things.
    throw new TransferError(
      'ERR_CONTENT_AMBIGUOUS',
      `${found.what} is served as ${named} and calls itself something else`,
      { side: api.host.place.side, subject: found.what },
    )
  }
  if (named !== undefined) return named
  if (typeof own === 'string' && isManifestType(own)) return own
  throw protocolError(api.host.place, `${found.what} is not served as a manifest, nor does it call itself one`)
}
