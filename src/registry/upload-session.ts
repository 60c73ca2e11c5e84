import type { Descriptor } from '../oci/descriptor.js'
import { algorithmOf } from '../oci/digest.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import { vetTarget } from './redirect.js'
import type { RepositoryApi } from './repository-api.js'
import { toldDigest } from './told-digest.js'

/** An upload that a registry has opened, or its answer where it has not. */
export type Started = { readonly location: URL; readonly leastPartBytes: number } | { readonly refused: Answer }

/** `POST /v2/<name>/blobs/uploads/`: the first half of every way to push a blob (distribution-spec, Pushing Blobs). */
export async function startUpload(
  api: RepositoryApi,
  given: { readonly what: string; readonly signal: AbortSignal },
): Promise<Started> {
  const answer = await api.exchange({ ...given, method: 'POST', to: 'blobs/uploads/' })
  if (answer.status >= 300) return { refused: answer }
  await answer.body.discard()
  const location = answer.status === 202 ? nextLocation(api, answer) : undefined
  if (location === undefined) {
    throw protocolError(api.host.place, `cannot ${given.what}: an upload was not opened (status ${answer.status})`)
  }
  const least = answer.headers.get('oci-chunk-min-length') ?? ''
  return { location, leastPartBytes: /^[0-9]{1,12}$/.test(least) ? Number(least) : 0 }
}

/**
 * Where the upload goes on. It may be another host, which then gets no credentials. Registries behind a TLS proxy
 * often think that they are plain HTTP: on the same host, TLS is kept.
 */
export function nextLocation(api: RepositoryApi, answer: Answer): URL | undefined {
  const location = answer.headers.get('location')
  if (location === undefined) return undefined
  const from = answer.url
  const absolute = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  const downgrade = from.protocol === 'https:' && absolute?.protocol === 'http:' && absolute.host === from.host
  return vetTarget(downgrade ? location.replace(/^http:/i, 'https:') : location, from, api.host.place)
}

/** The URL that ends an upload. The query is the registry's own and is kept as it is, byte for byte. */
export function withDigest(location: URL, descriptor: Descriptor): URL {
  return new URL(`${location.href}${location.search === '' ? '?' : '&'}digest=${descriptor.digest}`)
}

/**
 * @throws what the registry said, where it did not store the blob: ERR_CONTENT_MISMATCH where the bytes hash to another
 * digest; ERR_REGISTRY_PROTOCOL where it says that it stored something else
 */
export async function acceptStored(
  api: RepositoryApi,
  answer: Answer,
  given: { readonly what: string; readonly descriptor: Descriptor },
): Promise<void> {
  if (answer.status !== 201 && answer.status !== 204) {
    throw await api.host.failure(answer, given.what, { DIGEST_INVALID: 'ERR_CONTENT_MISMATCH' })
  }
  await answer.body.discard()
  const told = toldDigest(answer)
  const { digest } = given.descriptor
  if (told !== undefined && algorithmOf(told) === algorithmOf(digest) && told !== digest) {
    throw protocolError(api.host.place, `cannot ${given.what}: it was stored as ${told}`)
  }
}

/** Closes an upload that is not used. Best effort: it would expire by itself. */
export async function cancelUpload(
  api: RepositoryApi,
  location: URL,
  given: { readonly what: string; readonly signal: AbortSignal },
): Promise<void> {
  // Some registries demand the delete scope for this, and some give no token at all where it is asked for.
  const request = { ...given, method: 'DELETE' as const, to: location, answersChallenges: false }
  const answer = await api.exchange(request).catch(() => undefined)
  await answer?.body.discard()
}
