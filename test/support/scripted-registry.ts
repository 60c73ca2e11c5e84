import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as it arrived. */
export interface Recorded {
  readonly method: string
  /** path and query, byte for byte */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Uint8Array | string
  /** Break the connection after so many bytes of the body. */
  readonly dropAfter?: number
  /** Send nothing more after so many bytes of the body, and keep the connection. */
  readonly stallAfter?: number
  /** Answer before the request's body has been read. */
  readonly early?: boolean
  /** Go on sending for ever. */
  readonly endless?: boolean
}

/** `drop` breaks the connection before any answer; `stall` never answers; `deaf` does not even read the request. */
export type Step = Reply | 'drop' | 'stall' | 'deaf' | ((request: Recorded) => Reply | Promise<Reply>)

export interface ScriptedRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string
  readonly url: string
  readonly requests: readonly Recorded[]
  /** How many connections were made. */
  readonly connections: number
  /**
   * Says what answers a request: `METHOD /path` without its query, or a pattern over `METHOD /path?query`. Steps are
   * used one after the other, the last one for good. Later scripts win.
   */
  on(match: string | RegExp, ...steps: readonly Step[]): void
  /** The requests that match, in the order they came. */
  asked(match: string | RegExp): readonly Recorded[]
  close(): Promise<void>
}

export interface ScriptedOptions {
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** A server that does what a script says and writes down what it was asked; closed when the test is over. */
export async function scriptedRegistry(options: ScriptedOptions = {}): Promise<ScriptedRegistry> {
  const requests: Recorded[] = []
  const scripts: { readonly match: string | RegExp; readonly steps: Step[] }[] = []
  let connections = 0

  const listener: RequestListener = (request, response) => {
    void respond(request, response).catch(() => response.destroy())
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request
    const script = scripts.findLast(({ match }) => matches(match, { method, url }))
    const step =
      (script !== undefined && script.steps.length > 1 ? script.steps.shift() : script?.steps[0]) ?? UNSCRIPTED
    const early = step === 'deaf' || (typeof step === 'object' && step.early === true)
    const recorded = { method, url, headers, body: early ? Buffer.alloc(0) : await bodyOf(request) }
    requests.push(recorded)
    if (step === 'stall' || step === 'deaf') return
    if (step === 'drop') {
      request.socket.resetAndDestroy()
      return
    }
    await send(typeof step === 'function' ? await step(recorded) : step, request, response)
  }

  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  onTestFinished(close)

  return {
    host,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}`,
    requests,
    get connections() {
      return connections
    },
    on: (match, ...steps) => {
      scripts.push({ match, steps: [...steps] })
    },
    asked: (match) => requests.filter((request) => matches(match, request)),
    close,
  }
}

const UNSCRIPTED: Reply = { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' }

function matches(match: string | RegExp, request: { readonly method: string; readonly url: string }): boolean {
  if (typeof match !== 'string') return match.test(`${request.method} ${request.url}`)
  return match === `${request.method} ${request.url.split('?', 1)[0]}`
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function send(reply: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.from(reply.body ?? '')
  const length = reply.endless === true ? {} : { 'content-length': String(body.byteLength) }
  const headers = Object.entries({ ...length, ...reply.headers }).map(([name, value]) => [name, value] as const)
  for (const [name, value] of headers) response.setHeader(name, typeof value === 'string' ? value : [...value])
  response.writeHead(reply.status)
  if (request.method === 'HEAD') {
    response.end()
  } else if (reply.endless === true) {
    while (!response.destroyed) await new Promise((resolve) => response.write(body, resolve))
  } else if (reply.dropAfter !== undefined) {
    response.write(body.subarray(0, reply.dropAfter), () => setTimeout(() => response.destroy(), 20))
  } else if (reply.stallAfter !== undefined) {
    response.write(body.subarray(0, reply.stallAfter))
  } else {
    response.end(body)
  }
}
