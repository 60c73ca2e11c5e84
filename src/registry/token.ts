import { LIMITS } from '../limits.js'
import type { Credential } from './credential.js'
import { answerFailure, type Place, protocolError } from './failure.js'
import type { Answer, HttpRequest } from './http-exchange.js'
import type { Scope } from './scope.js'
import { Secret } from './secret.js'

export interface Token {
  readonly value: Secret
  readonly lifetimeMs: number
}

export interface TokenRequest {
  readonly realm: URL
  readonly service: string | undefined
  readonly scopes: readonly Scope[]
  /** None asks for an anonymous token. */
  readonly credential: Credential | undefined
  readonly signal: AbortSignal
}

export interface TokenGiven {
  readonly place: Place
  /** Sends a request with second tries; redirects are followed for GET only. */
  readonly ask: (request: HttpRequest, what: string) => Promise<Answer>
}

const CLIENT_ID = 'waybill'
const DEFAULT_LIFETIME_S = 60 // distribution, token.md: where expires_in is missing
const LONGEST_LIFETIME_S = 86_400
// Services without the OAuth2 form answer with one of these (ACR, Artifactory, GCR, others).
const NO_OAUTH2 = new Set([400, 401, 404, 405])

/**
 * Asks a token service for a token (distribution token.md; oauth.md for identity tokens, with the other way as
 * fallback). The service may grant less than was asked, without saying so.
 * @throws ERR_UNAUTHORIZED, ERR_REGISTRY_PROTOCOL, ERR_RATE_LIMITED, ERR_…_UNREACHABLE
 */
export async function fetchToken(request: TokenRequest, given: TokenGiven): Promise<Token> {
  const what = `get a token from ${request.realm.host}`
  const { credential } = request
  if (credential?.kind === 'identity') {
    const answer = await given.ask(oauth2(request, credential.token), what)
    if (answer.status === 200) return await readToken(answer, given.place)
    if (!NO_OAUTH2.has(answer.status) || credential.username === '') {
      throw await answerFailure(given.place, answer, { what })
    }
    await answer.body.discard()
  }
  const answer = await given.ask(plain(request), what)
  if (answer.status !== 200) throw await answerFailure(given.place, answer, { what })
  return await readToken(answer, given.place)
}

function oauth2(request: TokenRequest, token: Secret): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID })
  if (request.service !== undefined) form.set('service', request.service)
  form.set('scope', request.scopes.join(' '))
  form.set('refresh_token', token.reveal())
  return {
    method: 'POST',
    url: request.realm,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    signal: request.signal,
  }
}

function plain(request: TokenRequest): HttpRequest {
  const url = new URL(request.realm)
  const basic = basicHeader(request.credential)
  if (request.service !== undefined) url.searchParams.append('service', request.service)
  for (const scope of request.scopes) url.searchParams.append('scope', scope)
  return {
    method: 'GET',
    url,
    headers: { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) },
    signal: request.signal,
  }
}

/** The `Authorization` header for a user name and password. */
export function basicHeader(credential: Credential | undefined): string | undefined {
  if (credential === undefined || credential.kind === 'bearer') return undefined
  const secret = credential.kind === 'basic' ? credential.password : credential.token
  return `Basic ${Buffer.from(`${credential.username}:${secret.reveal()}`).toString('base64')}`
}

async function readToken(answer: Answer, place: Place): Promise<Token> {
  const { bytes, whole } = await answer.body.read(LIMITS.registryAnswerBytes)
  const refuse = (why: string) => protocolError(place, `the token service ${answer.url.host} ${why}`)
  if (!whole) throw refuse('does not stop answering')
  const fields = parseFields(bytes)
  const value = [fields['token'], fields['access_token']].find((found) => typeof found === 'string' && found !== '')
  if (typeof value !== 'string') throw refuse('gave no token')
  // A line break would add a header of the service's choice to our requests.
  if (!/^[\x21-\x7e]+$/.test(value)) throw refuse('gave a token that cannot be sent')
  const seconds = fields['expires_in']
  const lifetime = typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_LIFETIME_S
  return { value: new Secret(value), lifetimeMs: Math.min(lifetime, LONGEST_LIFETIME_S) * 1000 }
}

/** Not strict JSON: services send numbers with fractions, and nothing is signed or stored here. */
function parseFields(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}
