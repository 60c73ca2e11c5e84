import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import type { RootClosure } from '../verification.js'
import type { Below } from './context.js'

/** Bytes of a root with everything below and about it, each digest once. */
export function bytesOf({ nodes }: Pick<RootClosure, 'nodes'>): number {
  return nodes.reduce((sum, { size }) => sum + size, 0)
}

/**
 * Bytes of a manifest with everything below and about it, each digest once; undefined where counting them would take longer
 * than anybody waits: what shares its parts in many ways is counted over and over.
 */
export function bytesBelow(top: Descriptor, { closure, context }: Below): number | undefined {
  const seen = new Map<Digest, number>([[top.digest, top.size]])
  const open = [top.digest]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    const manifest = closure.manifests.get(digest)
    for (const one of [...(manifest?.children ?? []), ...(manifest?.lookup.descriptors ?? [])]) {
      context.budget.steps -= 1
      if (context.budget.steps < 0) return undefined
      if (seen.has(one.digest)) continue
      seen.set(one.digest, one.size)
      if (closure.manifests.has(one.digest)) open.push(one.digest)
    }
  }
  return [...seen.values()].reduce((sum, size) => sum + size, 0)
}
