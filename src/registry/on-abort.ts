interface Waiting {
  readonly stops: Set<() => void>
  readonly listener: () => void
}

const waiting = new WeakMap<AbortSignal, Waiting>()

/**
 * Calls `stop` when the signal is aborted, until the function that is returned is called. A signal gets one listener
 * however many requests share it, because Node warns of a leak after ten; and none when there are no requests, because
 * a combined signal with a listener is never collected.
 */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  const { stops } = waiting.get(signal) ?? listen(signal)
  // Each call is an entry of its own, even where the same function is given twice.
  const entry = (): void => stop()
  stops.add(entry)
  return () => {
    stops.delete(entry)
    if (stops.size === 0) unlisten(signal, stops)
  }
}

function listen(signal: AbortSignal): Waiting {
  const stops = new Set<() => void>()
  const listener = (): void => {
    unlisten(signal, stops)
    for (const stop of stops) stop()
  }
  const entry = { stops, listener }
  waiting.set(signal, entry)
  signal.addEventListener('abort', listener)
  return entry
}

function unlisten(signal: AbortSignal, stops: Waiting['stops']): void {
  const known = waiting.get(signal)
  if (known?.stops !== stops) return
  signal.removeEventListener('abort', known.listener)
  waiting.delete(signal)
}
