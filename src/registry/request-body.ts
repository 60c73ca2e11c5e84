import type { Bytes } from '../content/store.js'
import { mismatch } from '../content/verified.js'
import type { Descriptor } from '../oci/descriptor.js'
import { NetworkFault } from './network-fault.js'

/** A body whose length is known before the first byte, and which may be asked for again after a failure. */
export interface StreamedBody {
  readonly length: number
  /** False once the bytes are gone: the request cannot be repeated. */
  canOpen(): boolean
  open(): Bytes
}

export type RequestBody = Uint8Array | StreamedBody

export function canRepeat(body: RequestBody | undefined): boolean {
  return body === undefined || body instanceof Uint8Array || body.canOpen()
}

const PIECE_BYTES = 256 * 1024
const LARGEST_PIECE_BYTES = 1024 * 1024

/**
 * Content on its way into a registry. It can be sent again where `bytes` gives a new iterator each time it is asked
 * (any object that is not its own iterator), or as long as nothing has been taken from it.
 * `open()` throws ERR_CONTENT_MISMATCH where the bytes are fewer or more than the descriptor says.
 */
export class ContentBody implements StreamedBody {
  readonly length: number
  readonly #bytes: Bytes
  readonly #descriptor: Descriptor
  #started = false
  #once = false

  constructor(bytes: Bytes, descriptor: Descriptor) {
    this.#bytes = bytes
    this.#descriptor = descriptor
    this.length = descriptor.size
  }

  canOpen(): boolean {
    return !(this.#started && this.#once)
  }

  async *open(): Bytes {
    const iterator = this.#bytes[Symbol.asyncIterator]()
    this.#started = true
    this.#once = (iterator as unknown) === this.#bytes
    let size = 0
    let held: Uint8Array | undefined
    for await (const piece of { [Symbol.asyncIterator]: () => iterator }) {
      if (piece.byteLength === 0) continue
      size += piece.byteLength
      if (size > this.length) throw mismatch(this.#descriptor, `more than ${this.length} bytes`)
      if (held !== undefined) yield held
      held = piece
    }
    if (size !== this.length) throw mismatch(this.#descriptor, `${size} of ${this.length} bytes`)
    // Held back until the source has ended well: a registry commits when it has the last byte.
    if (held !== undefined) yield held
  }
}

/**
 * The same bytes in pieces of 256 KiB to 1 MiB: small writes cost more than a copy, and a large one would look like a
 * stall on a slow line.
 */
export async function* inLargePieces(bytes: Bytes): Bytes {
  let gathered: Buffer | undefined
  let filled = 0
  for await (const piece of bytes) {
    if (gathered !== undefined && filled + piece.byteLength > PIECE_BYTES) {
      yield gathered.subarray(0, filled)
      gathered = undefined
      filled = 0
    }
    if (piece.byteLength >= PIECE_BYTES) {
      yield* cut(piece)
      continue
    }
    gathered ??= Buffer.allocUnsafeSlow(PIECE_BYTES)
    gathered.set(piece, filled)
    filled += piece.byteLength
  }
  if (gathered !== undefined) yield gathered.subarray(0, filled)
}

function* cut(piece: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < piece.byteLength; at += LARGEST_PIECE_BYTES) {
    yield piece.byteLength <= LARGEST_PIECE_BYTES ? piece : piece.subarray(at, at + LARGEST_PIECE_BYTES)
  }
}

/**
 * Watches that the other side goes on taking: `stalled` is called when a piece was not asked for in time after the
 * one before it. Time that the source takes does not count.
 */
export async function* watched(bytes: Bytes, timeoutMs: number, stalled: (fault: NetworkFault) => void): Bytes {
  for await (const piece of bytes) {
    const timer = setTimeout(() => {
      stalled(new NetworkFault('the registry takes no more bytes', { transient: true }))
    }, timeoutMs)
    try {
      yield piece
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Cuts one stream into parts of known length, for one request each. */
export class PartCutter {
  readonly #iterator: AsyncIterator<Uint8Array>
  #rest: Uint8Array | undefined

  constructor(bytes: Bytes) {
    this.#iterator = bytes[Symbol.asyncIterator]()
  }

  /** The next `length` bytes, to be sent once. */
  part(length: number): StreamedBody {
    let opened = false
    return {
      length,
      canOpen: () => !opened,
      open: () => {
        opened = true
        return this.#take(length)
      },
    }
  }

  /** Runs the source to its end, so that its own check of the whole content has been made. */
  async finish(): Promise<void> {
    while ((await this.#iterator.next()).done !== true);
  }

  async close(): Promise<void> {
    await this.#iterator.return?.()
  }

  async *#take(length: number): Bytes {
    let left = length
    while (left > 0) {
      const piece = this.#rest ?? (await this.#next())
      this.#rest = piece.byteLength > left ? piece.subarray(left) : undefined
      const given = piece.byteLength > left ? piece.subarray(0, left) : piece
      left -= given.byteLength
      yield given
    }
  }

  async #next(): Promise<Uint8Array> {
    const result = await this.#iterator.next()
    // ContentBody throws before it ends early, so that this cannot be reached by a short source.
    if (result.done === true) throw new Error('the source ended before its length')
    return result.value
  }
}
