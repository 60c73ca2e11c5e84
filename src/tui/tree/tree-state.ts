import type { ReviewNode } from '../../import/review/review.js'
import { moved, seen } from '../scroll.js'
import { findHits, type Hits } from './filter.js'
import { above, type TreeIndex, treeIndex } from './tree-index.js'
import { rowBefore, type Shown, visibleRows } from './visible-rows.js'

/** A tree on a screen: what is open, what is filtered, and where the cursor is. */
export interface TreeState extends Shown {
  readonly roots: readonly ReviewNode[]
  /** rows of the screen for lines of the tree */
  readonly height: number
  /** what was typed; words that all have to match */
  readonly filter: string
  /** numbers of the nodes that can be scrolled to */
  readonly rows: Int32Array
  /** number of the node that is chosen */
  readonly cursor: number
  /** the first row that is drawn */
  readonly top: number
}

export type TreeAction =
  | { readonly type: 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last' | 'open' | 'close' }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'resize'; readonly height: number }
  | { readonly type: 'nodes'; readonly roots: readonly ReviewNode[] }

/** Failures to which the tree is open at the start. Where all is refused, a list of the refused says more than all reasons. */
const OPEN_AT_START = 50

/** A tree that is open down to its failures, with the cursor on the first thing that failed. */
export function startTree(roots: readonly ReviewNode[], height: number): TreeState {
  const index = treeIndex(roots)
  const open = new Set<string>()
  const failed = index.nodes.flatMap(({ verdict }, at) => (verdict === 'fail' ? [at] : [])).slice(0, OPEN_AT_START)
  for (const at of failed) for (const one of above(index, at)) open.add(index.nodes[one]?.id ?? '')
  const cursor = Math.max(0, roots.length === 0 ? 0 : firstFailed(index))
  const shown = { index, open, hits: undefined, opened: new Set<string>() }
  return settled({ ...shown, roots, height, filter: '', rows: visibleRows(shown), cursor, top: 0 })
}

function firstFailed({ nodes, depths }: TreeIndex): number {
  return nodes.findIndex(({ verdict }, at) => verdict === 'fail' && depths[at] === 0)
}

/** What a key, a filter or another size makes of a tree. Pure. */
export function nextTree(state: TreeState, action: TreeAction): TreeState {
  switch (action.type) {
    case 'open':
      return opened(state)
    case 'close':
      return closed(state)
    case 'filter':
      return action.text === state.filter ? state : filtered(state, action.text)
    case 'resize':
      return action.height === state.height ? state : settled({ ...state, height: action.height })
    case 'nodes':
      return action.roots === state.roots ? state : replaced(state, action.roots)
    default: {
      const at = Math.max(0, rowOf(state))
      const cursor = { at, top: state.top }
      return placed(state, moved(cursor, action.type, { count: state.rows.length, rows: state.height }))
    }
  }
}

/** The node that is chosen; undefined where a filter leaves none. */
export function chosenNode(state: TreeState): ReviewNode | undefined {
  return rowOf(state) < 0 ? undefined : state.index.nodes[state.cursor]
}

/** The row of the cursor; -1 where a filter leaves none. */
export function rowOf({ rows, cursor }: Pick<TreeState, 'rows' | 'cursor'>): number {
  const row = rowBefore(rows, cursor)
  return rows[row] === cursor ? row : -1
}

/** Whether what is below the node of a row is to be seen. */
export function isOpen({ rows, index }: Pick<TreeState, 'rows' | 'index'>, row: number): boolean {
  const next = rows[row + 1]
  return next !== undefined && index.parents[next] === rows[row]
}

/** Opens the chosen node; where it is open, goes to the first one below it. */
function opened(state: TreeState): TreeState {
  const node = chosenNode(state)
  if (node === undefined || node.children.length === 0) return state
  const set = state.hits === undefined ? state.open : state.opened
  const mayOpen = state.hits === undefined || state.hits.within[state.cursor] === 1
  if (set.has(node.id) || !mayOpen) {
    const row = rowOf(state)
    return isOpen(state, row) ? nextTree(state, { type: 'down' }) : state
  }
  return withSet(state, new Set([...set, node.id]))
}

/** Closes the chosen node; where there is nothing to close, goes to the one above it. */
function closed(state: TreeState): TreeState {
  const node = chosenNode(state)
  if (node === undefined) return state
  const set = state.hits === undefined ? state.open : state.opened
  if (set.has(node.id)) return withSet(state, new Set([...set].filter((id) => id !== node.id)))
  const parent = state.index.parents[state.cursor] ?? -1
  return parent < 0 ? state : settled({ ...state, cursor: parent })
}

function withSet(state: TreeState, set: ReadonlySet<string>): TreeState {
  const next = state.hits === undefined ? { ...state, open: set } : { ...state, opened: set }
  return settled({ ...next, rows: visibleRows(next) })
}

function filtered(state: TreeState, text: string): TreeState {
  const hits = findHits(state.index, text, state.hits)
  // What was found stays in sight when the filter is taken away.
  const open = hits === undefined && state.hits !== undefined ? openTo(state) : state.open
  const next = { ...state, filter: text, hits, open, opened: new Set<string>() }
  const rows = visibleRows(next)
  return settled({ ...next, rows, cursor: nearest(next, rows) })
}

function openTo({ index, cursor, open }: TreeState): ReadonlySet<string> {
  return new Set([...open, ...[...above(index, cursor)].map((at) => index.nodes[at]?.id ?? '')])
}

/** The cursor's node, else the first hit below the next row, else what is before it. */
function nearest(
  { cursor, hits }: Pick<TreeState, 'cursor'> & { readonly hits: Hits | undefined },
  rows: Int32Array,
): number {
  const row = rowBefore(rows, cursor)
  if (rows[row] === cursor || rows.length === 0) return cursor
  const after = rows.subarray(row + 1).find((at) => hits === undefined || hits.hit[at] === 1)
  return after ?? rows[Math.max(0, row)] ?? cursor
}

/** Other nodes: what has the same id is open as before, and chosen. */
function replaced(state: TreeState, roots: readonly ReviewNode[]): TreeState {
  const index = treeIndex(roots)
  const ids = [state.cursor, ...above(state.index, state.cursor)].map((at) => state.index.nodes[at]?.id ?? '')
  const cursor = ids.map((id) => index.at.get(id)).find((at) => at !== undefined) ?? 0
  const next = { ...state, roots, index, hits: findHits(index, state.filter), cursor }
  const rows = visibleRows(next)
  return settled({ ...next, rows, cursor: nearest(next, rows) })
}

/** The cursor within what is drawn. */
function settled(state: TreeState): TreeState {
  const row = rowBefore(state.rows, state.cursor)
  const cursor = seen({ at: Math.max(0, row), top: state.top }, { count: state.rows.length, rows: state.height })
  return placed(state, cursor)
}

function placed(state: TreeState, { at, top }: { readonly at: number; readonly top: number }): TreeState {
  const cursor = state.rows[at] ?? state.cursor
  return cursor === state.cursor && top === state.top ? state : { ...state, cursor, top }
}
