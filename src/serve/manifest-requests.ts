import { readAll } from '../content/read-all.js'
import { hasCode } from '../errors.js'
import { LIMITS } from '../limits.js'
import { algorithmOf, digestOf } from '../oci/digest.js'
import { parseManifest } from '../oci/manifest.js'
import { isTag, type Selector } from '../oci/reference.js'
import { acceptsManifest } from './accepts.js'
import { announcedSize, answer, bodyOf, type Exchange } from './exchange.js'
import { Refusal } from './refusal.js'
import type { StoredManifest } from './repository-folder.js'

/** GET and HEAD …/manifests/REFERENCE: the bytes as they came, whatever they are called. */
export async function sendManifest(exchange: Exchange, repository: string, selector: Selector): Promise<void> {
  const stored = await findManifest(exchange, repository, selector)
  if (stored === undefined || !acceptsManifest(exchange.request.headers.accept, stored.mediaType))
    throw unknownManifest()
  const headers = { 'Content-Type': stored.mediaType, 'Docker-Content-Digest': stored.digest }
  answer(exchange.response, 200, headers, stored.bytes)
}

async function findManifest(
  exchange: Exchange,
  repository: string,
  selector: Selector,
): Promise<StoredManifest | undefined> {
  const folder = exchange.store.repository(repository)
  const digest = selector.kind === 'digest' ? selector.digest : await folder.tagged(selector.tag)
  return digest === undefined ? undefined : await folder.manifest(digest)
}

/** PUT …/manifests/REFERENCE[?tag=…]. The digest is checked before anything is parsed. */
export async function putManifest(exchange: Exchange, repository: string, selector: Selector): Promise<void> {
  const { request, response, store } = exchange
  const bytes = await manifestBytes(exchange)
  const digest = digestOf(bytes, selector.kind === 'digest' ? algorithmOf(selector.digest) : 'sha256')
  if (selector.kind === 'digest' && selector.digest !== digest) {
    throw new Refusal(400, 'DIGEST_INVALID', `the content has the digest ${digest}`)
  }
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''
  const manifest = parseManifest(bytes, mediaType, digest)
  const asked = moreTags(exchange)
  const tags = selector.kind === 'tag' ? [selector.tag, ...asked] : asked
  await store.addManifest(repository, { digest, mediaType, bytes, manifest, tags: [...new Set(tags)] })
  answer(response, 201, {
    Location: `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(manifest.subject === undefined ? {} : { 'OCI-Subject': manifest.subject.digest }),
    ...(asked.length === 0 ? {} : { 'OCI-Tag': asked.join(', ') }),
  })
}

async function manifestBytes(exchange: Exchange): Promise<Uint8Array> {
  const max = LIMITS.servedManifestBytes
  const tooLarge = new Refusal(413, 'SIZE_INVALID', `a manifest has at most ${max} bytes here`)
  if ((announcedSize(exchange.request) ?? 0) > max) throw tooLarge
  try {
    return await readAll(bodyOf(exchange.request), max, 'the manifest')
  } catch (cause) {
    throw hasCode(cause, 'ERR_LIMIT_EXCEEDED') ? tooLarge : cause
  }
}

function moreTags(exchange: Exchange): string[] {
  const tags = [...new Set(exchange.query.getAll('tag'))]
  if (tags.length > LIMITS.tagsPerPush) {
    throw new Refusal(414, 'UNSUPPORTED', `at most ${LIMITS.tagsPerPush} tags can be given at once`)
  }
  if (!tags.every(isTag)) throw new Refusal(400, 'MANIFEST_INVALID', 'a tag is not valid')
  return tags
}

/** DELETE: a tag alone, or a manifest with all its tags. */
export async function deleteManifest(exchange: Exchange, repository: string, selector: Selector): Promise<void> {
  const { store } = exchange
  const done =
    selector.kind === 'tag'
      ? await store.removeTag(repository, selector.tag)
      : await store.removeManifest(repository, selector.digest)
  if (!done) throw unknownManifest()
  answer(exchange.response, 202, {})
}

function unknownManifest(): Refusal {
  return new Refusal(404, 'MANIFEST_UNKNOWN', 'the repository has no such manifest')
}
