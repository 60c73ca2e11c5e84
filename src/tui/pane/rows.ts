import { widthOf } from '../wrap-lines.js'

/** What takes one column each, for certain: most lines of most texts, which need no counting. */
const PLAIN = /^[\x20-\x7e│]*$/

/** A line in pieces that fit a width. A line without characters is one row too. */
export function rowsOf(line: string, width: number): readonly string[] {
  const cells = Math.max(2, width)
  const rows: string[] = []
  let row = ''
  let used = 0
  for (const character of line) {
    const takes = widthOf(character)
    if (used + takes > cells) {
      rows.push(row)
      row = ''
      used = 0
    }
    row += character
    used += takes
  }
  return [...rows, row]
}

/** Where each line begins when all of them are folded to a width: rows before it; and behind the last, all rows. */
export interface Folded {
  readonly lines: readonly string[]
  readonly width: number
  readonly starts: Int32Array
  /** rows of all lines */
  readonly total: number
}

/** Folds lines to a width without making the rows: only those that are seen are ever made. */
export function fold(lines: readonly string[], width: number): Folded {
  const starts = new Int32Array(lines.length + 1)
  let total = 0
  for (const [at, line] of lines.entries()) {
    starts[at] = total
    total += PLAIN.test(line) ? Math.max(1, Math.ceil(line.length / Math.max(2, width))) : rowsOf(line, width).length
  }
  starts[lines.length] = total
  return { lines, width, starts, total }
}

export function startOf({ starts }: Folded, line: number): number {
  return starts[line] ?? 0
}

/** The line of which a row is a part. */
export function lineAt({ starts, lines }: Folded, row: number): number {
  let low = 0
  let high = Math.max(0, lines.length - 1)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= row) low = middle
    else high = middle - 1
  }
  return low
}

export interface ShownRow {
  /** its number among all rows */
  readonly row: number
  readonly line: number
  readonly text: string
  /** the first row of its line */
  readonly first: boolean
}

/** Some rows, from one on. */
export function rowsFrom(folded: Folded, from: number, count: number): readonly ShownRow[] {
  const shown: ShownRow[] = []
  for (let line = lineAt(folded, from); line < folded.lines.length && shown.length < count; line += 1) {
    const start = startOf(folded, line)
    for (const [at, text] of rowsOf(folded.lines[line] ?? '', folded.width).entries()) {
      if (start + at >= from && shown.length < count) shown.push({ row: start + at, line, text, first: at === 0 })
    }
  }
  return shown
}
