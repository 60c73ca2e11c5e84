import { createHash } from 'node:crypto'
import { TransferError } from '../errors.js'
import type { DigestAlgorithm } from '../oci/digest.js'
import { type HashThread, hashThreads, leastLoaded, nextHashId, type Reply } from './hash-pool.js'

/** A hash that is fed piece by piece. `release` gives its thread back; call it in a `finally`. */
export interface StreamHash {
  /** Takes a copy: the caller may reuse the chunk. Awaiting it keeps memory bounded. */
  update(chunk: Uint8Array): Promise<void> | void
  /** lower-case hexadecimal */
  digest(): Promise<string>
  release(): void
}

// Below this, handing work to a thread costs more than it saves.
const INLINE_BYTES = 256 * 1024
const SLOT_BYTES = 512 * 1024
const SLOTS = 3

/**
 * Starts a hash of a stream, off the main thread unless the content is small.
 * @param size bytes that are expected, where that is known
 */
export function startHash(algorithm: DigestAlgorithm, size = Number.POSITIVE_INFINITY): StreamHash {
  return size <= INLINE_BYTES ? new InlineHash(algorithm) : new ThreadHash(algorithm)
}

class InlineHash implements StreamHash {
  readonly #hash
  constructor(algorithm: DigestAlgorithm) {
    this.#hash = createHash(algorithm)
  }
  update(chunk: Uint8Array): void {
    this.#hash.update(chunk)
  }
  async digest(): Promise<string> {
    return this.#hash.digest('hex')
  }
  release(): void {}
}

// The memory that pieces travel in is kept for the next stream: it is shared with threads, so it is slow to come by.
const spare: SharedArrayBuffer[] = []

class ThreadHash implements StreamHash {
  readonly #id = nextHashId()
  readonly #thread: HashThread = leastLoaded()
  readonly #shared = spare.pop() ?? new SharedArrayBuffer(SLOTS * SLOT_BYTES)
  readonly #view = new Uint8Array(this.#shared)
  #slot = 0
  #filled = 0
  #busy = 0
  #failure: string | undefined
  #digest: string | undefined
  #wake: (() => void) | undefined
  #released = false

  constructor(algorithm: DigestAlgorithm) {
    this.#thread.load += 1
    this.#thread.listen(this.#id, (reply) => this.#receive(reply))
    this.#thread.send({ kind: 'start', id: this.#id, algorithm, shared: this.#shared })
  }

  update(chunk: Uint8Array): Promise<void> | void {
    if (this.#filled + chunk.byteLength < SLOT_BYTES && this.#busy < SLOTS) {
      this.#view.set(chunk, this.#slot * SLOT_BYTES + this.#filled)
      this.#filled += chunk.byteLength
      return undefined
    }
    return this.#fill(chunk)
  }

  async #fill(chunk: Uint8Array): Promise<void> {
    let rest = chunk
    while (rest.byteLength > 0) {
      await this.#free(SLOTS - 1)
      const part = rest.subarray(0, SLOT_BYTES - this.#filled)
      this.#view.set(part, this.#slot * SLOT_BYTES + this.#filled)
      this.#filled += part.byteLength
      rest = rest.subarray(part.byteLength)
      if (this.#filled === SLOT_BYTES) this.#flush()
    }
  }

  #flush(): void {
    if (this.#filled === 0) return
    this.#thread.send({ kind: 'update', id: this.#id, offset: this.#slot * SLOT_BYTES, length: this.#filled })
    this.#busy += 1
    this.#slot = (this.#slot + 1) % SLOTS
    this.#filled = 0
  }

  /** Waits until at most `busy` slots are with the thread: one is always left to write into. */
  async #free(busy: number): Promise<void> {
    while (this.#busy > busy && this.#failure === undefined) await this.#reply()
    if (this.#failure !== undefined) throw new Error(`the hashing thread failed: ${this.#failure}`)
  }

  #reply(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #receive(reply: Reply): void {
    if (reply.error !== undefined) this.#failure = reply.error
    else if (reply.digest !== undefined) this.#digest = reply.digest
    else this.#busy -= 1
    this.#wake?.()
    this.#wake = undefined
  }

  async digest(): Promise<string> {
    this.#flush()
    this.#thread.send({ kind: 'digest', id: this.#id })
    while (this.#digest === undefined && this.#failure === undefined) await this.#reply()
    if (this.#digest === undefined) throw new Error(`the hashing thread failed: ${this.#failure}`)
    return this.#digest
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#thread.load -= 1
    if (this.#digest === undefined) this.#thread.send({ kind: 'drop', id: this.#id })
    this.#thread.forget(this.#id)
    // Pieces that are still with the thread may be read after this: such memory is not given to another stream.
    if (this.#busy === 0 && spare.length < 16) spare.push(this.#shared)
  }
}

export interface HashRange {
  /** bytes from the start of the file */
  readonly offset: number
  readonly size: number
  readonly algorithm: DigestAlgorithm
}

const BATCH_BYTES = 4 * 1024 * 1024

/**
 * Hashes byte ranges of an open file on all hashing threads, the largest first, and gives the digests (hexadecimal) in
 * the order of `ranges`; `short:N` where the file ends after N bytes of a range.
 * @throws ERR_MEDIUM where the file cannot be read
 */
export async function hashRanges(
  file: { readonly fd: number; readonly path: string },
  ranges: readonly HashRange[],
  given: { readonly signal: AbortSignal; readonly onHashed?: (at: number) => void },
): Promise<readonly string[]> {
  const digests = new Array<string>(ranges.length)
  const batches = inBatches(ranges)
  const take = async (thread: HashThread): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      given.signal.throwIfAborted()
      const reply = await ask(
        thread,
        file.fd,
        batch.map((at) => ranges[at]),
      )
      if (reply.digests === undefined) throw unreadable(file.path, reply)
      for (const [n, at] of batch.entries()) {
        digests[at] = reply.digests[n] ?? ''
        given.onHashed?.(at)
      }
    }
  }
  const settled = await Promise.allSettled(hashThreads().map(take))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return digests
}

/** Small ranges travel together; the largest are taken (from the end) first, so that no thread idles at the end. */
function inBatches(ranges: readonly HashRange[]): number[][] {
  const bySize = ranges.map((_, at) => at).sort((a, b) => (ranges[a]?.size ?? 0) - (ranges[b]?.size ?? 0))
  const batches: number[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const at of bySize) {
    const size = ranges[at]?.size ?? 0
    if (bytes + size > BATCH_BYTES || (batches.at(-1)?.length ?? 0) >= 256) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(at)
    bytes += size
  }
  return batches
}

function ask(thread: HashThread, fd: number, ranges: readonly (HashRange | undefined)[]): Promise<Reply> {
  const id = nextHashId()
  return new Promise((resolve) => {
    thread.listen(id, (reply) => {
      thread.forget(id)
      resolve(reply)
    })
    thread.send({ kind: 'ranges', id, fd, ranges })
  })
}

function unreadable(path: string, reply: Reply): TransferError {
  return new TransferError('ERR_MEDIUM', `cannot read ${path}: ${reply.error ?? 'the hashing thread stopped'}`, {
    side: 'medium',
    subject: path,
  })
}
