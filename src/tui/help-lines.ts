import { KEYS, type KeyPlace, keyName } from './keys.js'
import { wrapLines } from './wrap-lines.js'

const PLACES: Readonly<Record<KeyPlace, string>> = {
  always: 'Always',
  everywhere: 'Everywhere',
  list: 'In lists',
  tree: 'In trees',
  review: 'In the review',
  transfer: 'While work is running',
  form: 'In forms',
  option: 'On an option',
  names: 'In lists of names',
  question: 'At a question',
  pane: 'In texts',
  opening: 'While an audit begins',
  audit: 'In an audit',
  end: 'At the end',
}

/** A column of keys and what they do: wide enough for each key, and for its words in a few lines. */
const COLUMN = 38
const NAMES = 14
const GAP = 2

/** The one table of keys in lines of at most so many columns, place by place; beside each other where there is room. */
export function helpLines(columns: number): readonly string[] {
  const places = (Object.keys(PLACES) as KeyPlace[]).map(placeLines)
  const across = Math.max(1, Math.floor((columns + GAP) / (COLUMN + GAP)))
  const height = Math.ceil(places.flat().length / across)
  const stacks: string[][] = [[]]
  for (const lines of places) {
    const last = stacks.at(-1) ?? []
    // A place stays in one column.
    if (last.length > 0 && stacks.length < across && last.length + lines.length / 2 > height) stacks.push([...lines])
    else last.push(...lines)
  }
  const rows = Math.max(...stacks.map((stack) => stack.length))
  return Array.from({ length: rows }, (_, row) =>
    stacks
      .map((stack) => (stack[row] ?? '').padEnd(COLUMN + GAP))
      .join('')
      .trimEnd(),
  )
}

function placeLines(place: KeyPlace): readonly string[] {
  const keys = KEYS.filter((one) => one.place === place).flatMap((one) => {
    const names = one.keys.map(keyName).join(' ')
    return wrapLines(one.help, COLUMN - NAMES - 1).map(
      (words, at) => `${(at === 0 ? names : '').padEnd(NAMES)} ${words}`,
    )
  })
  return [PLACES[place], ...keys]
}
