import { useEffect, useState } from 'react'
import { endOfFault } from '../../work.js'

export interface Asked<T> {
  /** undefined while it is asked for */
  readonly found?: T
  /** why it cannot be had, printable */
  readonly fault?: string
}

/**
 * Asks for something, and once more where `key` has changed: what was asked before is stopped, and its answer forgotten.
 * @param key says what is asked; empty: nothing is
 */
export function useAsked<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<{ readonly about: string; readonly answer: Asked<T> }>({ about: key, answer: {} })
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked is said by the key alone
  useEffect(() => {
    if (key === '') return undefined
    const stop = new AbortController()
    ask(stop.signal).then(
      (found) => stop.signal.aborted || setAsked({ about: key, answer: { found } }),
      (cause: unknown) =>
        stop.signal.aborted || setAsked({ about: key, answer: { fault: endOfFault(cause).headline } }),
    )
    return () => stop.abort()
  }, [key])
  return asked.about === key ? asked.answer : {}
}
