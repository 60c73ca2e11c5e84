import type { Digest } from '../oci/digest.js'
import type { GraphNode } from './node.js'

/**
 * Orders what hangs below and about a root: children before parents, a subject before its referrers, each once. That is
 * the order in which a registry accepts it. Without recursion: a hostile graph must not exhaust the stack.
 */
export function* inOrder(root: Digest, nodes: ReadonlyMap<Digest, GraphNode>): Generator<GraphNode> {
  const entered = new Set<Digest>()
  const stack: { readonly digest: Digest; readonly leave: boolean }[] = [{ digest: root, leave: false }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const node = nodes.get(top.digest)
    if (node === undefined) continue
    if (top.leave) {
      yield node
      const referrers = node.read?.lookup.descriptors ?? []
      for (const referrer of referrers.toReversed()) stack.push({ digest: referrer.digest, leave: false })
      continue
    }
    if (entered.has(top.digest)) continue
    entered.add(top.digest)
    stack.push({ digest: top.digest, leave: true })
    for (const child of node.children.toReversed()) stack.push({ digest: child.digest, leave: false })
  }
}
