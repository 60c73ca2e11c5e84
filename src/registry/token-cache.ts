import { onAbort } from './on-abort.js'
import type { Secret } from './secret.js'
import type { Token } from './token.js'

// A token that ends while the request is on its way would be refused.
const EARLY_MS = 5_000

interface Entry {
  readonly token: Promise<Token>
  /** undefined while it is being fetched */
  expiresAt?: number
  /** the `Authorization` header that carries it */
  header?: string
}

/** Tokens by what they were asked for; requests that need the same one at the same time wait for one answer. */
export class TokenCache {
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()

  constructor(options: { readonly now: () => number }) {
    this.#now = options.now
  }

  /** `fetch` runs to its end even where `signal` ends the wait for it: others wait as well. */
  async get(key: string, signal: AbortSignal, fetch: () => Promise<Token>): Promise<Secret> {
    const entry = this.#valid(key) ?? this.#start(key, fetch)
    return (await untilAborted(entry.token, signal)).value
  }

  /** Forgets the token that this `Authorization` header carried. */
  drop(header: string | undefined): void {
    for (const [key, entry] of this.#entries) {
      if (header !== undefined && entry.header === header) this.#entries.delete(key)
    }
  }

  #valid(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry?.expiresAt === undefined) return entry
    return entry.expiresAt > this.#now() ? entry : undefined
  }

  #start(key: string, fetch: () => Promise<Token>): Entry {
    const askedAt = this.#now()
    const entry: Entry = { token: fetch() }
    this.#entries.set(key, entry)
    entry.token.then(
      (token) => {
        entry.expiresAt = askedAt + token.lifetimeMs - EARLY_MS
        entry.header = `Bearer ${token.value.reveal()}`
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
      },
    )
    return entry
  }
}

/** Waits for a promise that others wait for too. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return await new Promise<T>((resolve, reject) => {
    const release = onAbort(signal, () => reject(signal.reason))
    promise.then(resolve, reject).finally(release)
  })
}
