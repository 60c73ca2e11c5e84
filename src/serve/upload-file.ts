import { randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { hashRanges, type StreamHash, startHash } from '../content/hashing.js'
import type { Bytes } from '../content/store.js'
import { type Digest, type DigestAlgorithm, digestFrom } from '../oci/digest.js'
import type { Disk } from './disk.js'
import { Refusal } from './refusal.js'

// The network gives pieces of 64 KiB; the disk is asked for less often.
const BATCH_BYTES = 1024 * 1024
/** A running hash holds memory that threads share, so an upload that is left lying must not hold one for ever. */
const RUNNING_HASHES = 16

export interface UploadStart {
  readonly algorithm: DigestAlgorithm
  /** bytes, where the client has said how many there will be */
  readonly size?: number | undefined
}

/** Makes the temporary files that uploads are written to. */
export class UploadFiles {
  readonly #disk: Disk
  readonly #folder: string
  #hashes = 0

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  async open(start: UploadStart): Promise<UploadFile> {
    const path = join(this.#folder, randomUUID())
    const file = await this.#disk.create(path)
    return new UploadFile({ disk: this.#disk, path, file, algorithm: start.algorithm, hash: this.#hash(start) })
  }

  /** Beyond the limit an upload is hashed from the file when it ends, which is right but a little later. */
  #hash(start: UploadStart): StreamHash | undefined {
    if (this.#hashes >= RUNNING_HASHES) return undefined
    const hash = startHash(start.algorithm, start.size)
    this.#hashes += 1
    let held = true
    return {
      update: (chunk) => hash.update(chunk),
      digest: () => hash.digest(),
      release: () => {
        if (held) this.#hashes -= 1
        held = false
        hash.release()
      },
    }
  }
}

interface UploadParts {
  readonly disk: Disk
  readonly path: string
  readonly file: FileHandle
  readonly algorithm: DigestAlgorithm
  readonly hash: StreamHash | undefined
}

/** A temporary file with the hash of what has been written to it so far. It is either admitted to the store or discarded. */
export class UploadFile {
  readonly path: string
  readonly file: FileHandle
  readonly #disk: Disk
  readonly #algorithm: DigestAlgorithm
  #hash: StreamHash | undefined
  #size = 0
  #broken = false

  constructor(parts: UploadParts) {
    this.path = parts.path
    this.file = parts.file
    this.#disk = parts.disk
    this.#algorithm = parts.algorithm
    this.#hash = parts.hash
  }

  /** bytes received so far */
  get size(): number {
    return this.#size
  }

  /** True where the disk did not take what was received: nothing can be made of the file. */
  get broken(): boolean {
    return this.#broken
  }

  /**
   * Appends what arrives. Where the connection breaks, what came before it is kept, so that the client may go on.
   * @throws Refusal 400 at the first byte beyond `maxBytes`
   */
  async append(body: Bytes, maxBytes: number): Promise<void> {
    const end = this.#size + maxBytes
    const batches = new Batches(this.#disk, this.file, this.#size)
    try {
      for await (const chunk of body) {
        if (this.#size + chunk.byteLength > end) {
          throw new Refusal(400, 'SIZE_INVALID', `the body is longer than the ${maxBytes} bytes that were announced`)
        }
        await this.#orBroken(this.#take(chunk, batches))
      }
    } finally {
      await this.#orBroken(batches.end())
    }
  }

  async #take(chunk: Uint8Array, batches: Batches): Promise<void> {
    const hashed = this.#hash?.update(chunk)
    if (hashed !== undefined) await hashed
    const written = batches.add(chunk)
    if (written !== undefined) await written
    this.#size += chunk.byteLength
  }

  async #orBroken(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (cause) {
      this.#broken = true
      throw cause
    }
  }

  /** The digest of everything appended; nothing can be appended afterwards. */
  async digest(algorithm: DigestAlgorithm): Promise<Digest> {
    const hash = this.#hash
    this.#hash = undefined
    try {
      if (hash !== undefined && algorithm === this.#algorithm) return digestFrom(algorithm, await hash.digest())
    } finally {
      hash?.release()
    }
    const range = { offset: 0, size: this.#size, algorithm }
    const [encoded = ''] = await hashRanges({ fd: this.file.fd, path: this.path }, [range], {
      signal: new AbortController().signal,
    })
    return digestFrom(algorithm, encoded)
  }

  /** Closes and removes the file; only to be called by whoever owns it. */
  async discard(): Promise<void> {
    this.#hash?.release()
    this.#hash = undefined
    await this.file.close().catch(() => {})
    await this.#disk.remove(this.path)
  }
}

/** Gathers pieces into large writes, one of which is under way while the next is gathered. */
class Batches {
  readonly #disk: Disk
  readonly #file: FileHandle
  #position: number
  #chunks: Uint8Array[] = []
  #bytes = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(disk: Disk, file: FileHandle, position: number) {
    this.#disk = disk
    this.#file = file
    this.#position = position
  }

  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
    return this.#bytes < BATCH_BYTES ? undefined : this.#flush()
  }

  async end(): Promise<void> {
    if (this.#bytes > 0) await this.#flush()
    await this.#writing
  }

  async #flush(): Promise<void> {
    const [chunks, position] = [this.#chunks, this.#position]
    this.#position += this.#bytes
    this.#chunks = []
    this.#bytes = 0
    await this.#writing
    this.#writing = this.#disk.write(this.#file, chunks, position)
    // Whoever waits next is told of a failure; until then it must not count as unhandled.
    this.#writing.catch(() => {})
  }
}
