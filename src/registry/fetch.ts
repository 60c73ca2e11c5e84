import type { Bytes, FetchOptions } from '../content/store.js'
import { mismatch, verified } from '../content/verified.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import { isManifestType } from '../oci/media-types.js'
import { acceptFor, mediaTypeOf, pathOf } from './content-path.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import { NetworkFault } from './network-fault.js'
import type { RepositoryApi } from './repository-api.js'

// A connection that breaks again before this much has come counts as no progress.
const PROGRESS_BYTES = 1024 * 1024
// Each time a registry ignores Range, everything before is sent again.
const MAX_RESTARTS = 5

/**
 * The bytes of a blob or manifest. A connection that breaks is taken up where it broke. From the start, digest and
 * size are verified in the stream; from a later byte, only the size is, and the caller hashes.
 * @throws ERR_CONTENT_MISMATCH, ERR_NOT_FOUND, ERR_LIMIT_EXCEEDED, ERR_REGISTRY_PROTOCOL and those of the transport
 */
export function fetchContent(api: RepositoryApi, descriptor: Descriptor, call: FetchOptions): Bytes {
  const from = call.from ?? 0
  if (!Number.isSafeInteger(from) || from < 0 || from > descriptor.size) {
    throw new RangeError(`cannot start at byte ${from} of ${descriptor.size}`)
  }
  const download = new Download(api, descriptor, call.signal)
  return from === 0 ? verified(download.bytes(0), descriptor) : sized(download.bytes(from), descriptor, from)
}

class Download {
  readonly #api: RepositoryApi
  readonly #descriptor: Descriptor
  readonly #signal: AbortSignal
  readonly #what: string
  #restarts = 0
  #breaks = 0
  #progressAt = 0

  constructor(api: RepositoryApi, descriptor: Descriptor, signal: AbortSignal) {
    this.#api = api
    this.#descriptor = descriptor
    this.#signal = signal
    this.#what = `read ${descriptor.digest} of ${api.name}`
  }

  async *bytes(from: number): Bytes {
    const { size } = this.#descriptor
    if (isManifestType(this.#descriptor.mediaType) && size > LIMITS.manifestBytes) throw this.#tooLarge()
    let at = from
    this.#progressAt = from
    if (from > 0 && from === size) return
    for (;;) {
      try {
        for await (const piece of await this.#open(at)) {
          at += piece.byteLength
          yield piece
        }
        if (at >= size) return
        await this.#pause(new NetworkFault(`the answer ended at byte ${at} of ${size}`, { transient: true }), at)
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!(error instanceof NetworkFault)) throw error
        await this.#pause(error, at)
      }
    }
  }

  async #pause(fault: NetworkFault, at: number): Promise<void> {
    if (at - this.#progressAt >= PROGRESS_BYTES) this.#breaks = 0
    this.#progressAt = at
    this.#breaks += 1
    const { retries } = this.#api.host
    await retries.pauseAfter(fault, {
      what: this.#what,
      signal: this.#signal,
      mayRepeat: () => true,
      attempt: this.#breaks,
    })
  }

  /** The bytes from `at` on. Asks the registry again, never a redirect's target, whose signature may have expired. */
  async #open(at: number): Promise<Bytes> {
    const range = at === 0 ? {} : { range: `bytes=${at}-` }
    const request = {
      what: this.#what,
      method: 'GET' as const,
      to: pathOf(this.#descriptor),
      headers: { ...acceptFor(this.#descriptor), ...range },
      signal: this.#signal,
    }
    const answer = await this.#api.call(request, at === 0 ? [200] : [200, 206])
    try {
      return this.#accept(answer, at)
    } catch (error) {
      await answer.body.return()
      throw error
    }
  }

  #accept(answer: Answer, at: number): Bytes {
    const { size } = this.#descriptor
    const length = answer.headers.get('content-length')
    const expected = answer.status === 206 ? size - at : size
    if (length !== undefined && length !== String(expected)) {
      throw mismatch(this.#descriptor, `an answer of ${length.slice(0, 20)} bytes where ${expected} are due`)
    }
    if (at === 0) this.#warnOfOtherType(answer)
    if (at === 0) return answer.body
    if (answer.status === 206) {
      const range = answer.headers.get('content-range') ?? 'none'
      if (range === `bytes ${at}-${size - 1}/${size}`) return answer.body
      throw protocolError(
        this.#api.host.place,
        `asked for ${this.#descriptor.digest} from byte ${at} of ${size}, it answers with the range ${range.slice(0, 80)}`,
      )
    }
    this.#restarts += 1
    if (this.#restarts > MAX_RESTARTS) {
      throw protocolError(this.#api.host.place, `${this.#descriptor.digest} breaks off, and ranges are not supported`)
    }
    return without(answer.body, at)
  }

  #warnOfOtherType(answer: Answer): void {
    const { mediaType, digest } = this.#descriptor
    const served = mediaTypeOf(answer.headers.get('content-type'))
    // The digest decides what the bytes are; with it, the descriptor's type holds (image-spec media-types.md).
    if (!isManifestType(mediaType) || served === undefined || served === mediaType) return
    this.#api.host.warn('CONTENT_TYPE_DIFFERS', `${digest} is ${mediaType}, but is served as another type`)
  }

  #tooLarge(): TransferError {
    const { digest, size } = this.#descriptor
    const message = `the manifest ${digest} of ${this.#api.name} has ${size} bytes; ${LIMITS.manifestBytes} are read`
    return new TransferError('ERR_LIMIT_EXCEEDED', message, { side: this.#api.host.place.side, subject: digest })
  }
}

/** What follows the first `count` bytes; they have been seen before, and the hash over all of them still decides. */
async function* without(bytes: Bytes, count: number): Bytes {
  let left = count
  for await (const piece of bytes) {
    if (piece.byteLength > left) yield left === 0 ? piece : piece.subarray(left)
    left = Math.max(0, left - piece.byteLength)
  }
}

async function* sized(bytes: Bytes, descriptor: Descriptor, from: number): Bytes {
  let size = from
  for await (const piece of bytes) {
    size += piece.byteLength
    if (size > descriptor.size) throw mismatch(descriptor, `more than ${descriptor.size} bytes`)
    yield piece
  }
}
