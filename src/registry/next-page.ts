import type { Answer } from './http-exchange.js'
import type { RegistryHost } from './registry-host.js'

const NEXT = /<([^<>]*)>[^,<>]*;\s*rel\s*=\s*"?next"?/i

/** Path and query of the next page, always at the registry itself: a Link to another host would take the token there. */
export function nextPage(host: RegistryHost, answer: Answer): URL | undefined {
  const target = NEXT.exec(answer.headers.get('link') ?? '')?.[1]
  if (target === undefined || !URL.canParse(target, answer.url.href)) return undefined
  const named = new URL(target, answer.url)
  const next = new URL(host.base)
  next.pathname = named.pathname
  next.search = named.search
  return next
}
