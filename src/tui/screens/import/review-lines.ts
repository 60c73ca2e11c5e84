import type { Review, ReviewNode } from '../../../import/review/review.js'
import { markedLines, packed, wrapLines } from '../../wrap-lines.js'

/** What is answered just now, if anything. */
export type Answering =
  | { readonly kind: 'reason'; readonly artifact: ReviewNode; readonly root: number }
  | { readonly kind: 'load'; readonly lines: readonly string[] }
  | { readonly kind: 'stop' }

export const STOP = 'Stop? Nothing has been written, and nothing will be.'

/** of reasons: the tree has them all */
export const HEAD_ROWS = 4

interface Head {
  readonly review: Review
  readonly why: readonly string[]
  readonly asked: number
  readonly columns: number
  readonly words: readonly string[]
}

/** What stands above the tree. */
export function headOf({ review, why, asked, columns, words }: Head): readonly string[] {
  if (!review.admitted) {
    const lines = why.flatMap((reason) => markedLines(reason, columns))
    return [...wrapLines('Nothing can be loaded. Esc: what to do next', columns), ...lines.slice(0, HEAD_ROWS)]
  }
  const again = asked < 2 ? [] : wrapLines('The target has changed while you were reading. Look again:', columns)
  return [...again, ...packed(words, columns)]
}

/** Rows that stand below the tree. */
export function footOf(foot: {
  readonly answering: Answering | undefined
  readonly told: string
  readonly columns: number
}) {
  const { answering, told, columns } = foot
  switch (answering?.kind) {
    case undefined:
      return told === '' ? 0 : wrapLines(told, columns).length
    case 'reason':
      return 3
    case 'load':
      return answering.lines.flatMap((line) => wrapLines(line, columns)).length + 1
    case 'stop':
      return wrapLines(STOP, columns).length + 1
  }
}
