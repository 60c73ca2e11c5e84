import { END_PICTURE, lineAt, START_PICTURE } from './terminal.js'

/**
 * What makes a screen that shows some lines show a frame: only lines that differ are written, each at a place of its
 * own. So a line that is wider than was thought, or that somebody else wrote over, disturbs no other line.
 */
export function paint(shown: readonly string[], frame: readonly string[], rows: number): string {
  const count = Math.min(rows, Math.max(shown.length, frame.length))
  const changed = Array.from({ length: count }, (_, at) => at).filter((at) => shown[at] !== (frame[at] ?? ''))
  if (changed.length === 0) return ''
  return START_PICTURE + changed.map((at) => lineAt(at + 1, frame[at] ?? '')).join('') + END_PICTURE
}

/**
 * What a frame says that the one before did not: for programs that read aloud what is written, and cannot see it. A line
 * that is only no longer the chosen one is not said again.
 */
export function newLines(said: readonly string[], frame: readonly string[]): readonly string[] {
  const known = new Set(said.flatMap((line) => [line, line.replace(CHOSEN, '').trim()]))
  return frame.filter((line) => line.trim() !== '' && !known.has(line) && !known.has(line.trim()))
}

const CHOSEN = /^\s*(?:›|chosen,)\s*/
