import { Box, Text } from 'ink'
import { useEffect, useMemo, useState } from 'react'
import { printable } from '../../encoding/printable.js'
import type { ReviewNode } from '../../import/review/review.js'
import { TextField } from '../components/text-field.js'
import type { Command, KeyPlace } from '../keys.js'
import { useKeys } from '../use-keys.js'
import { Details } from './details.js'
import { prepareFilter } from './filter.js'
import { TreeRow } from './tree-row.js'
import { chosenNode, isOpen, rowOf, type TreeState } from './tree-state.js'
import { useTree } from './use-tree.js'

export interface TreeProps {
  /** The same array as long as nothing has changed. */
  readonly nodes: readonly ReviewNode[]
  /** of the screen, at least 3; the last one says where one is */
  readonly rows: number
  readonly columns: number
  /** false while something else has the keys */
  readonly active: boolean
  /** a word of the screen's own about a node, in place of its verdict: plain letters, at most 7 */
  readonly marks?: (node: ReviewNode) => string | undefined
  /** places whose commands the screen wants, beside those of the tree */
  readonly places?: readonly KeyPlace[]
  /** A command that is not the tree's own, and the node that is chosen; `read` where a node has a document. */
  readonly onCommand?: (command: Command, node: ReviewNode) => void
  readonly onTyping?: (typing: boolean) => void
  /** The details lie over the tree: `back` leaves them, and not the screen. */
  readonly onOver?: (over: boolean) => void
  /** Not all of the tree is shown: `back` shows it again, and does not leave the screen. */
  readonly onFiltered?: (filtered: boolean) => void
}

/** A tree of which only what fits is drawn: scrolled, opened, filtered, and with the details of what is chosen. */
export function Tree(props: TreeProps) {
  const { nodes, rows, columns, active, marks, places = [], onCommand, onTyping, onOver, onFiltered } = props
  const { state, now, act } = useTree(nodes, Math.max(1, rows - 1))
  const [typing, setTyping] = useState(false)
  const [details, setDetails] = useState<ReviewNode>()
  const type = (on: boolean): void => {
    setTyping(on)
    onTyping?.(on)
  }
  const look = (node: ReviewNode | undefined): void => {
    setDetails(node)
    onOver?.(node !== undefined)
  }
  useEffect(() => {
    if (typing) prepareFilter(state.index)
  }, [typing, state.index])
  useKeys({
    places: ['tree', 'list', ...places],
    active: active && !typing && details === undefined,
    on(command) {
      const node = chosenNode(now())
      if (isOwn(command)) act({ type: command })
      else if (command === 'search') type(true)
      else if (command === 'read') look(node)
      else if (node !== undefined) onCommand?.(command, node)
    },
  })
  const filtered = state.filter !== ''
  useEffect(() => onFiltered?.(filtered), [onFiltered, filtered])
  useKeys({
    places: ['everywhere'],
    active: active && !typing && details === undefined && filtered,
    on: (command) => (command === 'back' ? act({ type: 'filter', text: '' }) : undefined),
  })
  useKeys({
    places: ['form'],
    active: active && typing,
    on(command) {
      if (command !== 'leave') return
      act({ type: 'filter', text: '' })
      type(false)
    },
  })
  if (details !== undefined) {
    const onRead = onCommand === undefined ? undefined : () => onCommand('read', details)
    return (
      <Details
        {...{ node: details, mark: marks?.(details), rows, columns, active, onRead }}
        onLeave={() => look(undefined)}
      />
    )
  }
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Box flexDirection="column" height={Math.max(1, rows - 1)} overflow="hidden">
        <Rows {...{ state, columns, marks }} />
      </Box>
      {typing ? (
        <Box height={1}>
          <Text>{`Filter (${found(state)}): `}</Text>
          <TextField
            value={state.filter}
            onChange={(text) => act({ type: 'filter', text })}
            onSubmit={() => type(false)}
            active={active}
            max={200}
          />
        </Box>
      ) : (
        <Text wrap="truncate" dimColor>
          {whereOne(state)}
        </Text>
      )}
    </Box>
  )
}

type Own = 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last' | 'open' | 'close'
const OWN: readonly string[] = ['up', 'down', 'page-up', 'page-down', 'first', 'last', 'open', 'close'] satisfies Own[]

function isOwn(command: Command): command is Own {
  return OWN.includes(command)
}

interface RowsProps extends Pick<TreeProps, 'columns'> {
  readonly marks: TreeProps['marks'] | undefined
  readonly state: TreeState
}

function Rows({ state, columns, marks }: RowsProps) {
  const { roots, rows, index, top, height, cursor } = state
  const changes = useMemo(() => roots.some(({ change }) => change !== undefined), [roots])
  return [...rows.subarray(top, top + height)].map((at, line) => {
    const node = index.nodes[at]
    if (node === undefined) return null
    return (
      <TreeRow
        key={node.id}
        {...{ node, columns, changes }}
        depth={index.depths[at] ?? 0}
        chosen={at === cursor}
        open={isOpen(state, top + line)}
        mark={marks?.(node)}
      />
    )
  })
}

function whereOne(state: TreeState): string {
  const { rows, filter, hits } = state
  const row = `${rows.length === 0 ? 0 : rowOf(state) + 1} of ${rows.length}`
  return hits === undefined
    ? `line ${row}`
    : `line ${row}; filter: ${printable(filter, 200)} (${found(state)}); Esc: all of it`
}

function found({ hits, index }: TreeState): string {
  return hits === undefined ? 'words that all match' : `${hits.count} of ${index.nodes.length} match`
}
