import { type Key, useInput } from 'ink'
import { createContext, type ReactNode, useContext, useLayoutEffect, useRef } from 'react'

type Listener = (input: string, key: Key) => void

const Listeners = createContext<Set<Listener> | undefined>(undefined)

/**
 * Hears every key for everything below it. What Ink gives listens from some time after the first picture on, and loses
 * the keys of whoever is faster than that; it listens once and for all here.
 */
export function TypedKeys({ children }: { readonly children: ReactNode }) {
  const { current: listeners } = useRef(new Set<Listener>())
  useInput((input, key) => {
    for (const listener of [...listeners]) listener(input, key)
  })
  return <Listeners value={listeners}>{children}</Listeners>
}

/** Tells of each key from the first picture on, and always the function of the last one. */
export function useTyped(on: Listener, { isActive }: { readonly isActive: boolean }): void {
  const listeners = useContext(Listeners)
  const latest = useRef(on)
  latest.current = on
  useInput(on, { isActive: isActive && listeners === undefined })
  useLayoutEffect(() => {
    if (!isActive || listeners === undefined) return undefined
    const listener: Listener = (input, key) => latest.current(input, key)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [isActive, listeners])
}
