import { useRef, useState } from 'react'
import type { Command } from './keys.js'
import { AT_START, type Cursor, type Extent, moved, seen } from './scroll.js'

export interface KeptCursor {
  /** what is drawn */
  readonly cursor: Cursor
  /** where it is after every key so far: several can come before the next picture */
  readonly now: () => Cursor
  readonly move: (command: Command) => void
  readonly set: (cursor: Cursor) => void
}

/** A cursor among lines that can change, on a screen that can change. */
export function useCursor(extent: Extent): KeptCursor {
  const kept = useRef(AT_START)
  const [, redraw] = useState(0)
  const set = (cursor: Cursor): void => {
    kept.current = cursor
    redraw((count) => count + 1)
  }
  kept.current = seen(kept.current, extent)
  return {
    cursor: kept.current,
    now: () => kept.current,
    move: (command) => set(moved(kept.current, command, extent)),
    set,
  }
}
