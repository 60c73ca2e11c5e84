import type { Digest } from '../oci/digest.js'
import type { GraphNode } from './node.js'

/**
 * When each node of a walk may be pushed: in wave 0 what needs nothing, in every later wave what needs only earlier ones.
 * A parent needs its children, a referrer its subject. Nodes of one wave can go at the same time.
 * @param nodes in walk order
 */
export function wavesOf(nodes: readonly GraphNode[]): ReadonlyMap<Digest, number> {
  const waves = new Map<Digest, number>()
  const afterSubject = new Map<Digest, number>()
  for (const { descriptor, children, read } of nodes) {
    const first = Math.max(read === undefined ? 0 : 1, afterSubject.get(descriptor.digest) ?? 0)
    const wave = children.reduce((latest, { digest }) => Math.max(latest, (waves.get(digest) ?? 0) + 1), first)
    waves.set(descriptor.digest, wave)
    for (const { digest } of read?.lookup.descriptors ?? []) {
      afterSubject.set(digest, Math.max(afterSubject.get(digest) ?? 0, wave + 1))
    }
  }
  return waves
}
