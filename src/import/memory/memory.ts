import type { CallOptions } from '../../content/store.js'
import type { ImporterState, StreamState } from './state.js'
import type { StreamRecord } from './stream-record.js'

/** Where an importer remembers what it has let in: a folder, or a repository of its target. */
export interface ImporterMemory {
  /** What is remembered; nothing is written. @throws ERR_STATE_DAMAGED, ERR_MEDIUM, ERR_LIMIT_EXCEEDED */
  recall(call: CallOptions): Promise<ImporterState>
  /**
   * Refuses a stream of which nothing is remembered, where the operator wants to know of it; nothing is asked or written.
   * @throws ERR_STATE_DAMAGED
   */
  requireKnown(stream: string, known: StreamState | undefined): void
  /**
   * Takes a stream for this import, so that of two only one goes on.
   * @param known what a verification stands on; where more is remembered by now, it is refused
   * @throws ERR_STATE_BUSY, ERR_STATE_DAMAGED, ERR_MEDIUM
   */
  take(stream: string, known: StreamState | undefined, call: CallOptions): Promise<TakenStream>
}

/** A stream that this import alone goes on with, until it is closed. */
export interface TakenStream {
  /**
   * Remembers a bundle when all of its content is there, and none of its names: from now on nothing older is let in,
   * whatever happens to this import. It can be done again with the same bundle.
   * @param given `naming`: whether any name is going to be set, which others have to know of
   * @returns whether there was something to add
   * @throws ERR_DISK_FULL, ERR_MEDIUM, ERR_STATE_BUSY
   */
  begin(record: StreamRecord, given: CallOptions & { readonly naming: boolean }): Promise<boolean>
  /**
   * To be asked before each name: whether this import still may set names. One that slept in between may have been taken
   * for dead, and others have gone on.
   * @throws ERR_STATE_BUSY
   */
  requireHeld(): void
  /** All names are set. */
  end(call: CallOptions): Promise<void>
  close(): Promise<void>
}
