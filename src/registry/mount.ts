import type { CallOptions } from '../content/store.js'
import type { Descriptor } from '../oci/descriptor.js'
import { isManifestType } from '../oci/media-types.js'
import type { Answer } from './http-exchange.js'
import type { RepositoryApi } from './repository-api.js'
import { pullScope } from './scope.js'
import { cancelUpload, nextLocation } from './upload-session.js'

/**
 * Asks the registry to take a blob from one of its other repositories (distribution-spec, Mounting a blob). False
 * wherever that did not work, for whatever reason: the blob is then pushed. Only a cancelled signal throws.
 */
export async function mountBlob(
  api: RepositoryApi,
  descriptor: Descriptor,
  given: CallOptions & { readonly from: RepositoryApi },
): Promise<boolean> {
  const { from, signal } = given
  if (isManifestType(descriptor.mediaType) || from.host !== api.host || from.name === api.name) return false
  const what = `mount ${descriptor.digest} from ${from.name} in ${api.name}`
  try {
    const answer = await api.exchange({
      what,
      method: 'POST',
      to: `blobs/uploads/?mount=${descriptor.digest}&from=${encodeURIComponent(from.name)}`,
      scopes: [pullScope(from.name)],
      signal,
    })
    await answer.body.discard()
    if (answer.status === 202) await cancel(api, answer, { what, signal })
    return answer.status === 201
  } catch {
    signal.throwIfAborted()
    return false
  }
}

/** The registry opened an upload instead, which nobody needs. */
async function cancel(api: RepositoryApi, answer: Answer, given: { what: string; signal: AbortSignal }): Promise<void> {
  const location = nextLocation(api, answer)
  if (location !== undefined) await cancelUpload(api, location, given)
}
