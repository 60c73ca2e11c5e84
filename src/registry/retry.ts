import type { Emit } from '../events.js'
import { type Place, unreachable } from './failure.js'
import type { Answer } from './http-exchange.js'
import { NetworkFault } from './network-fault.js'

/** How often and how long: the same for all requests. */
const RETRY = {
  tries: 5,
  firstWaitMs: 500,
  longestBackoffMs: 30_000,
  /** A registry that asks for more than this is not waited for. */
  longestWaitMs: 300_000,
} as const

export interface RetryOptions {
  readonly emit: Emit
  /** milliseconds since 1970 */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 up to 1: spreads the waits of several clients */
  readonly random?: () => number
}

interface Attempted {
  /** what is attempted, as in `cannot …` */
  readonly what: string
  readonly signal: AbortSignal
  /** False where the bytes of the request are gone. */
  readonly mayRepeat: () => boolean
}

const TRANSIENT = new Set([408, 429, 500, 502, 503, 504])

/** Waits between tries and says so. One for each registry. */
export class Retries {
  readonly #options: RetryOptions
  readonly #place: Place

  constructor(place: Place, options: RetryOptions) {
    this.#place = place
    this.#options = options
  }

  /**
   * Makes a request until it is answered with something other than 408, 429 or a 5xx, at most five times; then the
   * last answer is returned as it is. A connection that breaks each time is thrown as ERR_…_UNREACHABLE.
   */
  async run(attempted: Attempted, once: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#outcome(once, attempted)
      if (outcome instanceof NetworkFault) {
        await this.pauseAfter(outcome, { ...attempted, attempt })
        continue
      }
      const waitMs = this.#waitAfter(outcome, attempt)
      if (waitMs === undefined || !attempted.mayRepeat()) return outcome
      await outcome.body.discard()
      await this.#pause({ ...attempted, waitMs, reason: `the answer is ${outcome.status}` })
    }
  }

  /** Waits after a broken connection. @throws ERR_…_UNREACHABLE where another try is one too many or makes no sense */
  async pauseAfter(fault: NetworkFault, given: Attempted & { readonly attempt: number }): Promise<void> {
    if (!fault.transient || given.attempt >= RETRY.tries || !given.mayRepeat()) {
      throw unreachable(this.#place, given.what, fault)
    }
    await this.#pause({ ...given, waitMs: this.#backoffMs(given.attempt), reason: fault.message })
  }

  /** What a registry asks to wait, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110 10.2.3). */
  retryAfterMs(answer: Answer): number | undefined {
    const value = answer.headers.get('retry-after')?.trim() ?? ''
    if (/^[0-9]{1,30}$/.test(value)) return Number(value) * 1000
    const date = /^[A-Za-z]{3},? /.test(value) ? Date.parse(value) : Number.NaN
    return Number.isNaN(date) ? undefined : Math.max(0, date - this.#options.now())
  }

  async #outcome(once: () => Promise<Answer>, attempted: Attempted): Promise<Answer | NetworkFault> {
    try {
      return await once()
    } catch (error) {
      attempted.signal.throwIfAborted()
      if (error instanceof NetworkFault) return error
      throw error
    }
  }

  #waitAfter(answer: Answer, attempt: number): number | undefined {
    if (!TRANSIENT.has(answer.status) || attempt >= RETRY.tries) return undefined
    const asked = this.retryAfterMs(answer)
    if (asked !== undefined && asked > RETRY.longestWaitMs) return undefined
    return Math.max(asked ?? 0, this.#backoffMs(attempt))
  }

  async #pause(given: { readonly what: string; waitMs: number; reason: string; signal: AbortSignal }): Promise<void> {
    const { what, waitMs, reason, signal } = given
    this.#options.emit({ type: 'retrying', what: `${what} (${this.#place.registry})`, waitMs, reason })
    try {
      await this.#options.sleep(waitMs, signal)
    } finally {
      signal.throwIfAborted() // a cancelled sleep throws an error of its own
    }
  }

  #backoffMs(attempt: number): number {
    const ceiling = Math.min(RETRY.longestBackoffMs, RETRY.firstWaitMs * 2 ** (attempt - 1))
    return Math.round(ceiling * (0.5 + 0.5 * (this.#options.random?.() ?? 0.5)))
  }
}
