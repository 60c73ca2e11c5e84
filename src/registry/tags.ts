import type { CallOptions } from '../content/store.js'
import type { Json } from '../encoding/strict-json.js'
import { isTag } from '../oci/reference.js'
import { protocolError } from './failure.js'
import { listedPages } from './listed-pages.js'
import type { RepositoryApi } from './repository-api.js'

/**
 * The tags of a repository, page by page (distribution-spec, Listing Tags), without holding them all. A list that is cut
 * off, or says something that is no tag, is refused: what is missing from it could be what somebody wants to hide.
 * @throws ERR_NOT_FOUND where there is no such repository, ERR_REGISTRY_PROTOCOL, ERR_LIMIT_EXCEEDED and those of the
 * transport
 */
export async function* listTags(api: RepositoryApi, call: CallOptions): AsyncIterable<string> {
  const what = `list the tags of ${api.name}`
  const headers = { accept: 'application/json' }
  const ask = (next: URL | undefined) =>
    api.call({ what, method: 'GET', to: next ?? 'tags/list', headers, signal: call.signal }, [200])
  for await (const page of listedPages(api.host, { what, subject: api.name, member: 'tags', ask })) {
    const tags = page.filter(isListedTag)
    if (tags.length !== page.length)
      throw protocolError(api.host.place, `cannot ${what}: the answer is no list of tags`)
    yield* tags
  }
}

function isListedTag(tag: Json): tag is string {
  return typeof tag === 'string' && isTag(tag)
}
