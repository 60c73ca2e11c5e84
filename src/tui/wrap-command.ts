import { widthOf } from './wrap-lines.js'

/**
 * A command on as many lines as it needs, each of which goes on behind a backslash: what is copied from the screen is the
 * same command. Broken at blanks, and within words that are too wide for any line, but where a margin would come between
 * their parts. Pure.
 */
export function wrapCommand(command: string, columns: number, { margin = false } = {}): readonly string[] {
  const most = Math.max(8, columns)
  const lines: string[] = []
  for (const word of command.match(WORD) ?? []) {
    const last = lines.at(-1)
    const [first = '', ...rest] = margin || widthOf(word) + 2 <= most ? [word] : pieces(word, most)
    if (last !== undefined && rest.length === 0 && widthOf(`${last} ${word} \\`) <= most) {
      lines[lines.length - 1] = `${last} ${word}`
      continue
    }
    if (last !== undefined) lines[lines.length - 1] = `${last} \\`
    lines.push(first)
    for (const piece of rest) {
      lines[lines.length - 1] += '\\'
      lines.push(piece)
    }
  }
  return lines
}

/** What a shell takes for one word: within its quotes a backslash ends no line. */
const WORD = /(?:'[^']*'|\\.|[^\s'\\])+/gsu
/** A backslash, the blank before it, and two quotes. */
const ROOM = 4

/** A shell joins what stands on both sides of a backslash at a line's end. A word of several parts is left as it is. */
function pieces(word: string, most: number): readonly string[] {
  const quoted = /^'([^']*)'$/su.exec(word)
  if (quoted === null && /['\\]/.test(word)) return [word]
  const parts = ['']
  for (const character of quoted?.[1] ?? word) {
    if (widthOf(`${parts.at(-1)}${character}`) > most - ROOM) parts.push('')
    parts[parts.length - 1] += character
  }
  return quoted === null ? parts : parts.map((part) => `'${part}'`)
}
