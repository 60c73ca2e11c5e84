import type { CallOptions } from '../content/store.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import { parseManifest } from '../oci/manifest.js'
import { OCI_INDEX } from '../oci/media-types.js'
import { mediaTypeOf } from './content-path.js'
import { protocolError, registryCodes } from './failure.js'
import type { Answer } from './http-exchange.js'
import { pageTrail } from './next-page.js'
import { readFallback } from './referrers-fallback.js'
import type { RepositoryApi } from './repository-api.js'

/**
 * Everything that names `subject` as its subject: through the Referrers API, or where a registry has none, through the
 * tag that stands in for it (distribution-spec, Listing Referrers). What an index says of a type is hearsay until the
 * manifest has been read.
 * @throws whatever kept us from asking; ERR_LIMIT_EXCEEDED for more than a subject may have
 */
export async function* listReferrers(
  api: RepositoryApi,
  subject: Descriptor,
  call: CallOptions,
): AsyncIterable<Descriptor> {
  const first = await askReferrers(api, subject, call)
  const found = first === undefined ? fallbackReferrers(api, subject, call) : pages(api, first, { ...call, subject })
  const seen = new Set<string>()
  for await (const descriptor of found) {
    if (seen.has(descriptor.digest)) continue
    seen.add(descriptor.digest)
    if (seen.size > LIMITS.referrersPerSubject) throw tooMany(api, subject, `${LIMITS.referrersPerSubject} referrers`)
    yield descriptor
  }
  if (first === undefined && seen.size === 0 && api.referrersApi === 'other') {
    // A login page, or a proxy's: somebody answered, but not this question, and nobody has said that there are none.
    const what = `list the referrers of ${subject.digest} in ${api.name}`
    throw protocolError(api.host.place, `cannot ${what}: the answer is a page for people, and there is no tag for them`)
  }
}

/** True where the registry answers for referrers; asked at most once where the answer is clear. */
export async function hasReferrersApi(api: RepositoryApi, subject: Descriptor, call: CallOptions): Promise<boolean> {
  if (api.referrersApi === 'present') return true
  const answer = await askReferrers(api, subject, call)
  await answer?.body.discard()
  return answer !== undefined
}

const NO_API = [400, 404, 405, 406]

/** The first page, or undefined where there is no such API. @throws where that cannot be told */
async function askReferrers(api: RepositoryApi, subject: Descriptor, call: CallOptions): Promise<Answer | undefined> {
  if (api.referrersApi === 'absent' || api.referrersApi === 'other') return undefined
  const what = `list the referrers of ${subject.digest} in ${api.name}`
  const headers = { accept: OCI_INDEX }
  const request = { what, method: 'GET' as const, to: `referrers/${subject.digest}`, headers, signal: call.signal }
  const answer = await api.call(request, [200, ...NO_API])
  if (isIndex(answer)) {
    api.referrersApi = 'present'
    return answer
  }
  if (answer.status === 200 && !isJson(answer) && api.referrersApi !== 'present') {
    await answer.body.discard()
    api.referrersApi = 'other'
    return undefined
  }
  const codes = answer.status === 200 ? [] : await registryCodes(answer)
  await answer.body.discard()
  if (answer.status === 404 && codes.includes('NAME_UNKNOWN')) {
    // It is the repository that is missing, which says nothing about the API.
    throw new TransferError('ERR_NOT_FOUND', `${api.host.place.registry}: cannot ${what}: no such repository`, {
      side: api.host.place.side,
      subject: api.name,
    })
  }
  // GHCR has no API and says so; others may have one and not know this subject: asked again the next time.
  if (codes.includes('MANIFEST_UNKNOWN')) return undefined
  if (api.referrersApi === 'present') {
    // Taking this for "no API" would lose signatures.
    throw protocolError(api.host.place, `cannot ${what}: it could before, now the answer is ${answer.status}`)
  }
  if (answer.status !== 400) api.referrersApi = 'absent'
  return undefined
}

async function* pages(
  api: RepositoryApi,
  first: Answer,
  given: CallOptions & { readonly subject: Descriptor },
): AsyncIterable<Descriptor> {
  const what = `list the referrers of ${given.subject.digest} in ${api.name}`
  const limit = `${LIMITS.registryPages} pages`
  const nextOf = pageTrail(api.host, { what, tooMany: () => tooMany(api, given.subject, limit) })
  let answer = first
  for (;;) {
    const { bytes, whole } = await answer.body.read(LIMITS.registryAnswerBytes)
    if (!whole) throw tooMany(api, given.subject, `a list of ${LIMITS.registryAnswerBytes} bytes`)
    const index = parseManifest(bytes, OCI_INDEX, `the referrers of ${given.subject.digest}`)
    if (index.kind === 'index') yield* index.manifests
    const next = nextOf(answer)
    if (next === undefined) return
    const headers = { accept: OCI_INDEX }
    answer = await api.call({ what, method: 'GET', to: next, headers, signal: given.signal }, [200])
    if (!isIndex(answer)) {
      await answer.body.discard()
      throw protocolError(api.host.place, `cannot ${what}: a page of its list is not an index`)
    }
  }
}

async function* fallbackReferrers(
  api: RepositoryApi,
  subject: Descriptor,
  call: CallOptions,
): AsyncIterable<Descriptor> {
  const found = await readFallback(api, subject, call)
  if (found.kind === 'other') api.host.warn('REFERRERS_TAG_IGNORED', `${found.tag} of ${api.name} ${found.why}`)
  if (found.kind === 'index') yield* found.manifests
}

function isJson(answer: Answer): boolean {
  return /[/+]json$/.test(mediaTypeOf(answer.headers.get('content-type')) ?? '')
}

function isIndex(answer: Answer): boolean {
  return answer.status === 200 && mediaTypeOf(answer.headers.get('content-type')) === OCI_INDEX
}

function tooMany(api: RepositoryApi, subject: Descriptor, limit: string): TransferError {
  return new TransferError('ERR_LIMIT_EXCEEDED', `${subject.digest} of ${api.name} has more than ${limit}`, {
    side: api.host.place.side,
    subject: subject.digest,
  })
}
