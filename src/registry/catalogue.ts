import type { CallOptions } from '../content/store.js'
import { type ErrorCode, TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { isRepositoryName } from '../oci/reference.js'
import type { Answer } from './http-exchange.js'
import { listedPages, tooMany } from './listed-pages.js'
import type { RegistryHost } from './registry-host.js'
import { CATALOGUE_SCOPE } from './scope.js'

const WHAT = 'list its repositories'

/**
 * The names of a registry's repositories, page by page. No specification has this list any more, many registries have it,
 * and it is for looking only: what is no name is left out, and nothing follows from what is missing.
 * @throws ERR_UNAUTHORIZED, ERR_FORBIDDEN, ERR_NOT_FOUND where the registry has no such list or does not show it,
 * ERR_REGISTRY_PROTOCOL, ERR_LIMIT_EXCEEDED and those of the transport
 */
export async function* listRepositories(host: RegistryHost, call: CallOptions): AsyncIterable<string> {
  const subject = host.place.registry
  const ask = (next: URL | undefined) => askPage(host, next ?? new URL('/v2/_catalog', host.base), call)
  let found = 0
  for await (const page of listedPages(host, { what: WHAT, subject, member: 'repositories', ask })) {
    for (const name of page) {
      if (typeof name !== 'string' || !isRepositoryName(name)) continue
      found += 1
      if (found > LIMITS.listedRepositories)
        throw tooMany(host, { subject }, `${LIMITS.listedRepositories} repositories`)
      yield name
    }
  }
}

// What registries answer that have no such list, or show it to nobody.
const NOT_SHOWN = [200, 400, 405, 501]

async function askPage(host: RegistryHost, url: URL, { signal }: CallOptions): Promise<Answer> {
  const headers = { accept: 'application/json' }
  const request = {
    what: WHAT,
    method: 'GET',
    url,
    repository: '',
    scopes: [CATALOGUE_SCOPE],
    headers,
    signal,
  } as const
  const answer = await host.call(request, NOT_SHOWN).catch((cause: unknown) => {
    if (cause instanceof TransferError && SECRETIVE.includes(cause.code)) throw notShown(host, cause)
    throw cause
  })
  if (answer.status === 200) return answer
  const cause = await host.failure(answer, WHAT, { UNSUPPORTED: 'ERR_NOT_FOUND' })
  throw notShown(host, cause)
}

const SECRETIVE: readonly ErrorCode[] = ['ERR_UNAUTHORIZED', 'ERR_FORBIDDEN', 'ERR_NOT_FOUND']

function notShown({ place }: RegistryHost, cause: TransferError): TransferError {
  const code = SECRETIVE.includes(cause.code) ? cause.code : 'ERR_NOT_FOUND'
  const message = `${place.registry} cannot be browsed: type the name of a repository (${cause.message})`
  return new TransferError(code, message, { side: place.side, subject: place.registry, cause })
}
