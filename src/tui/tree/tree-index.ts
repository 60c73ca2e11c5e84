import type { ReviewNode } from '../../import/review/review.js'

/** A forest laid out in the order in which it is read, so that a row is a number and no walk is needed. */
export interface TreeIndex {
  /** every node, parents before what is below them */
  readonly nodes: readonly ReviewNode[]
  /** of each node the number of the one above it, -1 at the top */
  readonly parents: Int32Array
  /** of each node the number of the first one that is not below it */
  readonly ends: Int32Array
  readonly depths: Int32Array
  readonly at: ReadonlyMap<string, number>
}

export function treeIndex(roots: readonly ReviewNode[]): TreeIndex {
  const nodes: ReviewNode[] = []
  const parents: number[] = []
  const depths: number[] = []
  const open = roots.toReversed().map((node) => ({ node, parent: -1, depth: 0 }))
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { node, parent, depth } = one
    const at = nodes.push(node) - 1
    parents.push(parent)
    depths.push(depth)
    for (const child of node.children.toReversed()) open.push({ node: child, parent: at, depth: depth + 1 })
  }
  const at = new Map(nodes.map(({ id }, number) => [id, number]))
  const above = new Int32Array(parents)
  return { nodes, parents: above, ends: endsOf(above), depths: new Int32Array(depths), at }
}

function endsOf(parents: Int32Array): Int32Array {
  const ends = new Int32Array(parents.length)
  for (let at = parents.length - 1; at >= 0; at -= 1) {
    const end = Math.max(ends[at] ?? 0, at + 1)
    const parent = parents[at] ?? -1
    ends[at] = end
    if (parent >= 0) ends[parent] = Math.max(ends[parent] ?? 0, end)
  }
  return ends
}

/** The numbers of what is above a node, the nearest first. */
export function* above({ parents }: TreeIndex, at: number): Generator<number> {
  for (let one = parents[at] ?? -1; one >= 0; one = parents[one] ?? -1) yield one
}
