import { reopenable } from './reopenable.js'
import type { Bytes, CallOptions } from './store.js'

export interface WatchOptions extends CallOptions {
  /** Awaited before each piece is read: it holds the bytes back while somebody has paused the work. */
  readonly ready?: (() => Promise<void>) | undefined
  /** The reading begins, or begins anew. */
  readonly started?: () => void
  /** So many bytes more have been handed on. */
  readonly moved?: (bytes: number) => void
}

/**
 * The same bytes, watched and held back. They can be read again as those that are given can. Nobody tells a registry that
 * a push is paused: one that closes a connection on which nothing comes is sent the blob once more when it goes on.
 * @throws the signal's reason, at once, also while they are held back
 */
export function watched(bytes: Bytes, given: WatchOptions): Bytes {
  return reopenable(() => watch(bytes, given))
}

async function* watch(bytes: Bytes, { ready, started, moved, signal }: WatchOptions): Bytes {
  started?.()
  if (ready !== undefined) await unlessStopped(ready, signal)
  for await (const piece of bytes) {
    yield piece
    moved?.(piece.byteLength)
    if (ready !== undefined) await unlessStopped(ready, signal)
  }
}

/** Waits for leave to go on, or throws the reason where all of it is stopped meanwhile. */
export async function unlessStopped(ready: () => Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([ready(), stopped])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}
