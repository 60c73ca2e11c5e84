import type { IncomingMessage, ServerResponse } from 'node:http'
import { errnoOf } from '../content/file-bytes.js'
import type { Bytes } from '../content/store.js'
import { TransferError } from '../errors.js'
import { Refusal } from './refusal.js'
import type { Store } from './store.js'
import type { UploadSessions } from './upload-sessions.js'

/** One request, and what is needed to answer it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly store: Store
  readonly uploads: UploadSessions
}

export type Headers = Readonly<Record<string, string | number>>

/** Sends the whole answer. The answer to HEAD has the same headers and no body. */
export function answer(response: ServerResponse, status: number, headers: Headers, body?: Uint8Array): void {
  writeHead(response, status, status === 204 ? headers : { 'Content-Length': body?.byteLength ?? 0, ...headers })
  response.end(body)
}

export function writeHead(response: ServerResponse, status: number, headers: Headers): void {
  response.writeHead(status, {
    'Docker-Distribution-API-Version': 'registry/2.0',
    // What was pushed must never be taken for a page with scripts.
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
}

export function answerJson(response: ServerResponse, headers: Headers, json: object): void {
  answer(response, 200, { 'Content-Type': 'application/json', ...headers }, Buffer.from(JSON.stringify(json)))
}

/** Turns what was thrown into an answer in the form of the specification. */
export function answerError(response: ServerResponse, error: unknown): void {
  const refusal = asRefusal(error)
  const body = { errors: [{ code: refusal.code, message: refusal.message }] }
  const headers = { 'Content-Type': 'application/json', ...refusal.headers }
  answer(response, refusal.status, headers, Buffer.from(JSON.stringify(body)))
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  // Only manifests are parsed here, and what is wrong with one is for its sender to know.
  if (error instanceof TransferError) return new Refusal(400, 'MANIFEST_INVALID', error.message)
  if (errnoOf(error) === 'ENOSPC') return new Refusal(507, 'UNKNOWN', 'the disk of the registry is full')
  return new Refusal(500, 'UNKNOWN', 'the registry failed; its log says why')
}

/** The body as it arrives. Whoever stops reading early can still answer. */
export function bodyOf(request: IncomingMessage): Bytes {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
}

/** bytes of the body, or undefined where the client did not say */
export function announcedSize(request: IncomingMessage): number | undefined {
  const header = request.headers['content-length']
  if (header !== undefined) return Number(header)
  return request.headers['transfer-encoding'] === undefined ? 0 : undefined
}
