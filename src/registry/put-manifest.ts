import type { CallOptions } from '../content/store.js'
import { algorithmOf, digestOf } from '../oci/digest.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import type { RepositoryApi } from './repository-api.js'
import { toldDigest } from './told-digest.js'

/** `PUT /v2/<name>/manifests/<reference>`; the body of the answer has been read. */
export async function putManifest(
  api: RepositoryApi,
  manifest: { readonly reference: string; readonly mediaType: string; readonly content: Uint8Array },
  given: CallOptions & { readonly ifMatch?: string; readonly alsoExpected?: readonly number[] },
): Promise<Answer> {
  const { reference, mediaType, content } = manifest
  const what = `store the manifest ${reference} in ${api.name}`
  const condition = given.ifMatch === undefined ? {} : { 'if-match': given.ifMatch }
  const answer = await api.call(
    {
      what,
      method: 'PUT',
      to: `manifests/${reference}`,
      headers: { 'content-type': mediaType, ...condition },
      body: content,
      signal: given.signal,
    },
    [200, 201, 202, ...(given.alsoExpected ?? [])],
  )
  await answer.body.discard()
  const told = toldDigest(answer)
  if (answer.status < 300 && told !== undefined && told !== digestOf(content, algorithmOf(told))) {
    throw protocolError(api.host.place, `cannot ${what}: it was stored as ${told}`)
  }
  return answer
}
