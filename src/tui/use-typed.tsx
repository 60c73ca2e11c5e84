import { type Key, useInput } from 'ink'
import { createContext, type ReactNode, useContext, useLayoutEffect, useRef } from 'react'

type Listener = (input: string, key: Key) => void

const Listeners = createContext<Set<Listener> | undefined>(undefined)

/**
 * Hears every key for everything below it. What Ink gives listens from some time after the first picture on, and loses
 * the keys of whoever is faster than that; it listens once and for all here. Keys that come together are told one after
 * the other, so that each meets the screen that the one before has made.
 */
export function TypedKeys({ children }: { readonly children: ReactNode }) {
  const { current: listeners } = useRef(new Set<Listener>())
  const { current: waiting } = useRef<Parameters<Listener>[]>([])
  const tellNext = (): void => {
    const typed = waiting[0]
    if (typed === undefined) return
    for (const listener of [...listeners]) listener(...typed)
    // React draws what that has changed with the next immediate, which it asks for when this turn is over: the one after
    // it comes behind that, and a timer that is due might not.
    setImmediate(() => {
      setImmediate(() => {
        waiting.shift()
        tellNext()
      })
    })
  }
  useInput((input, key) => {
    waiting.push([input, key])
    if (waiting.length === 1) tellNext()
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
