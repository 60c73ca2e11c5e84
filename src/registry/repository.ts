import type { Bytes, CallOptions, ContentSink, ContentSource, FetchOptions, TagList } from '../content/store.js'
import type { Descriptor } from '../oci/descriptor.js'
import { isManifestType } from '../oci/media-types.js'
import type { Repository, Selector } from '../oci/reference.js'
import { acceptFor, pathOf } from './content-path.js'
import { fetchContent } from './fetch.js'
import { mountBlob } from './mount.js'
import { pushManifest, tagManifest } from './push-manifest.js'
import { listReferrers } from './referrers.js'
import type { RepositoryApi } from './repository-api.js'
import { resolve } from './resolve.js'
import { listTags } from './tags.js'
import { pushBlob } from './upload.js'

/** One repository of a registry, to read from and to write to. */
export interface RegistryRepository extends ContentSource, ContentSink, TagList {
  mount(descriptor: Descriptor, from: Repository, call: CallOptions): Promise<boolean>
}

// 400 and 405 are for what cannot be asked; Artifactory answers 403 for what is missing. The push will tell.
const NOT_THERE = [400, 403, 404, 405]

/** The contracts of `content/store.ts` over a registry. `find` gives its sister repositories. */
export function registryRepository(
  api: RepositoryApi,
  find: (repository: Repository) => RepositoryApi,
): RegistryRepository {
  return {
    resolve: (selector: Selector, call) => resolve(api, selector, call),
    fetch: (descriptor: Descriptor, call: FetchOptions) => fetchContent(api, descriptor, call),
    referrers: (subject: Descriptor, call) => listReferrers(api, subject, call),
    listTags: (call) => listTags(api, call),
    has: (descriptor: Descriptor, call) => has(api, descriptor, call),
    push: async (descriptor: Descriptor, bytes: Bytes, call) => {
      const push = isManifestType(descriptor.mediaType) ? pushManifest : pushBlob
      await push(api, descriptor, { ...call, bytes })
    },
    tag: (descriptor: Descriptor, tag: string, call) => tagManifest(api, descriptor, { ...call, tag }),
    mount: async (descriptor: Descriptor, from: Repository, call) => {
      if (from.registry !== api.repository.registry) return false
      return await mountBlob(api, descriptor, { ...call, from: find(from) })
    },
  }
}

/** Content of another size under the same digest is not what was asked about. */
async function has(api: RepositoryApi, descriptor: Descriptor, call: CallOptions): Promise<boolean> {
  const what = `look for ${descriptor.digest} in ${api.name}`
  const request = { what, method: 'HEAD' as const, to: pathOf(descriptor), headers: acceptFor(descriptor) }
  const answer = await api.call({ ...request, signal: call.signal }, [200, ...NOT_THERE])
  await answer.body.discard()
  const length = answer.headers.get('content-length')
  return answer.status === 200 && (length === undefined || length === String(descriptor.size))
}
