import { type WalkOptions, walk } from '../../src/content/graph.js'
import type { GraphNode } from '../../src/content/node.js'
import type { ContentSource } from '../../src/content/store.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import { CALL } from './tmp.js'

/** All that a walk gives, in its order. */
export async function walked(
  root: Descriptor,
  source: ContentSource,
  options: Partial<WalkOptions> = {},
): Promise<readonly GraphNode[]> {
  const nodes: GraphNode[] = []
  for await (const node of walk(root, source, { ...CALL, concurrency: 4, ...options })) nodes.push(node)
  return nodes
}

export function digests(nodes: readonly GraphNode[]): readonly Digest[] {
  return nodes.map(({ descriptor }) => descriptor.digest)
}
