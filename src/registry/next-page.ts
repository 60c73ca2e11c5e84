import type { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import type { RegistryHost } from './registry-host.js'

const NEXT = /<([^<>]*)>[^,<>]*;\s*rel\s*=\s*"?next"?/i

export interface Trail {
  /** as in `cannot …` */
  readonly what: string
  /** of a list with more than `LIMITS.registryPages` pages */
  readonly tooMany: () => TransferError
}

/**
 * Leads from page to page of one list: each answer says where the next one is. Pages that form a circle are refused, and so
 * are more than `LIMITS.registryPages`.
 * @throws ERR_REGISTRY_PROTOCOL, and what `tooMany` makes
 */
export function pageTrail(host: RegistryHost, { what, tooMany }: Trail): (answer: Answer) => URL | undefined {
  const visited = new Set<string>()
  return (answer) => {
    const next = nextPage(host, answer)
    if (next === undefined) return undefined
    if (visited.has(next.href)) throw protocolError(host.place, `cannot ${what}: its pages form a circle`)
    if (visited.size >= LIMITS.registryPages) throw tooMany()
    visited.add(next.href)
    return next
  }
}

/** Path and query of the next page, always at the registry itself: a Link to another host would take the token there. */
function nextPage(host: RegistryHost, answer: Answer): URL | undefined {
  const target = NEXT.exec(answer.headers.get('link') ?? '')?.[1]
  if (target === undefined || !URL.canParse(target, answer.url.href)) return undefined
  const named = new URL(target, answer.url)
  const next = new URL(host.base)
  next.pathname = named.pathname
  next.search = named.search
  return next
}
