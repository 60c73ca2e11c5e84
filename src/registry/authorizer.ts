import { printable } from '../encoding/printable.js'
import { type Challenge, parseChallenges } from './challenge.js'
import type { Credential, CredentialSource } from './credential.js'
import { type Place, protocolError } from './failure.js'
import { vetTarget } from './redirect.js'
import { allActions, mergeScopes, type Scope } from './scope.js'
import { basicHeader, fetchToken, type TokenGiven } from './token.js'
import { TokenCache } from './token-cache.js'

export interface AuthorizerOptions {
  readonly place: Place
  readonly base: URL
  readonly credentials: CredentialSource
  readonly ask: TokenGiven['ask']
  /** milliseconds since 1970 */
  readonly now: () => number
  /** Ends with the client: tokens are shared, so no single caller's signal may end their requests. */
  readonly lifetime: AbortSignal
}

/** What a request needs to be allowed to do. */
export interface Need {
  /** the repository whose credential is used */
  readonly repository: string
  readonly scopes: readonly Scope[]
  readonly signal: AbortSignal
}

export interface Refusal extends Need {
  /** the `WWW-Authenticate` headers of a 401 */
  readonly headers: readonly string[]
  /** the header that was refused */
  readonly used: string | undefined
  /** 0 for the first 401 that a request gets */
  readonly round: number
}

type Method =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: URL; readonly service: string | undefined }

/** Finds the `Authorization` header for requests to one registry. */
export class Authorizer {
  readonly #options: AuthorizerOptions
  readonly #tokens: TokenCache
  readonly #credentials = new Map<string, Promise<Credential | undefined>>()
  // What a registry demanded beyond what a request had asked for, by what the request had asked for.
  readonly #demanded = new Map<string, readonly Scope[]>()
  #method: Method | undefined
  #boundOrigin: string | undefined

  constructor(options: AuthorizerOptions) {
    this.#options = options
    this.#tokens = new TokenCache(options)
  }

  /** The header as far as earlier challenges tell; undefined before the first one. */
  async known(need: Need): Promise<string | undefined> {
    if (this.#method === undefined) return undefined
    const scopes = this.#demanded.get(keyOf(need)) ?? need.scopes
    return await this.#header(this.#method, { ...need, scopes })
  }

  /**
   * The header that answers a 401, or undefined where nothing can be done about it. A second 401 is answered only
   * where the registry says that the token's scope was too small, and names a larger one.
   * @throws what the token service or the credential source throws; ERR_REGISTRY_PROTOCOL for a hostile realm
   */
  async answer(refusal: Refusal): Promise<string | undefined> {
    const challenge = choose(parseChallenges(refusal.headers))
    if (challenge === undefined) return undefined
    if (challenge.scheme === 'basic') {
      this.#method = { kind: 'basic' }
    } else {
      const asked = refusal.round === 0 ? refusal.scopes : (this.#demanded.get(keyOf(refusal)) ?? refusal.scopes)
      const scopes = mergeScopes(challenge.parameters.get('scope') ?? '', asked)
      if (refusal.round > 0 && !demandsMore(challenge, asked, scopes)) return undefined
      this.#demanded.set(keyOf(refusal), scopes)
      this.#method = this.#bearer(challenge)
      this.#tokens.drop(refusal.used)
    }
    const scopes = this.#demanded.get(keyOf(refusal)) ?? refusal.scopes
    const header = await this.#header(this.#method, { ...refusal, scopes })
    return header === refusal.used ? undefined : header
  }

  async #header(method: Method, need: Need): Promise<string | undefined> {
    const credential = await this.#credential(need.repository)
    if (credential?.kind === 'bearer') return `Bearer ${credential.token.reveal()}`
    if (method.kind === 'basic') return credential?.kind === 'basic' ? basicHeader(credential) : undefined
    const { realm, service } = method
    const signal = this.#options.lifetime
    const key = JSON.stringify([realm.href, service, need.repository, need.scopes])
    const token = await this.#tokens.get(key, need.signal, () =>
      fetchToken({ realm, service, credential, scopes: need.scopes, signal }, this.#options),
    )
    return `Bearer ${token.reveal()}`
  }

  #credential(repository: string): Promise<Credential | undefined> {
    const known = this.#credentials.get(repository)
    if (known !== undefined) return known
    const found = this.#options.credentials(this.#options.place.registry, repository)
    this.#credentials.set(repository, found)
    return found
  }

  /** The realm is what the registry says it is: it must not lead inwards, to plain text, or to a second place. */
  #bearer(challenge: Challenge): Method {
    const { place, base } = this.#options
    const named = challenge.parameters.get('realm') ?? ''
    if (!URL.canParse(named)) throw protocolError(place, `its token service is not a URL: ${printable(named, 200)}`)
    const realm = vetTarget(named, base, place)
    if (this.#boundOrigin !== undefined && this.#boundOrigin !== realm.origin) {
      // Credentials went to the first: a registry that names another one later may have been taken over.
      throw protocolError(place, `it names a second token service, ${realm.host}; the first was ${this.#boundOrigin}`)
    }
    this.#boundOrigin = realm.origin
    return { kind: 'bearer', realm, service: challenge.parameters.get('service') }
  }
}

function choose(challenges: readonly Challenge[]): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'))
  return bearer ?? challenges.find(({ scheme }) => scheme === 'basic')
}

/** Whether another token could help after one was refused: only the registry's word for it ends a circle. */
function demandsMore(challenge: Challenge, asked: readonly Scope[], scopes: readonly Scope[]): boolean {
  if (challenge.parameters.get('error') !== 'insufficient_scope') return false
  return new Set(allActions(scopes)).size > new Set(allActions(asked)).size
}

function keyOf(need: Need): string {
  return need.scopes.join(' ')
}
