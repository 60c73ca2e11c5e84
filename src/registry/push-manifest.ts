import { readAll } from '../content/read-all.js'
import type { Bytes, CallOptions } from '../content/store.js'
import { verified } from '../content/verified.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import { parseManifest } from '../oci/manifest.js'
import { acceptManifests } from './content-path.js'
import { fetchContent } from './fetch.js'
import { putManifest } from './put-manifest.js'
import { announceReferrer } from './referrers-announce.js'
import type { RepositoryApi } from './repository-api.js'
import { toldDigest } from './told-digest.js'

/**
 * Pushes a manifest by its digest, byte for byte, after its bytes have been verified; one with a `subject` can be
 * found among the subject's referrers when this returns.
 * @throws ERR_CONTENT_MISMATCH, ERR_CONTENT_AMBIGUOUS, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED before anything is sent
 */
export async function pushManifest(
  api: RepositoryApi,
  descriptor: Descriptor,
  given: CallOptions & { readonly bytes: Bytes },
): Promise<void> {
  const { digest, mediaType, size } = descriptor
  if (size > LIMITS.manifestBytes) {
    const message = `the manifest ${digest} has ${size} bytes; ${LIMITS.manifestBytes} are allowed`
    throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: api.host.place.side, subject: digest })
  }
  const content = await readAll(verified(given.bytes, descriptor), LIMITS.manifestBytes, digest)
  const manifest = parseManifest(content, mediaType, digest)
  const put = () => putManifest(api, { reference: digest, mediaType, content }, given)
  const { subject } = manifest
  if (subject === undefined) {
    await put()
    return
  }
  // Whoever keeps the list of a subject's referrers, the registry (olareg 0.2) or we under the fallback tag, reads it,
  // adds to it and writes it back: of two at a time, one would be lost without a word.
  await api.oneAtATime.run(subject.digest, async () => {
    const answer = await put()
    const acknowledged = answer.headers.get('oci-subject') === subject.digest
    await announceReferrer(api, { descriptor, manifest, subject, acknowledged }, given)
  })
}

// Whatever a HEAD of a tag says, the PUT that follows will tell.
const ANY_HEAD = [200, 400, 401, 403, 404, 405, 406, 501]

/**
 * Points a tag at a manifest that the repository has. A tag that is already there is left alone: registries with
 * immutable tags refuse even the same digest.
 * @throws ERR_NOT_FOUND where the manifest is not there, and those of the transport
 */
export async function tagManifest(
  api: RepositoryApi,
  descriptor: Descriptor,
  given: CallOptions & { readonly tag: string },
): Promise<void> {
  const { tag, signal } = given
  const what = `look at the tag ${tag} of ${api.name}`
  const request = { what, method: 'HEAD' as const, to: `manifests/${tag}`, headers: acceptManifests(), signal }
  const head = await api.call(request, ANY_HEAD)
  await head.body.discard()
  if (head.status === 200 && toldDigest(head) === descriptor.digest) return
  const content = await readAll(fetchContent(api, descriptor, { signal }), LIMITS.manifestBytes, descriptor.digest)
  await putManifest(api, { reference: tag, mediaType: descriptor.mediaType, content }, { signal })
}
