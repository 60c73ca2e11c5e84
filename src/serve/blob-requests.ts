import type { FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Digest } from '../oci/digest.js'
import { type ByteRange, parseRange } from './byte-ranges.js'
import { answer, type Exchange, type Headers, writeHead } from './exchange.js'
import { Refusal } from './refusal.js'

/** Read at once up to this many bytes: a blob that is not larger is sent in one piece. */
const PIECE_BYTES = 1024 * 1024

/** GET and HEAD …/blobs/DIGEST, whole or in part. */
export async function sendBlob(exchange: Exchange, repository: string, digest: Digest): Promise<void> {
  const { request, response, store } = exchange
  const held = await store.repository(repository).holdsBlob(digest)
  const file = held ? await store.blobs.open(digest) : undefined
  if (file === undefined) throw unknownBlob()
  try {
    const { size } = await file.stat()
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Docker-Content-Digest': digest,
      'Accept-Ranges': 'bytes',
      // What a digest names never changes.
      'Cache-Control': 'max-age=31536000, immutable',
    }
    const range = wantedRange(exchange, size)
    const status = range === undefined ? 200 : 206
    const part = range ?? { first: 0, last: size - 1 }
    const length = part.last - part.first + 1
    const partHeaders = range === undefined ? {} : { 'Content-Range': `bytes ${part.first}-${part.last}/${size}` }
    const all = { ...headers, ...partHeaders, 'Content-Length': length }
    if (request.method === 'HEAD' || length === 0) return answer(response, status, all)
    if (length <= PIECE_BYTES) return answer(response, status, all, await readPart(file, part))
    await stream(exchange, { status, headers: all, file, part })
  } finally {
    await file.close().catch(() => {})
  }
}

/** A range with a condition asks for all where the condition fails, and we give no validators that could hold. */
function wantedRange(exchange: Exchange, size: number): ByteRange | undefined {
  const { headers } = exchange.request
  return headers['if-range'] === undefined ? parseRange(headers.range, size) : undefined
}

async function readPart(file: FileHandle, part: ByteRange): Promise<Uint8Array> {
  const length = part.last - part.first + 1
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, part.first + done)
    if (bytesRead === 0) throw new Error('a blob ended before its end')
    done += bytesRead
  }
  return bytes
}

interface Part {
  readonly status: number
  readonly headers: Headers
  readonly file: FileHandle
  readonly part: ByteRange
}

async function stream(exchange: Exchange, given: Part): Promise<void> {
  writeHead(exchange.response, given.status, given.headers)
  const bytes = given.file.createReadStream({
    start: given.part.first,
    end: given.part.last,
    highWaterMark: PIECE_BYTES,
    autoClose: false,
  })
  await pipeline(bytes, exchange.response)
}

export async function deleteBlob(exchange: Exchange, repository: string, digest: Digest): Promise<void> {
  if (!(await exchange.store.removeBlob(repository, digest))) throw unknownBlob()
  answer(exchange.response, 202, {})
}

function unknownBlob(): Refusal {
  return new Refusal(404, 'BLOB_UNKNOWN', 'the repository has no such blob')
}
