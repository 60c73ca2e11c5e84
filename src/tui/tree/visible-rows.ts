import type { Hits } from './filter.js'
import type { TreeIndex } from './tree-index.js'

/** What decides which nodes are to be seen. */
export interface Shown {
  readonly index: TreeIndex
  /** what is open where nothing is filtered */
  readonly open: ReadonlySet<string>
  /** what a filter finds: then that is shown, with all that is above it */
  readonly hits: Hits | undefined
  /** what was opened among that: there all that is below is shown too */
  readonly opened: ReadonlySet<string>
}

/**
 * The numbers of the nodes that are to be seen, in their order. Costs as much as there are rows and neighbours of rows: made
 * anew when something is opened, closed or filtered, and not when the cursor moves.
 */
export function visibleRows({ index, open, hits, opened }: Shown): Int32Array {
  const { nodes, ends, parents } = index
  const rows: number[] = []
  let at = 0
  while (at < nodes.length) {
    if (hits !== undefined && !isKept(at)) {
      at = ends[at] ?? nodes.length
      continue
    }
    rows.push(at)
    const goesOn = hits !== undefined || open.has(nodes[at]?.id ?? '')
    at = goesOn ? at + 1 : (ends[at] ?? nodes.length)
  }
  return new Int32Array(rows)

  function isKept(at: number): boolean {
    if (hits?.kept[at] === 1) return true
    const parent = parents[at] ?? -1
    return parent >= 0 && hits?.within[parent] === 1 && opened.has(nodes[parent]?.id ?? '')
  }
}

/** The row of a node; the one before it where it is not to be seen, and -1 where there is none. */
export function rowBefore(rows: Int32Array, node: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle] ?? 0) <= node) low = middle + 1
    else high = middle
  }
  return low - 1
}
