import type { Bytes, CallOptions } from '../content/store.js'
import { verified } from '../content/verified.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Answer } from './http-exchange.js'
import type { RepositoryApi } from './repository-api.js'
import { ContentBody } from './request-body.js'
import { pushInParts } from './upload-in-parts.js'
import { acceptStored, startUpload, withDigest } from './upload-session.js'

const BAD_REQUEST = 400
const TOO_LARGE = 413
// Registries copy a blob to its place before they answer.
const ANSWER_MS = 120_000
const COPIED_BYTES_PER_MS = 20_000

/**
 * Pushes a blob: POST, then one PUT with its length, which every registry knows; in parts where that is refused as
 * too large. After a failure the upload starts again, as long as `bytes` can be read again: it is then asked for a
 * second iterator. An object that is its own iterator (a generator) is read once, so it cannot be.
 * @throws ERR_CONTENT_MISMATCH where the bytes are not the descriptor's, ERR_REGISTRY_PROTOCOL and those of the transport
 */
export async function pushBlob(
  api: RepositoryApi,
  descriptor: Descriptor,
  given: CallOptions & { readonly bytes: Bytes },
): Promise<void> {
  const body = new ContentBody(given.bytes, descriptor)
  const what = `store ${descriptor.digest} in ${api.name}`
  const attempted = { what, signal: given.signal, mayRepeat: () => body.canOpen() }
  const answer = await api.host.retries.run(attempted, () => putWhole(api, descriptor, { ...attempted, body }))
  if (answer.status === TOO_LARGE && body.canOpen()) {
    await answer.body.discard()
    return await pushInParts(api, descriptor, { ...attempted, body })
  }
  if (answer.status === BAD_REQUEST && body.canOpen()) await blame(answer, body, descriptor)
  await acceptStored(api, answer, { what, descriptor })
}

/** Registries say in many ways that content has another digest. Reading it again tells whose mistake it was. */
async function blame(answer: Answer, body: ContentBody, descriptor: Descriptor): Promise<void> {
  try {
    for await (const _ of verified(body.open(), descriptor));
  } catch (error) {
    await answer.body.discard()
    throw error
  }
}

async function putWhole(
  api: RepositoryApi,
  descriptor: Descriptor,
  given: { readonly what: string; readonly signal: AbortSignal; readonly body: ContentBody },
): Promise<Answer> {
  const { what, signal, body } = given
  const started = await startUpload(api, { what, signal })
  if ('refused' in started) return started.refused
  return await api.exchange({
    what,
    method: 'PUT',
    to: withDigest(started.location, descriptor),
    headers: { 'content-type': 'application/octet-stream' },
    body,
    signal,
    headersMs: ANSWER_MS + Math.ceil(descriptor.size / COPIED_BYTES_PER_MS),
  })
}
