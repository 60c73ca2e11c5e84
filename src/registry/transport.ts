import type { Readable } from 'node:stream'
import { Agent } from 'undici'
import type { Bytes } from '../content/store.js'
import { guardedLookup } from './guarded-lookup.js'
import { type Answer, HttpExchange, type HttpRequest } from './http-exchange.js'
import { inLargePieces, watched } from './request-body.js'

export interface Timeouts {
  readonly connectMs: number
  readonly headersMs: number
  /** No byte for this long ends a transfer. */
  readonly stallMs: number
}

export const TIMEOUTS: Timeouts = { connectMs: 15_000, headersMs: 120_000, stallMs: 60_000 }

const CONNECTIONS = 16
// Some token services make tokens of many kilobytes.
const HEADER_BYTES = 64 * 1024

export interface TransportOptions {
  /** PEM certificates that replace the built-in roots. */
  readonly ca: readonly string[] | undefined
  readonly timeouts: Timeouts
  /** True for hosts that the operator named; only they may be link-local. */
  readonly isNamed: (hostname: string) => boolean
}

/**
 * One HTTP exchange at a time and nothing else: no redirects, no decompression, no credentials, no second tries.
 * `send` throws `NetworkFault`, the signal's reason, or what the source of a body threw, unchanged.
 */
export class Transport {
  readonly #agent: Agent
  readonly #timeouts: Timeouts
  readonly #answered = new Set<string>()

  constructor(options: TransportOptions) {
    this.#timeouts = options.timeouts
    this.#agent = new Agent({
      connections: CONNECTIONS,
      pipelining: 1,
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: options.timeouts.headersMs,
      bodyTimeout: options.timeouts.stallMs,
      connect: {
        timeout: options.timeouts.connectMs,
        lookup: guardedLookup(options.isNamed),
        ...(options.ca === undefined ? {} : { ca: [...options.ca] }),
      },
    })
  }

  async send(request: HttpRequest): Promise<Answer> {
    request.signal.throwIfAborted()
    return await new Promise<Answer>((resolve, reject) => {
      const exchange = new HttpExchange(request, { resolve, reject, answered: this.#answered })
      this.#agent.dispatch(
        {
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          headers: headersOf(request),
          // undici takes async iterables here; its types do not say so.
          body: this.#bodyOf(request, exchange) as Readable | Uint8Array | null,
          headersTimeout: request.headersMs ?? this.#timeouts.headersMs,
          reset: false, // or undici gives up the connection after each HEAD
        },
        exchange,
      )
    })
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  #bodyOf(request: HttpRequest, exchange: HttpExchange): Uint8Array | Bytes | null {
    if (request.body === undefined) return null
    if (request.body instanceof Uint8Array) return request.body
    const pieces = inLargePieces(request.body.open())
    return watched(reporting(pieces, exchange.abort), this.#timeouts.stallMs, exchange.abort)
  }
}

function headersOf(request: HttpRequest): Record<string, string> {
  const length = request.body?.length ?? (request.method === 'POST' ? 0 : undefined)
  return {
    ...request.headers,
    'accept-encoding': 'identity',
    ...(length === undefined ? {} : { 'content-length': String(length) }),
  }
}

/** What the source of a body throws must not be taken for a fault of the network. */
async function* reporting(bytes: Bytes, failed: (reason: unknown) => void): Bytes {
  try {
    yield* bytes
  } catch (reason) {
    failed(reason)
    throw reason
  }
}
