// Runs in a worker thread: hashes what it is sent, and byte ranges of files that the main thread has open.
// Plain JavaScript, so that it is the same file beside the sources and in the build.
import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

/** @typedef {{ kind: 'start', id: number, algorithm: string, shared: SharedArrayBuffer }} Start */
/** @typedef {{ kind: 'update', id: number, offset: number, length: number }} Update */
/** @typedef {{ kind: 'digest', id: number } | { kind: 'drop', id: number }} End */
/** @typedef {{ offset: number, size: number, algorithm: string }} Range */
/** @typedef {{ kind: 'ranges', id: number, fd: number, ranges: readonly Range[] }} Ranges */

// 128 KiB stays in the processor's cache between the read and the hash; larger pieces measured slower.
const piece = Buffer.allocUnsafe(128 * 1024)
/** @type {Map<number, { hash: import('node:crypto').Hash, shared: SharedArrayBuffer }>} */
const streams = new Map()

/** @param {number} fd @param {Range} range */
function hashRange(fd, range) {
  const hash = createHash(range.algorithm)
  let left = range.size
  let at = range.offset
  while (left > 0) {
    const length = readSync(fd, piece, 0, Math.min(left, piece.length), at)
    if (length === 0) return `short:${range.size - left}`
    hash.update(length === piece.length ? piece : piece.subarray(0, length))
    left -= length
    at += length
  }
  return hash.digest('hex')
}

/** @param {Start | Update | End | Ranges} message */
function answer(message) {
  switch (message.kind) {
    case 'start':
      streams.set(message.id, { hash: createHash(message.algorithm), shared: message.shared })
      return undefined
    case 'update': {
      const stream = streams.get(message.id)
      stream?.hash.update(new Uint8Array(stream.shared, message.offset, message.length))
      return { id: message.id }
    }
    case 'digest': {
      const stream = streams.get(message.id)
      streams.delete(message.id)
      return { id: message.id, digest: stream?.hash.digest('hex') }
    }
    case 'drop':
      streams.delete(message.id)
      return undefined
    case 'ranges':
      return { id: message.id, digests: message.ranges.map((range) => hashRange(message.fd, range)) }
  }
}

parentPort?.on('message', (/** @type {Start | Update | End | Ranges} */ message) => {
  try {
    const reply = answer(message)
    if (reply !== undefined) parentPort?.postMessage(reply)
  } catch (cause) {
    const error = /** @type {NodeJS.ErrnoException} */ (cause)
    parentPort?.postMessage({ id: message.id, error: error.message, errno: error.code })
  }
})
