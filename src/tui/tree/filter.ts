import type { ReviewNode } from '../../import/review/review.js'
import { CHANGES, VERDICTS } from '../theme.js'
import type { TreeIndex } from './tree-index.js'

/** What a filter finds in a tree, by number of node. */
export interface Hits {
  readonly text: string
  /** 1 for a node in which every word is */
  readonly hit: Uint8Array
  /** 1 for a hit, and for all that is above one */
  readonly kept: Uint8Array
  /** 1 for a hit, and for all that is below one */
  readonly within: Uint8Array
  readonly count: number
}

/**
 * Finds the nodes in which every word of a text is: in the label, or in the words for verdict, change and kind. Case does
 * not count.
 * @param earlier what was found for another text; where this one only adds to it, nothing else is looked at
 * @returns undefined for a text without a word
 */
export function findHits(index: TreeIndex, text: string, earlier?: Hits): Hits | undefined {
  const words = folded(text)
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return undefined
  const texts = textsOf(index)
  const narrower = earlier !== undefined && text.startsWith(earlier.text) ? earlier.hit : undefined
  const hit = new Uint8Array(texts.length)
  texts.forEach((one, at) => {
    if (narrower?.[at] !== 0 && words.every((word) => one.includes(word))) hit[at] = 1
  })
  return { text, hit, ...around(index, hit) }
}

/** What is above hits and what is below them. */
function around(index: TreeIndex, hit: Uint8Array): Pick<Hits, 'kept' | 'within' | 'count'> {
  const kept = new Uint8Array(hit.length)
  const within = new Uint8Array(hit.length)
  let count = 0
  for (let at = 0; at < hit.length; at += 1) {
    within[at] = hit[at] || within[index.parents[at] ?? -1] || 0
    if (hit[at] !== 1) continue
    count += 1
    for (let one = at; one >= 0 && kept[one] !== 1; one = index.parents[one] ?? -1) kept[one] = 1
  }
  return { kept, within, count }
}

// Made once for a tree, when somebody filters it.
const known = new WeakMap<TreeIndex, readonly string[]>()

/** Does what the first letter of a filter would wait for. */
export function prepareFilter(index: TreeIndex): void {
  textsOf(index)
}

function textsOf(index: TreeIndex): readonly string[] {
  const texts = known.get(index) ?? index.nodes.map(textOf)
  known.set(index, texts)
  return texts
}

function textOf({ label, verdict, change, kind }: ReviewNode): string {
  const { word } = VERDICTS[verdict]
  return folded(`${label}\n${word}\n${change === undefined ? '' : CHANGES[change].word}\n${kind}`)
}

/** A letter with its accent is the same, whether it is one character or two. */
function folded(text: string): string {
  return text.normalize('NFC').toLowerCase()
}
