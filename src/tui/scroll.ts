import type { Command } from './keys.js'

/** A line among many, of which a part is shown. */
export interface Cursor {
  /** the line that is chosen */
  readonly at: number
  /** the first line that is shown */
  readonly top: number
}

export const AT_START: Cursor = { at: 0, top: 0 }

export interface Extent {
  /** lines that there are */
  readonly count: number
  /** lines that can be shown at once */
  readonly rows: number
}

/** Where a command of the places `list` and `pane` leads; any other leaves the cursor where it is. Pure. */
export function moved(cursor: Cursor, command: Command, { count, rows }: Extent): Cursor {
  return seen({ ...cursor, at: target(cursor.at, command, { count, rows }) }, { count, rows })
}

function target(at: number, command: Command, { count, rows }: Extent): number {
  switch (command) {
    case 'up':
      return at - 1
    case 'down':
      return at + 1
    case 'page-up':
      return at - Math.max(1, rows - 1)
    case 'page-down':
      return at + Math.max(1, rows - 1)
    case 'first':
      return 0
    case 'last':
      return count - 1
    default:
      return at
  }
}

/** The same line, within what there is and within what is shown: after a resize, or when lines have gone. Pure. */
export function seen({ at, top }: Cursor, { count, rows }: Extent): Cursor {
  const line = clamp(at, 0, count - 1)
  const first = clamp(top, line - Math.max(1, rows) + 1, line)
  return { at: line, top: clamp(first, 0, count - rows) }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(0, least, Math.min(value, most))
}
