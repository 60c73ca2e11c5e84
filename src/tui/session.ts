import type { Emit } from '../events.js'
import { type Happening, isRunning, next, type State } from './state.js'

/**
 * Time between the first event that is not shown and the picture that shows it: five pictures a second, below the promised
 * fifteen. A picture costs ten times as much as all events that it is about, and nobody reads faster (docs/performance.md).
 */
const FRAME_MS = 200
/** While work is running a picture comes so often without any event: what stands still is seen to stand still. */
const BEAT_MS = 1000

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
 * Holds the state outside of React: ten thousand events a second are folded one by one, and drawn five times a second.
 * React would draw for each of them.
 */
export function createSession(start: State, { now }: SessionOptions): Session {
  let state = start
  let shown = start
  let picture: ReturnType<typeof setTimeout> | undefined
  let beat: ReturnType<typeof setTimeout> | undefined
  let closed = false
  const listeners = new Set<() => void>()
  const tick = (): void => {
    state = next(state, { type: 'tick', atMs: now() })
  }
  const show = (): void => {
    clearTimeout(picture)
    clearTimeout(beat)
    picture = undefined
    if (!closed && isRunning(state.work)) beat = setTimeout(ticked, BEAT_MS)
    if (shown === state) return
    shown = state
    for (const listener of [...listeners]) listener()
  }
  const ticked = (): void => {
    tick()
    show()
  }
  return {
    shown: () => shown,
    tell(happening) {
      tick()
      state = next(state, happening)
      show()
    },
    emit(event) {
      state = next(state, { type: 'transfer', event, atMs: now() })
      if (!closed) picture ??= setTimeout(show, FRAME_MS)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      clearTimeout(picture)
      clearTimeout(beat)
      listeners.clear()
    },
  }
}
