import type { Command } from '../keys.js'
import { type Folded, lineAt, startOf } from './rows.js'

/** Where somebody reads in a text. By line, so that it stays the place when the screen gets another width. */
export interface PaneState {
  readonly line: number
  /** rows of that line that are above the screen */
  readonly part: number
  /** what was searched for; nothing yet where it is empty */
  readonly query: string
  /** the line that has it */
  readonly hit?: number
}

export const AT_TOP: PaneState = { line: 0, part: 0, query: '' }

export interface PaneExtent {
  readonly folded: Folded
  /** rows that can be shown at once */
  readonly rows: number
}

/** The first row that is shown: never so low that the screen would be half empty. Pure. */
export function topOf({ line, part }: PaneState, { folded, rows }: PaneExtent): number {
  const row = Math.min(startOf(folded, line) + part, startOf(folded, line + 1) - 1)
  return Math.max(0, Math.min(row, folded.total - rows))
}

/** Where a command of the place `pane` leads. Pure. */
export function scrolled(state: PaneState, command: Command, extent: PaneExtent): PaneState {
  const { folded, rows } = extent
  const top = topOf(state, extent)
  const page = Math.max(1, rows - 1)
  switch (command) {
    case 'up':
      return shownFrom(state, top - 1, extent)
    case 'down':
      return shownFrom(state, top + 1, extent)
    case 'page-up':
      return shownFrom(state, top - page, extent)
    case 'page-down':
      return shownFrom(state, top + page, extent)
    case 'first':
      return shownFrom(state, 0, extent)
    case 'last':
      return shownFrom(state, folded.total, extent)
    case 'next-hit':
      return searched(state, state.query, { ...extent, back: false })
    case 'previous-hit':
      return searched(state, state.query, { ...extent, back: true })
    default:
      return state
  }
}

function shownFrom(state: PaneState, row: number, { folded, rows }: PaneExtent): PaneState {
  const top = Math.max(0, Math.min(row, folded.total - rows))
  const line = lineAt(folded, top)
  return { ...state, line, part: top - startOf(folded, line) }
}

/**
 * The next line with a text, in either case of its letters; from the last hit on, else from what is shown, and around
 * the end. Pure.
 */
export function searched(state: PaneState, query: string, given: PaneExtent & { readonly back: boolean }): PaneState {
  const { hit: before, ...rest } = state
  if (query === '') return { ...rest, query }
  const { folded, rows, back } = given
  const { lines } = folded
  const wanted = query.toLowerCase()
  const again = query === state.query && before !== undefined
  const from = again ? before + (back ? -1 : 1) : lineAt(folded, topOf(state, given))
  for (let steps = 0; steps < lines.length; steps += 1) {
    const at = (((from + (back ? -steps : steps)) % lines.length) + lines.length) % lines.length
    if (lines[at]?.toLowerCase().includes(wanted) !== true) continue
    const above = Math.floor(rows / 3)
    return { ...shownFrom({ ...rest, query }, startOf(folded, at) - above, given), hit: at }
  }
  return { ...rest, query }
}
