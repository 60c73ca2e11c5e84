/**
 * The alternate screen, empty, without a cursor: what was on the terminal is untouched below it. Lines are not wrapped by
 * the terminal: text that is wider there than was thought stays in its line.
 */
export const EMPTY_SCREEN = '\u001b[?25l\u001b[?7l\u001b[0m\u001b[2J\u001b[H'
export const ENTER_SCREEN = `\u001b[?1049h${EMPTY_SCREEN}`

/** Back to what was there, with the cursor to be seen. Harmless where it was said before. */
export const LEAVE_SCREEN = '\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l'

/** Terminals that know these show what is between them at once. */
export const START_PICTURE = '\u001b[?2026h'
export const END_PICTURE = '\u001b[?2026l'

/** A line in its place, counted from 1. Emptied first: after a full line, some terminals would erase its last character. */
export function lineAt(row: number, text: string): string {
  return `\u001b[${row};1H\u001b[0m\u001b[2K${text}`
}
