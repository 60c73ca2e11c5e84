import { printable } from '../encoding/printable.js'
import { type Place, protocolError } from './failure.js'
import type { Answer, HttpRequest } from './http-exchange.js'
import { leadsInward } from './locality.js'
import { canRepeat } from './request-body.js'

const MAX_REDIRECTS = 10
const ANY_METHOD = new Set([307, 308])
const READ_ONLY = new Set([301, 302, 303, 307, 308])

export type Send = (request: HttpRequest) => Promise<Answer>

/**
 * Sends a request and follows redirects by hand (distribution-spec: credentials never go to another host). Once
 * another origin has been involved, `Authorization` stays off, even on the way back.
 * @throws ERR_REGISTRY_PROTOCOL for a redirect that must not be followed
 */
export async function follow(send: Send, first: HttpRequest, place: Place): Promise<Answer> {
  let request = first
  for (let hop = 0; ; hop += 1) {
    const answer = await send(request)
    const location = answer.headers.get('location')
    if (location === undefined || !isFollowed(request, answer.status)) return answer
    await answer.body.discard()
    if (hop === MAX_REDIRECTS) throw protocolError(place, `more than ${MAX_REDIRECTS} redirects`)
    const url = vetTarget(location, request.url, place)
    request = { ...request, url, headers: url.origin === request.url.origin ? request.headers : anonymous(request) }
  }
}

/**
 * Resolves where an answer sends us, and refuses what must not be followed: a scheme other than HTTP, a password in
 * the URL, from TLS to plain text, from the outside inwards.
 * @throws ERR_REGISTRY_PROTOCOL
 */
export function vetTarget(location: string, from: URL, place: Place): URL {
  // What follows the question mark may be a signature that opens a storage service.
  const shown = printable(location.split('?', 1)[0] ?? '', 200)
  const refuse = (why: string) => protocolError(place, `it sends us to ${shown}: ${why}`)
  if (!URL.canParse(location, from.href)) throw refuse('that is not a URL')
  const url = new URL(location, from)
  url.hash = ''
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('only http and https are followed')
  if (url.username !== '' || url.password !== '') throw refuse('it has a user name or password in it')
  if (from.protocol === 'https:' && url.protocol !== 'https:') throw refuse('that is not encrypted, and this is')
  if (leadsInward(from, url)) throw refuse('that is an address of this network or machine')
  return url
}

/** `Authorization` must not reach another origin. */
function anonymous(request: HttpRequest): Readonly<Record<string, string>> {
  const { authorization: _, ...headers } = request.headers
  return headers
}

function isFollowed(request: HttpRequest, status: number): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  return (reads ? READ_ONLY : ANY_METHOD).has(status) && canRepeat(request.body)
}
