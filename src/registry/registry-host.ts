import { printable } from '../encoding/printable.js'
import type { TransferError } from '../errors.js'
import { Authorizer } from './authorizer.js'
import type { CredentialSource } from './credential.js'
import { answerFailure, type FailureGiven, type Place } from './failure.js'
import type { Answer, HttpRequest } from './http-exchange.js'
import { follow } from './redirect.js'
import { canRepeat, type RequestBody } from './request-body.js'
import { Retries, type RetryOptions } from './retry.js'
import type { Scope } from './scope.js'
import type { Transport } from './transport.js'

export interface HostOptions extends RetryOptions {
  readonly place: Place
  readonly base: URL
  readonly transport: Transport
  readonly credentials: CredentialSource
  /** ends with the client */
  readonly lifetime: AbortSignal
}

/** A request in the words of the distribution specification. */
export interface ApiRequest {
  /** what it is for, as in `cannot …` */
  readonly what: string
  readonly method: HttpRequest['method']
  readonly url: URL
  readonly repository: string
  readonly scopes: readonly Scope[]
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: RequestBody
  readonly signal: AbortSignal
  readonly headersMs?: number
  /** False: a 401 is not answered, because the request is not worth a token. */
  readonly answersChallenges?: boolean
}

const MAX_ROUNDS = 2
const MAX_WARNINGS = 100
// RFC 7234 section 5.5, the one form that distribution-spec allows.
const WARNING = /^299 - "((?:[^"\\]|\\.)*)"$/

/** One registry: requests with credentials, redirects and second tries. */
export class RegistryHost {
  readonly place: Place
  readonly base: URL
  readonly retries: Retries
  readonly #options: HostOptions
  readonly #authorizer: Authorizer
  readonly #warned = new Set<string>()

  constructor(options: HostOptions) {
    this.place = options.place
    this.base = options.base
    this.#options = options
    this.retries = new Retries(options.place, options)
    this.#authorizer = new Authorizer({ ...options, ask: (request, what) => this.#askToken(request, what) })
  }

  /**
   * Sends a request, with second tries, and gives an answer whose status is in `expected`; its body must be read or
   * discarded.
   * @throws ERR_…_UNREACHABLE, ERR_UNAUTHORIZED, ERR_FORBIDDEN, ERR_NOT_FOUND, ERR_RATE_LIMITED, ERR_REGISTRY_PROTOCOL
   */
  async call(request: ApiRequest, expected: readonly number[]): Promise<Answer> {
    const attempted = { ...request, mayRepeat: () => canRepeat(request.body) }
    const answer = await this.retries.run(attempted, () => this.exchange(request))
    if (expected.includes(answer.status)) return answer
    throw await this.failure(answer, request.what)
  }

  /** Sends a request once, and answers a 401; throws `NetworkFault` where the connection breaks. */
  async exchange(request: ApiRequest): Promise<Answer> {
    const own = request.url.origin === this.base.origin
    const need = { repository: request.repository, scopes: request.scopes, signal: request.signal }
    let used = own ? await this.#authorizer.known(need) : undefined
    for (let round = 0; ; round += 1) {
      const answer = await this.#follow(request, used)
      if (!own || !isAnswerable(request, answer) || round === MAX_ROUNDS) return answer
      const refusal = { ...need, headers: answer.headers.all('www-authenticate'), used, round }
      const header = await this.#authorizer.answer(refusal).catch(async (error: unknown) => {
        await answer.body.discard()
        throw error
      })
      if (header === undefined) return answer
      await answer.body.discard()
      used = header
    }
  }

  /** An answer that says no, as an error. */
  async failure(answer: Answer, what: string, byCode: FailureGiven['byCode'] = {}): Promise<TransferError> {
    return await answerFailure(this.place, answer, { what, byCode, retryAfterMs: this.retries.retryAfterMs(answer) })
  }

  warn(code: string, message: string): void {
    this.#options.emit({ type: 'warning', code, message: `${this.place.registry}: ${message}` })
  }

  async #follow(request: ApiRequest, authorization: string | undefined): Promise<Answer> {
    const headers = authorization === undefined ? { ...request.headers } : { ...request.headers, authorization }
    const answer = await follow((hop) => this.#options.transport.send(hop), { ...request, headers }, this.place)
    this.#showWarnings(answer)
    return answer
  }

  /** A token request is not redirected when it carries a refresh token in its body. */
  #askToken(request: HttpRequest, what: string): Promise<Answer> {
    const send = (hop: HttpRequest) => this.#options.transport.send(hop)
    const attempted = { what, signal: request.signal, mayRepeat: () => true }
    return this.retries.run(attempted, () =>
      request.method === 'GET' ? follow(send, request, this.place) : send(request),
    )
  }

  /** distribution-spec, Warnings: shown once, never acted on. */
  #showWarnings(answer: Answer): void {
    for (const header of answer.headers.all('warning')) {
      const text = WARNING.exec(header)?.[1]
      if (text === undefined || this.#warned.has(text) || this.#warned.size >= MAX_WARNINGS) continue
      this.#warned.add(text)
      this.warn('REGISTRY_WARNING', printable(text))
    }
  }
}

/** Another origin's 401 must never be answered with this registry's credentials. */
function isAnswerable(request: ApiRequest, answer: Answer): boolean {
  return (
    answer.status === 401 &&
    answer.url.origin === request.url.origin &&
    request.answersChallenges !== false &&
    canRepeat(request.body)
  )
}
