/**
 * A text as lines of at most so many columns, broken at blanks where there are some. A character takes two columns where
 * it could: a line that is shorter than it might be disturbs nothing. Pure.
 */
export function wrapLines(text: string, columns: number): readonly string[] {
  const most = Math.max(2, columns)
  const lines = ['']
  let used = 0
  for (const piece of (text.match(/\s+|\S+/gu) ?? []).flatMap((word) => cut(word, most))) {
    const width = widthOf(piece)
    if (used + width > most) {
      lines.push('')
      used = 0
      if (piece.trim() === '') continue
    }
    lines[lines.length - 1] += piece
    used += width
  }
  const trimmed = lines.map((line) => line.trimEnd())
  return trimmed.length > 1 ? trimmed.filter((line) => line !== '') : trimmed
}

/**
 * The same, with a mark before each line that goes on: what a foreign text says in its middle never begins a line, where a
 * verdict stands. Pure.
 */
export function markedLines(text: string, columns: number): readonly string[] {
  if (widthOf(text) <= columns) return [text.trimEnd()]
  return wrapLines(text, columns - GOES_ON.length).map((line, at) =>
    at === 0 ? line : `${GOES_ON}${line.trimStart()}`,
  )
}

const GOES_ON = '  ↳ '

function cut(word: string, most: number): readonly string[] {
  if (widthOf(word) <= most) return [word]
  const pieces = ['']
  let used = 0
  for (const step of word.match(STEP) ?? []) {
    const width = widthOf(step)
    if (used + width > most) {
      pieces.push('')
      used = 0
    }
    pieces[pieces.length - 1] += step
    used += width
  }
  return pieces
}

/** Short texts beside each other, and below each other where they do not fit. Pure. */
export function packed(parts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = []
  for (const part of parts) {
    const joined = `${lines.at(-1) ?? ''} · ${part}`
    if (lines.length > 0 && widthOf(joined) <= columns) lines[lines.length - 1] = joined
    else lines.push(part)
  }
  return lines
}

const STEP = /\P{M}\p{M}*|\p{M}+/gu

/** Columns that a text takes at most. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

const MARK = /\p{M}/u
// East Asian scripts and their forms, and whatever is drawn as a picture (UAX #11: wide, fullwidth).
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1f000}-\u{3fffd}]|\p{Emoji_Presentation}/u
