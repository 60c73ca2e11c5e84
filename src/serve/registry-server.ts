import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { dispatch } from './dispatch.js'
import { answerError } from './exchange.js'
import { openStore } from './open-store.js'
import { Refusal } from './refusal.js'
import { parseRoute } from './routes.js'
import type { Store } from './store.js'
import { UploadSessions } from './upload-sessions.js'

/** One answered request, as a log wants it. Text that came from outside is printable. */
export interface AccessLine {
  readonly method: string
  readonly target: string
  /** 0 where the client went away before it was answered */
  readonly status: number
  /** what failed, where that was not the client's doing */
  readonly problem?: string
}

export interface ServeOptions {
  /** the folder of the store; made where there is none */
  readonly store: string
  readonly host: string
  /** 0 picks a free one */
  readonly port: number
  readonly log?: (line: AccessLine) => void
  /** An upload that nothing happened to for this long is cancelled; an hour where nothing is said. */
  readonly uploadIdleMs?: number
}

export interface RunningRegistry {
  readonly url: string
  readonly port: number
  /** Stops listening, lets requests that are under way end for a short while, and gives the store back. */
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
const GRACE_MS = 2_000
/** How long a client may go on sending a body that has been answered already. */
const UNREAD_BODY_MS = 5_000

/**
 * Starts a registry that anybody who can reach it may read and write (OCI distribution-spec 1.1).
 * @throws ERR_STORE_BUSY, ERR_FILE_EXISTS, ERR_MEDIUM, ERR_LISTEN
 */
export async function startRegistry(options: ServeOptions): Promise<RunningRegistry> {
  const store = await openStore(options.store)
  const limits = { max: LIMITS.openUploads, idleMs: options.uploadIdleMs ?? HOUR_MS }
  const uploads = new UploadSessions(store.uploads, limits)
  const registry = new Requests(store, uploads, options.log ?? (() => {}))
  const server = createServer({ ...SERVER_OPTIONS }, (request, response) => registry.take(request, response))
  // Silence in both directions: a client that vanished must not keep its upload, and its place in the queue, for ever.
  server.timeout = 300_000
  try {
    await listen(server, options)
  } catch (cause) {
    await store.close()
    throw cause
  }
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  const stop = once(async () => {
    await drain(server)
    await registry.ended()
    await uploads.close()
    await store.close()
  })
  return { url: `http://${host}:${port}`, port, close: stop }
}

const SERVER_OPTIONS = {
  // A layer may take hours; what is too slow is told by silence, not by the clock.
  requestTimeout: 0,
  headersTimeout: 60_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 64 * 1024,
  noDelay: true,
}

class Requests {
  readonly #store: Store
  readonly #uploads: UploadSessions
  readonly #log: (line: AccessLine) => void
  readonly #running = new Set<Promise<void>>()

  constructor(store: Store, uploads: UploadSessions, log: (line: AccessLine) => void) {
    this.#store = store
    this.#uploads = uploads
    this.#log = log
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const work = this.#answer(request, response).finally(() => this.#running.delete(work))
    this.#running.add(work)
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }

  /** Never rejects: whatever goes wrong is an answer, or the end of the connection, and a line in the log. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let problem: string | undefined
    // A connection that breaks is seen by whoever reads or writes; without a listener it would end the process.
    response.on('error', () => {})
    request.on('error', () => {})
    try {
      await this.#work(request, response)
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof TransferError || request.destroyed)) problem = describe(error)
      if (response.headersSent) response.destroy()
      else answerError(response, error)
    }
    endUnread(request, response)
    this.#log({
      method: printable(request.method ?? '', 20),
      target: printable(request.url ?? ''),
      status: wasAnswered(response) ? response.statusCode : 0,
      ...(problem === undefined ? {} : { problem }),
    })
  }

  async #work(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? ''
    const mark = target.indexOf('?')
    const route = parseRoute(mark < 0 ? target : target.slice(0, mark))
    const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
    await dispatch({ request, response, query, store: this.#store, uploads: this.#uploads }, route)
  }
}

function wasAnswered(response: ServerResponse): boolean {
  return response.headersSent && (response.writableFinished || !response.destroyed)
}

/** A body that nobody wants is read and thrown away, so that the connection can be used again; but not for ever. */
function endUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed) return
  request.resume()
  const timer = setTimeout(() => request.socket.destroy(), UNREAD_BODY_MS)
  timer.unref()
  request.once('close', () => clearTimeout(timer))
  response.once('close', () => {
    if (request.complete) clearTimeout(timer)
  })
}

function describe(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error))
}

function listen(server: Server, options: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const where = `${printable(options.host, 100)}:${options.port}`
      const message = `cannot listen on ${where}: ${describe(cause)}`
      reject(new TransferError('ERR_LISTEN', message, { cause, side: 'operator', subject: where }))
    })
    server.listen(options.port, options.host, resolve)
  })
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS)
    // A connection that is kept alive after its last answer would be waited for.
    const sweep = setInterval(() => server.closeIdleConnections(), 20)
    server.close(() => {
      clearTimeout(timer)
      clearInterval(sweep)
      resolve()
    })
  })
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}
