import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request that came to a proxy. */
export interface Passed {
  readonly method: string
  readonly path: string
  /** `name`: a tag is set; `write`: anything else that changes the registry, the importer's records among it */
  readonly kind: 'read' | 'write' | 'name'
}

/** What happens to a request: it is passed on, or it is not and this is done instead. */
export type Fault = 'pass' | 'reset' | 'stall' | { readonly status: number }

/** A proxy on loopback in front of a registry, that writes down what is asked and can stand in the way. */
export class LoopbackProxy {
  /** `HOST:PORT` */
  readonly host: string
  readonly seen: Passed[] = []
  /** Asked before a request is passed on. */
  before: (one: Passed) => Fault = () => 'pass'
  /** Told when the registry has answered, before the answer is passed on; false keeps it back. */
  answered: (one: Passed) => boolean = () => true

  /** Requests that nobody answers. */
  readonly stalled = new Set<ServerResponse>()

  constructor(host: string) {
    this.host = host
  }

  /** Cuts the connections of those that wait for an answer: they may ask again. */
  letGo(): void {
    for (const answer of this.stalled) answer.destroy()
    this.stalled.clear()
  }

  forget(): void {
    this.seen.length = 0
    this.before = () => 'pass'
    this.answered = () => true
  }

  count(kind: Passed['kind']): number {
    return this.seen.filter((one) => one.kind === kind).length
  }
}

/** Starts a proxy in front of a registry at `HOST:PORT`, for as long as the test runs. */
export async function aLoopbackProxy(registry: string): Promise<LoopbackProxy> {
  const agent = new Agent({ keepAlive: true })
  const server = createServer((asked, answer) => {
    pass(asked, answer).catch(() => answer.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = new LoopbackProxy(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    agent.destroy()
  })

  async function pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const one = passedOf(asked)
    proxy.seen.push(one)
    const body: Uint8Array[] = []
    for await (const piece of asked) body.push(piece as Uint8Array)
    const fault = proxy.before(one)
    if (fault === 'stall') {
      proxy.stalled.add(answer)
      return
    }
    if (fault === 'reset') {
      asked.socket.resetAndDestroy()
      return
    }
    if (fault !== 'pass') {
      answer.writeHead(fault.status, { 'content-length': 0 }).end()
      return
    }
    const from = await ask(asked, Buffer.concat(body))
    const bytes: Uint8Array[] = []
    for await (const piece of from) bytes.push(piece as Uint8Array)
    if (!proxy.answered(one)) {
      answer.destroy()
      return
    }
    answer.writeHead(from.statusCode ?? 502, from.headers).end(Buffer.concat(bytes))
  }

  async function ask({ method, url, headers }: IncomingMessage, body: Uint8Array): Promise<IncomingMessage> {
    const to = request(`http://${registry}${url}`, { method, agent, headers: { ...headers, host: registry } })
    to.end(body)
    const [from] = (await once(to, 'response')) as [IncomingMessage]
    return from
  }

  return proxy
}

function passedOf({ method = '', url: path = '' }: IncomingMessage): Passed {
  if (method === 'GET' || method === 'HEAD') return { method, path, kind: 'read' }
  const named = method === 'PUT' && /\/manifests\/[^:/]+$/.test(path) && !path.includes('/waybill/manifests/')
  return { method, path, kind: named ? 'name' : 'write' }
}
