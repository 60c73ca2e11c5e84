const LONGEST = 64

/** The word of a list that somebody most likely meant, or undefined where none is near: two letters off, and fewer in short ones. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined
  const wanted = fold(word)
  let best: string | undefined
  let least = Math.min(2, Math.floor(wanted.length / 3)) + 1
  for (const one of known) {
    const off = wanted.length >= 3 && fold(one).startsWith(wanted) ? 1 : distance(wanted, fold(one))
    if (off >= least) continue
    best = one
    least = off
  }
  return best
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, '')
}

/** Letters that have to be changed, added, left out, or swapped with their neighbour. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2 || other.length > LONGEST) return LONGEST
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, to) => to)]
  const cost = (at: number, to: number): number => rows[at]?.[to] ?? LONGEST
  for (let at = 1; at <= one.length; at += 1) {
    const row = [at]
    rows.push(row)
    for (let to = 1; to <= other.length; to += 1) {
      const same = one[at - 1] === other[to - 1] ? 0 : 1
      const swapped =
        one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1] ? cost(at - 2, to - 2) + 1 : LONGEST
      row.push(Math.min(cost(at - 1, to) + 1, cost(at, to - 1) + 1, cost(at - 1, to - 1) + same, swapped))
    }
  }
  return cost(one.length, other.length)
}
