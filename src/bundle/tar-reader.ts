import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { archiveBytes, type Entry, type PlacedEntry, place } from './offsets.js'
import { BLOCK, END_BYTES, type FoundHeader, glimpse } from './tar-header.js'
import type { FileWindow } from './window.js'

/**
 * Reads an archive by knowing what must come next: each header has to be, byte for byte, the one that the writer makes
 * for that name and size, and padding has to be zero. So links, devices, other names, second copies, pax tricks and
 * hidden members are not recognised and refused one by one: they cannot be expressed.
 */
export class TarReader {
  readonly #window: FileWindow
  readonly #size: number
  readonly #taken = new Set<string>()
  #at = 0

  constructor(window: FileWindow, size: number) {
    this.#window = window
    this.#size = size
  }

  /** The name and size that the next header claims; to be believed only once `expect` has taken the same ones. */
  async peek(): Promise<FoundHeader | undefined> {
    return glimpse(await this.#window.read(this.#at, BLOCK, 'its first entries'))
  }

  /** Takes the next entry, which must be this one. @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED, ERR_BUNDLE_INCOMPLETE */
  async expect(entry: Entry): Promise<PlacedEntry> {
    // A signature that is listed twice would be: of two files with one name every tool shows another one.
    if (this.#taken.has(entry.path)) throw format(`the entry ${entry.path} would be there twice`, entry.path)
    this.#taken.add(entry.path)
    const placed = await place(entry, this.#at)
    const found = await this.#window.read(this.#at, placed.header.byteLength, entry.path)
    if (Buffer.compare(found, placed.header) !== 0) throw unexpected(entry, found)
    if (placed.endAt > this.#size) throw this.#window.truncated(entry.path)
    await this.#expectZeros(placed.bodyAt + entry.size, placed.endAt, `the padding after ${entry.path}`)
    this.#at = placed.endAt
    return placed
  }

  /** Takes an entry and gives its body. */
  async read(entry: Entry): Promise<{ readonly placed: PlacedEntry; readonly bytes: Uint8Array }> {
    const placed = await this.expect(entry)
    return { placed, bytes: await this.#window.read(placed.bodyAt, entry.size, entry.path) }
  }

  /** Takes the end: two empty blocks, and then nothing. */
  async expectEnd(): Promise<void> {
    const endAt = archiveBytes(this.#at)
    if (this.#size < endAt) throw this.#window.truncated('the end mark')
    const more = glimpse(await this.#window.read(this.#at, BLOCK, 'the end mark'))
    if (more !== undefined) {
      throw format(`expected the end of the archive, found ${describeHeader(more)}, which nothing names`, more.name)
    }
    await this.#expectZeros(this.#at, this.#at + END_BYTES, 'the end mark')
    if (this.#size > endAt) {
      throw format(`there are ${this.#size - endAt} bytes after the end of the archive`, 'the end mark')
    }
  }

  async #expectZeros(from: number, to: number, what: string): Promise<void> {
    const bytes = await this.#window.read(from, to - from, what)
    if (bytes.some((byte) => byte !== 0)) throw format(`${what} is not empty`, what)
  }
}

function unexpected(entry: Entry, found: Uint8Array): TransferError {
  if (found.subarray(0, BLOCK).every((byte) => byte === 0)) {
    return new TransferError('ERR_BUNDLE_INCOMPLETE', `the archive ends before ${entry.path}, which it promises`, {
      side: 'medium',
      subject: entry.path,
    })
  }
  const other = glimpse(found.subarray(0, BLOCK))
  const shown = other === undefined ? 'a damaged header' : describeHeader(other)
  if (other?.name === entry.path && other.size === entry.size && other.type === 'file') {
    const message = `the header of ${entry.path} is not the one that a bundle has: another program wrote or changed this archive`
    return format(message, entry.path)
  }
  return format(`expected the entry ${entry.path} of ${entry.size} bytes, found ${shown}`, entry.path)
}

function describeHeader({ name, type, size }: FoundHeader): string {
  return `${JSON.stringify(printable(name, 200))} (${type}, ${size} bytes)`
}

function format(message: string, subject: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', message, { side: 'medium', subject: printable(subject, 200) })
}
