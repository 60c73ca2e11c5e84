import type { Emit } from '../events.js'
import { type Happening, next, type State } from './state.js'

/** Least time between two pictures that nobody asked for by a key: ten a second, below the promised fifteen. */
const FRAME_MS = 100

export interface Session {
  /** What is shown: it stays the same until listeners are told. */
  readonly shown: () => State
  /** Something that a person did, or that must be seen at once. */
  readonly tell: (happening: Happening) => void
  /** For the work: folded at once, shown with the next picture, however many come. */
  readonly emit: Emit
  readonly subscribe: (listener: () => void) => () => void
  readonly close: () => void
}

export interface SessionOptions {
  /** milliseconds that only grow */
  readonly now: () => number
}

/**
 * Holds the state outside of React: ten thousand events a second are folded one by one, and drawn ten times a second.
 * React would draw for each of them.
 */
export function createSession(start: State, { now }: SessionOptions): Session {
  let state = start
  let shown = start
  let timer: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()
  const show = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (shown === state) return
    shown = state
    for (const listener of [...listeners]) listener()
  }
  return {
    shown: () => shown,
    tell(happening) {
      state = next(state, happening)
      show()
    },
    emit(event) {
      state = next(state, { type: 'transfer', event, atMs: now() })
      timer ??= setTimeout(show, FRAME_MS)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      clearTimeout(timer)
      listeners.clear()
    },
  }
}
