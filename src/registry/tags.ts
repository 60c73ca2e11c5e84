import type { CallOptions } from '../content/store.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { isTag } from '../oci/reference.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import { nextPage } from './next-page.js'
import type { RepositoryApi } from './repository-api.js'

/**
 * The tags of a repository, page by page (distribution-spec, Listing Tags), without holding them all. A list that is cut
 * off, or says something that is no tag, is refused: what is missing from it could be what somebody wants to hide.
 * @throws ERR_NOT_FOUND where there is no such repository, ERR_REGISTRY_PROTOCOL, ERR_LIMIT_EXCEEDED and those of the
 * transport
 */
export async function* listTags(api: RepositoryApi, call: CallOptions): AsyncIterable<string> {
  const what = `list the tags of ${api.name}`
  const visited = new Set<string>()
  let to: string | URL = 'tags/list'
  for (;;) {
    const headers = { accept: 'application/json' }
    const answer: Answer = await api.call({ what, method: 'GET', to, headers, signal: call.signal }, [200])
    yield* await readPage(api, answer, what)
    const next = nextPage(api, answer)
    if (next === undefined) return
    if (visited.has(next.href)) throw protocolError(api.host.place, `cannot ${what}: its pages form a circle`)
    if (visited.size >= LIMITS.registryPages) throw tooMany(api, `${LIMITS.registryPages} pages of tags`)
    visited.add(next.href)
    to = next
  }
}

async function readPage(api: RepositoryApi, answer: Answer, what: string): Promise<readonly string[]> {
  const { bytes, whole } = await answer.body.read(LIMITS.registryAnswerBytes)
  if (!whole) throw tooMany(api, `${LIMITS.registryAnswerBytes} bytes in a page of tags`)
  const tags = tagsIn(bytes, what)
  if (tags === undefined) throw protocolError(api.host.place, `cannot ${what}: the answer is no list of tags`)
  return tags
}

/** Undefined for what is no such list. Some registries say `null` where there is none. */
function tagsIn(bytes: Uint8Array, what: string): readonly string[] | undefined {
  const json = parsed(bytes, what)
  const tags = isJsonObject(json) ? json['tags'] : undefined
  if (tags === null) return []
  if (!Array.isArray(tags)) return undefined
  const valid = tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag))
  return valid.length === tags.length ? valid : undefined
}

function parsed(bytes: Uint8Array, what: string) {
  try {
    return parseStrictJson(bytes, what)
  } catch {
    return undefined
  }
}

function tooMany(api: RepositoryApi, limit: string): TransferError {
  return new TransferError('ERR_LIMIT_EXCEEDED', `${api.name} has more than ${limit}`, {
    side: api.host.place.side,
    subject: api.name,
  })
}
