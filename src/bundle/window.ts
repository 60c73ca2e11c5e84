import type { FileHandle } from 'node:fs/promises'
import { fileFault } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'

const WINDOW_BYTES = 256 * 1024

/** Reads small pieces of an open file in ascending order with few calls: headers of neighbours come in one read. */
export class FileWindow {
  readonly #file: FileHandle
  readonly #path: string
  readonly #size: number
  #at = 0
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(file: FileHandle, path: string, size: number) {
    this.#file = file
    this.#path = path
    this.#size = size
  }

  /** @throws ERR_BUNDLE_TRUNCATED where the file ends before, ERR_MEDIUM */
  async read(at: number, length: number, what: string): Promise<Uint8Array> {
    if (at + length > this.#size) throw this.truncated(what)
    if (at < this.#at || at + length > this.#at + this.#bytes.byteLength) await this.#load(at, length, what)
    return this.#bytes.subarray(at - this.#at, at - this.#at + length)
  }

  truncated(what: string): TransferError {
    return new TransferError('ERR_BUNDLE_TRUNCATED', `${this.#path} ends within ${what}, after ${this.#size} bytes`, {
      side: 'medium',
      subject: what,
    })
  }

  async #load(at: number, length: number, what: string): Promise<void> {
    const bytes = Buffer.allocUnsafeSlow(Math.max(length, Math.min(WINDOW_BYTES, this.#size - at)))
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.byteLength, at).catch((cause: unknown) => {
      throw fileFault(`cannot read ${this.#path} at byte ${at}`, this.#path, cause)
    })
    if (bytesRead < length) throw this.truncated(what)
    this.#at = at
    this.#bytes = bytes.subarray(0, bytesRead)
  }
}
