import type { Descriptor } from '../oci/descriptor.js'
import type { Repository, Selector } from '../oci/reference.js'

/** Content as it moves: checked where it is made, committed only at its end. */
export type Bytes = AsyncIterable<Uint8Array>

/** What every call that takes time is given. */
export interface CallOptions {
  readonly signal: AbortSignal
}

export interface FetchOptions extends CallOptions {
  /** Resume at this byte; what comes before is hashed by the caller, so the stream checks the size alone. */
  readonly from?: number
}

/** One repository to read from. */
export interface ContentSource {
  /** @throws ERR_NOT_FOUND where there is no such tag or digest */
  resolve(selector: Selector, call: CallOptions): Promise<Descriptor>
  /** The stream throws ERR_CONTENT_MISMATCH rather than end on other bytes. */
  fetch(descriptor: Descriptor, call: FetchOptions): Bytes
  /** Throws when it could not ask; an empty result means that there are none. */
  referrers(subject: Descriptor, call: CallOptions): AsyncIterable<Descriptor>
}

/** One repository whose tags can be listed; not every source of content has such a list. */
export interface TagList {
  /**
   * Every tag, in the order in which they are told; one that comes or goes meanwhile may be told or not. Throws when it
   * could not ask; an empty result means that there are none.
   * @throws ERR_NOT_FOUND where there is no such repository
   */
  listTags(call: CallOptions): AsyncIterable<string>
}

/** One repository to write to. Nothing half-written is ever visible. */
export interface ContentSink {
  has(descriptor: Descriptor, call: CallOptions): Promise<boolean>
  /** Stores the bytes, or throws and stores nothing. Manifests are told from blobs by their media type. */
  push(descriptor: Descriptor, bytes: Bytes, call: CallOptions): Promise<void>
  tag(descriptor: Descriptor, tag: string, call: CallOptions): Promise<void>
  /** True where the content could be taken from a sister repository without sending it. */
  mount?(descriptor: Descriptor, from: Repository, call: CallOptions): Promise<boolean>
}

/** How the use cases come by a repository; `cli/compose.ts` knows which implementation it is. */
export type OpenSource = (repository: Repository) => Promise<ContentSource>
export type OpenSink = (repository: Repository) => Promise<ContentSink>
