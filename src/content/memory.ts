import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { parseManifest } from '../oci/manifest.js'
import { isManifestType } from '../oci/media-types.js'
import type { Selector } from '../oci/reference.js'
import { saidOf } from './layout-scan.js'
import { readAll } from './read-all.js'
import type { Bytes, CallOptions, ContentSink, ContentSource, FetchOptions, TagList } from './store.js'
import { mismatch, verified } from './verified.js'

/** A repository in memory: for tests, and for what is made before it is written anywhere. */
export interface MemoryStore extends ContentSource, ContentSink, TagList {
  /** Everything that is stored, in the order in which it came. */
  readonly stored: readonly Descriptor[]
  readonly tags: ReadonlyMap<string, Descriptor>
  /** Puts bytes there unchecked, as a medium would that is damaged or lies. */
  hold(descriptor: Descriptor, bytes: Uint8Array): void
}

export function memoryStore(): MemoryStore {
  return new Memory()
}

interface Held {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

class Memory implements MemoryStore {
  readonly #held = new Map<Digest, Held>()
  readonly #tags = new Map<string, Descriptor>()

  get stored(): readonly Descriptor[] {
    return [...this.#held.values()].map((held) => held.descriptor)
  }

  get tags(): ReadonlyMap<string, Descriptor> {
    return this.#tags
  }

  hold(descriptor: Descriptor, bytes: Uint8Array): void {
    this.#held.set(descriptor.digest, { descriptor: bare(descriptor), bytes })
  }

  async resolve(selector: Selector, call: CallOptions): Promise<Descriptor> {
    call.signal.throwIfAborted()
    if (selector.kind === 'tag') return this.#tags.get(selector.tag) ?? absent(selector.tag)
    const found = this.#held.get(selector.digest)?.descriptor
    return found !== undefined && isManifestType(found.mediaType) ? found : absent(selector.digest)
  }

  async *fetch(descriptor: Descriptor, call: FetchOptions): Bytes {
    call.signal.throwIfAborted()
    const held = this.#held.get(descriptor.digest)
    if (held === undefined) return absent(descriptor.digest)
    if (held.bytes.byteLength !== descriptor.size) throw mismatch(descriptor, `${held.bytes.byteLength} bytes`)
    const from = call.from ?? 0
    const bytes = pieces(held.bytes.subarray(from), call)
    yield* from === 0 ? verified(bytes, descriptor) : bytes
  }

  async *referrers(subject: Descriptor, call: CallOptions): AsyncIterable<Descriptor> {
    call.signal.throwIfAborted()
    for (const { descriptor, bytes } of this.#held.values()) {
      if (!isManifestType(descriptor.mediaType)) continue
      const manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest)
      if (manifest.subject?.digest === subject.digest) yield { ...descriptor, ...saidOf(manifest) }
    }
  }

  async *listTags(call: CallOptions): AsyncIterable<string> {
    call.signal.throwIfAborted()
    yield* [...this.#tags.keys()].sort()
  }

  async has(descriptor: Descriptor, call: CallOptions): Promise<boolean> {
    call.signal.throwIfAborted()
    return this.#held.has(descriptor.digest)
  }

  async push(descriptor: Descriptor, bytes: Bytes, call: CallOptions): Promise<void> {
    call.signal.throwIfAborted()
    const isManifest = isManifestType(descriptor.mediaType)
    const limit = isManifest ? LIMITS.manifestBytes : descriptor.size
    const content = await readAll(verified(bytes, descriptor), limit, descriptor.digest)
    call.signal.throwIfAborted()
    if (isManifest) parseManifest(content, descriptor.mediaType, descriptor.digest)
    this.hold(descriptor, new Uint8Array(content)) // a copy: `slice` of a Buffer is none
  }

  async tag(descriptor: Descriptor, tag: string, call: CallOptions): Promise<void> {
    call.signal.throwIfAborted()
    if (!this.#held.has(descriptor.digest)) absent(descriptor.digest)
    this.#tags.set(tag, bare(descriptor))
  }
}

const PIECE = 1024 * 1024

async function* pieces(bytes: Uint8Array, call: CallOptions): Bytes {
  for (let at = 0; at < bytes.byteLength; at += PIECE) {
    call.signal.throwIfAborted()
    yield bytes.subarray(at, at + PIECE)
  }
}

function absent(what: string): never {
  throw new TransferError('ERR_NOT_FOUND', `there is no ${what}`, { subject: what })
}
