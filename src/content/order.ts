import type { Digest } from '../oci/digest.js'
import type { GraphNode } from './node.js'

type Nodes = ReadonlyMap<Digest, GraphNode>

/**
 * Orders what hangs below and about a root: children before parents, a subject before its referrers, each once. That is
 * the order in which a registry accepts it. Only what a manifest's own bytes name decides, since digests cannot name each
 * other in a circle; lists of referrers and tags can. Without recursion: a hostile graph must not exhaust the stack.
 */
export function* inOrder(root: Digest, nodes: Nodes): Generator<GraphNode> {
  const reached = reachable(root, nodes)
  const entered = new Set<Digest>()
  for (const digest of reached) yield* afterItsParts(digest, { nodes, reached, entered })
}

/** Everything that hangs together, in the order in which it is met: children first, then what refers to a node. */
function reachable(root: Digest, nodes: Nodes): ReadonlySet<Digest> {
  const reached = new Set<Digest>()
  const stack = [root]
  for (let digest = stack.pop(); digest !== undefined; digest = stack.pop()) {
    const node = nodes.get(digest)
    if (node === undefined || reached.has(digest)) continue
    reached.add(digest)
    const next = [...node.children, ...(node.read?.lookup.descriptors ?? [])]
    for (const one of next.toReversed()) stack.push(one.digest)
  }
  return reached
}

interface Progress {
  readonly nodes: Nodes
  readonly reached: ReadonlySet<Digest>
  readonly entered: Set<Digest>
}

function* afterItsParts(start: Digest, { nodes, reached, entered }: Progress): Generator<GraphNode> {
  const stack = [{ digest: start, leave: false }]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const node = nodes.get(top.digest)
    if (node === undefined) continue
    if (top.leave) {
      yield node
      continue
    }
    if (entered.has(top.digest)) continue
    entered.add(top.digest)
    stack.push({ digest: top.digest, leave: true })
    for (const child of node.children.toReversed()) stack.push({ digest: child.digest, leave: false })
    const subject = node.read?.manifest.subject?.digest
    if (subject !== undefined && reached.has(subject)) stack.push({ digest: subject, leave: false })
  }
}
