// undici hands over pieces of 64 KiB: enough of them to keep the socket busy while a consumer hashes or writes.
const PAUSE_BYTES = 1024 * 1024
const RESUME_BYTES = 256 * 1024
// An answer nobody reads is read to its end where that is cheaper than another connection.
const DISCARD_BYTES = 64 * 1024

/** What the body needs of the request that it belongs to. */
export interface BodyControl {
  pause(): void
  resume(): void
  abort(): void
}

interface Waiting {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void
  readonly reject: (reason: unknown) => void
}

const DONE: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }

/**
 * The body of an answer: an iterator over the pieces as they come from the socket, without a stream in between. It is
 * read once; whoever does not read it to the end calls `return` or `discard`, or the connection is lost to others.
 */
export class AnswerBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #control: BodyControl
  readonly #pieces: Uint8Array[] = []
  #bytes = 0
  #paused = false
  #end: { readonly failure?: unknown } | undefined
  #waiting: Waiting | undefined

  constructor(control: BodyControl) {
    this.#control = control
  }

  push(piece: Uint8Array): void {
    const waiting = this.#waiting
    if (waiting !== undefined) {
      this.#waiting = undefined
      waiting.resolve({ done: false, value: piece })
      return
    }
    this.#pieces.push(piece)
    this.#bytes += piece.byteLength
    if (this.#bytes < PAUSE_BYTES || this.#paused) return
    this.#paused = true
    this.#control.pause()
  }

  end(): void {
    this.#end ??= {}
    this.#waiting?.resolve(DONE)
    this.#waiting = undefined
  }

  fail(failure: unknown): void {
    this.#end ??= { failure }
    this.#waiting?.reject(failure)
    this.#waiting = undefined
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const piece = this.#pieces.shift()
    if (piece !== undefined) {
      this.#bytes -= piece.byteLength
      if (this.#paused && this.#bytes <= RESUME_BYTES) {
        this.#paused = false
        this.#control.resume()
      }
      return Promise.resolve({ done: false, value: piece })
    }
    if (this.#end === undefined) return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
    return 'failure' in this.#end ? Promise.reject(this.#end.failure) : Promise.resolve(DONE)
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#pieces.length = 0
    this.#bytes = 0
    if (this.#end === undefined) {
      this.end()
      this.#control.abort()
    }
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Reads at most `maxBytes`; what is beyond is left, and `whole` says so. */
  async read(maxBytes: number): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of this) {
      size += piece.byteLength
      pieces.push(piece)
      if (size > maxBytes) return { bytes: Buffer.concat(pieces, size).subarray(0, maxBytes), whole: false }
    }
    return { bytes: Buffer.concat(pieces, size), whole: true }
  }

  /** Gives the connection back where the rest is small, and closes it where it is not. Never throws. */
  async discard(): Promise<void> {
    await this.read(DISCARD_BYTES).catch(() => undefined)
  }
}
