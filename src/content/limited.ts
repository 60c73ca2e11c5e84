import { setMaxListeners } from 'node:events'

export interface LimitedOptions {
  readonly limit: number
  readonly signal: AbortSignal
}

/**
 * Runs `work` for every item, at most `limit` at a time: the one concurrency primitive. The first failure cancels the
 * siblings through the signal they are given, all of them are awaited, and the failure is thrown unchanged.
 */
export async function limited<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: LimitedOptions,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  // As many listen as there is work under way; Node takes more than ten for a leak, and says so on stderr.
  setMaxListeners(0, signal)
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  const fail = (cause: unknown): void => {
    failures.push(cause)
    stop.abort(cause)
  }
  try {
    for await (const item of items) {
      if (signal.aborted) break
      const task: Promise<void> = work(item, signal)
        .catch(fail)
        .finally(() => running.delete(task))
      running.add(task)
      if (running.size >= options.limit) await Promise.race(running)
    }
  } catch (cause) {
    fail(cause) // the iterator itself may fail: still wait for the running ones
  }
  await Promise.all(running)
  options.signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
}
