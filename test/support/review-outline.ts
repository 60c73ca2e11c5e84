import type { Review, ReviewNode } from '../../src/import/review/review.js'

/** A node and all below it, a line each: kind, verdict, change and label, in which digests are cut. */
export function outline(node: ReviewNode, depth = 0): readonly string[] {
  const { kind, verdict, change, label } = node
  const words = [kind, verdict, ...(change === undefined ? [] : [change]), label.replace(/(sha256:\w{3})\w+/g, '$1')]
  return [`${'  '.repeat(depth)}${words.join(' ')}`, ...node.children.flatMap((one) => outline(one, depth + 1))]
}

/** Every node of a review. */
export function nodesOf({ bundle, artifacts, removed }: Review): readonly ReviewNode[] {
  const all: ReviewNode[] = []
  const open = [...removed, ...artifacts, bundle]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    all.push(node)
    open.push(...node.children)
  }
  return all
}

/** What a node says under a name. */
export function said(node: ReviewNode | undefined, name: string): readonly string[] {
  return (node?.details ?? []).flatMap(([key, value]) => (key === name ? [value] : []))
}
