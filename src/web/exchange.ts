/** One question over HTTP, to a server that nobody vouches for. */
export interface ExchangeRequest {
  /** `http:` or `https:` */
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly body?: Uint8Array
  readonly contentType?: string
  readonly accept?: string
  /** the header that says who asks; a secret, which no message shows. Sent to the address itself, and to no other. */
  readonly authorization?: { reveal(): string }
  /** `refuse`: an answer that sends us elsewhere is the answer */
  readonly redirects?: 'follow' | 'refuse'
  /** A longer answer is given up. */
  readonly maxBytes: number
  /** For everything: name, connection, redirects and the whole answer. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface ExchangeAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/**
 * Asks, and gives the whole answer whatever its status. This is the contract; `open-exchange.ts` has the network, and
 * only whoever puts the program together knows both.
 * @throws ERR_SOURCE_UNREACHABLE where no answer came or none may be asked for, ERR_LIMIT_EXCEEDED for one that is too
 * long, and the signal's reason where it was aborted
 */
export type Exchange = (request: ExchangeRequest) => Promise<ExchangeAnswer>
