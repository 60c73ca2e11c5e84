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
  /** false where nothing in the tree has a change: its column is left out */
  readonly changes: boolean
}

const VERDICT_COLUMNS = 8
const CHANGE_COLUMNS = 8
const SIZE_COLUMNS = 10
/** Below this there is no room for sizes. */
const ROOM_FOR_SIZES = 60

/**
 * One line of the tree. What is judged stands before the label, in columns that the label cannot reach: a certificate may
 * be called `ok  VERIFIED`. The label is cut by Ink, which knows how wide characters are; all before it is ASCII.
 */
export const TreeRow = memo(function TreeRow({ node, depth, chosen, open, mark, columns, changes }: TreeRowProps) {
  const verdict = VERDICTS[node.verdict]
  const change = node.change === undefined ? undefined : CHANGES[node.change]
  const left = 2 + VERDICT_COLUMNS + (changes ? CHANGE_COLUMNS : 0)
  const right = columns >= ROOM_FOR_SIZES ? SIZE_COLUMNS : 0
  const size = node.size === undefined ? '' : amount(node.size)
  const look = { bold: chosen, ...(chosen ? { color: ACCENT } : {}) }
  return (
    <Box width={columns} height={1} aria-label={spoken({ node, depth, chosen, open, mark })}>
      <Box width={left} height={1} flexShrink={0}>
        <Text wrap="truncate">
          <Text {...look}>{chosen ? '› ' : '  '}</Text>
          <Text color={mark === undefined ? verdict.color : ACCENT}>{column(mark ?? verdict.word)}</Text>
          {changes ? <Text color={change?.color ?? ''}>{(change?.word ?? '').padEnd(CHANGE_COLUMNS)}</Text> : ''}
        </Text>
      </Box>
      <Box width={Math.max(1, columns - left - right)} height={1} flexShrink={0}>
        <Text wrap={wrapOf(node)} {...look}>
          {`${' '.repeat(indent(depth, columns))}${twist(node, open)} ${node.label}`}
        </Text>
      </Box>
      {right === 0 ? null : (
        <Box width={right} height={1} flexShrink={0}>
          <Text wrap="truncate">{size.padStart(right)}</Text>
        </Box>
      )}
    </Box>
  )
})

const NAMED: readonly ReviewNode['kind'][] = ['artifact', 'removed', 'bundle', 'signature', 'certificate']

/** Names differ at their ends. */
function wrapOf({ kind }: ReviewNode): 'truncate' | 'truncate-middle' {
  return NAMED.includes(kind) ? 'truncate-middle' : 'truncate'
}

function column(word: string): string {
  return word.slice(0, VERDICT_COLUMNS - 1).padEnd(VERDICT_COLUMNS)
}

/** Deep nodes keep room for their labels. */
function indent(depth: number, columns: number): number {
  return Math.min(depth * 2, Math.floor(columns / 4))
}

function twist({ children }: ReviewNode, open: boolean): string {
  if (children.length === 0) return ' '
  return open ? '▾' : '▸'
}

/** What a screen reader says of it: what is judged first, since the rest is somebody's word. */
function spoken({ node, depth, chosen, open, mark }: Omit<TreeRowProps, 'columns' | 'changes'>): string {
  const { children, kind, label, verdict, change, size } = node
  const below = children.length === 0 ? '' : open ? 'open' : 'closed'
  const words = [
    chosen ? 'chosen' : '',
    mark ?? VERDICTS[verdict].word,
    change === undefined ? '' : CHANGES[change].word,
    `level ${depth + 1}`,
    kind,
    label,
    size === undefined ? '' : amount(size),
    below,
  ]
  return words.filter((word) => word !== '').join(', ')
}
