import { Box, Text } from 'ink'
import { memo } from 'react'
import { amount } from '../../encoding/amount.js'
import type { ReviewNode } from '../../import/review/review.js'
import { ACCENT, CHANGES, VERDICTS } from '../theme.js'

export interface TreeRowProps {
  readonly node: ReviewNode
  readonly depth: number
  readonly chosen: boolean
  readonly open: boolean
  /** a word of the screen's own in place of the verdict */
  readonly mark: string | undefined
  /** columns of the whole row */
  readonly columns: number
}

const VERDICT_COLUMNS = 9
const CHANGE_COLUMNS = 8
const SIZE_COLUMNS = 10
/** Below this there is no room for sizes. */
const ROOM_FOR_SIZES = 60

/** One line of the tree. The label is cut by Ink, which knows how wide characters are; all else is ASCII. */
export const TreeRow = memo(function TreeRow({ node, depth, chosen, open, mark, columns }: TreeRowProps) {
  const verdict = VERDICTS[node.verdict]
  const change = node.change === undefined ? undefined : CHANGES[node.change]
  const sizes = columns >= ROOM_FOR_SIZES
  const right = VERDICT_COLUMNS + CHANGE_COLUMNS + (sizes ? SIZE_COLUMNS : 0)
  const size = node.size === undefined ? '' : amount(node.size)
  return (
    <Box width={columns} height={1} aria-label={spoken({ node, depth, chosen, open, mark })}>
      <Box width={Math.max(1, columns - right)} height={1} flexShrink={0}>
        <Text wrap={wrapOf(node)} bold={chosen} {...(chosen ? { color: ACCENT } : {})}>
          {`${chosen ? '›' : ' '} ${' '.repeat(indent(depth, columns))}${twist(node, open)} ${node.label}`}
        </Text>
      </Box>
      <Box width={right} height={1} flexShrink={0}>
        <Text wrap="truncate">
          <Text color={mark === undefined ? verdict.color : ACCENT}>{column(mark ?? verdict.word)}</Text>
          <Text color={change?.color ?? ''}>{(change?.word ?? '').padEnd(CHANGE_COLUMNS)}</Text>
          {sizes ? size.padStart(SIZE_COLUMNS) : ''}
        </Text>
      </Box>
    </Box>
  )
})

/** Names differ at their ends. */
function wrapOf({ kind }: ReviewNode): 'truncate' | 'truncate-middle' {
  return kind === 'artifact' || kind === 'removed' || kind === 'bundle' ? 'truncate-middle' : 'truncate'
}

function column(word: string): string {
  return ` ${word.slice(0, VERDICT_COLUMNS - 2)}`.padEnd(VERDICT_COLUMNS)
}

/** Deep nodes keep room for their labels. */
function indent(depth: number, columns: number): number {
  return Math.min(depth * 2, Math.floor(columns / 4))
}

function twist({ children }: ReviewNode, open: boolean): string {
  if (children.length === 0) return ' '
  return open ? '▾' : '▸'
}

/** What a screen reader says of it. */
function spoken({ node, depth, chosen, open, mark }: Omit<TreeRowProps, 'columns'>): string {
  const { children, kind, label, verdict, change, size } = node
  const below = children.length === 0 ? '' : open ? 'open' : 'closed'
  const words = [
    chosen ? 'chosen' : '',
    `level ${depth + 1}`,
    kind,
    label,
    VERDICTS[verdict].word,
    mark ?? '',
    change === undefined ? '' : CHANGES[change].word,
    size === undefined ? '' : amount(size),
    below,
  ]
  return words.filter((word) => word !== '').join(', ')
}
