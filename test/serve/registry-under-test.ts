import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { isManifestType } from '../../src/oci/media-types.js'
import {
  type AccessLine,
  type RunningRegistry,
  type ServeOptions,
  startRegistry,
} from '../../src/serve/registry-server.js'
import type { Built } from '../support/build.js'
import { tmpFolder } from '../support/tmp.js'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  json(): unknown
  /** the code of the first error in the body */
  code(): string | undefined
}

export interface CallInit {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>
}

/** A registry on a free port with a store of its own, gone with the test, and a client that sends paths as they are. */
export class TestRegistry {
  readonly running: RunningRegistry
  readonly store: string
  readonly lines: readonly AccessLine[]
  readonly #agent = new Agent({ keepAlive: true })

  constructor(running: RunningRegistry, store: string, lines: readonly AccessLine[]) {
    this.running = running
    this.store = store
    this.lines = lines
  }

  call(method: string, path: string, init: CallInit = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { body, headers = {} } = init
      const port = this.running.port
      const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers }, agent: this.#agent })
      sent.on('response', (response) => readReply(response).then(resolve, reject))
      sent.on('error', reject)
      if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) sent.end(body)
      else streamInto(sent, body).catch(reject)
    })
  }

  async pushBlob(repository: string, bytes: Uint8Array): Promise<Reply> {
    return await this.call('POST', `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes })
  }

  async pushManifest(repository: string, given: { bytes: Uint8Array; mediaType: string; as: string }): Promise<Reply> {
    const headers = { 'Content-Type': given.mediaType }
    return await this.call('PUT', `/v2/${repository}/manifests/${given.as}`, { body: given.bytes, headers })
  }

  /** Pushes everything, and the tags; fails where anything is refused. */
  async push(repository: string, built: Built): Promise<Descriptor> {
    for (const { descriptor, bytes } of built.contents) {
      const { mediaType, digest } = descriptor
      const reply = isManifestType(mediaType)
        ? await this.pushManifest(repository, { bytes, mediaType, as: digest })
        : await this.pushBlob(repository, bytes)
      if (reply.status !== 201) throw new Error(`${digest}: ${reply.status} ${reply.body}`)
    }
    for (const [tag, { digest, mediaType }] of Object.entries(built.tags)) {
      const bytes = built.contents.find(({ descriptor }) => descriptor.digest === digest)?.bytes ?? Buffer.alloc(0)
      const reply = await this.pushManifest(repository, { bytes, mediaType, as: tag })
      if (reply.status !== 201) throw new Error(`${tag}: ${reply.status} ${reply.body}`)
    }
    return built.root
  }

  /** Begins an upload and gives its path. */
  async startUpload(repository: string, query = ''): Promise<string> {
    const { headers } = await this.call('POST', `/v2/${repository}/blobs/uploads/${query}`)
    return headers.location ?? ''
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    await this.running.close()
  }
}

async function streamInto(sent: NodeJS.WritableStream, body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of body) sent.write(chunk)
  sent.end()
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const json = (): unknown => JSON.parse(body.toString('utf8'))
  const code = (): string | undefined => (json() as { errors?: { code: string }[] }).errors?.[0]?.code
  return { status: response.statusCode ?? 0, headers: response.headers, body, json, code }
}

export async function startTestRegistry(options: Partial<ServeOptions> = {}): Promise<TestRegistry> {
  const lines: AccessLine[] = []
  const store = options.store ?? join(await tmpFolder(), 'store')
  const log = (line: AccessLine): void => {
    lines.push(line)
  }
  const running = await startRegistry({ host: '127.0.0.1', port: 0, log, ...options, store })
  const registry = new TestRegistry(running, store, lines)
  onTestFinished(() => registry.close())
  return registry
}
