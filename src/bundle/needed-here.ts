import type { GraphNode } from '../content/node.js'
import type { Digest } from '../oci/digest.js'
import { nv2Of } from '../trust/nv2/nv2-manifest.js'
import { EMPTY_CONFIG } from './layout.js'

/**
 * What has to be carried although the far side has it, because whoever verifies may have to read it without a network: all
 * that was found to hang on something, or says so itself, with everything below it; signatures of the nv2 prototype;
 * documents in JSON that lie among layers, as attestations do; and the empty config, which the waybill names too.
 * Manifests and indexes are carried in any case and need not be asked for.
 */
export function neededHere(nodes: readonly GraphNode[]): ReadonlySet<Digest> {
  const below = childrenOf(nodes)
  const needed = new Set<Digest>([EMPTY_CONFIG.digest])
  const open: Digest[] = []
  for (const { descriptor, role, read } of nodes) {
    if ((role === 'layer' || role === 'blob') && /[+/]json$/.test(descriptor.mediaType)) needed.add(descriptor.digest)
    if (read === undefined) continue
    open.push(...read.lookup.descriptors.map(({ digest }) => digest))
    if (read.manifest.subject !== undefined || nv2Of(read.manifest) !== undefined) open.push(descriptor.digest)
  }
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (needed.has(digest)) continue
    needed.add(digest)
    open.push(...(below.get(digest) ?? []))
  }
  return needed
}

/** Of one digest in two repositories, whatever one of them says. */
function childrenOf(nodes: readonly GraphNode[]): ReadonlyMap<Digest, readonly Digest[]> {
  const below = new Map<Digest, Digest[]>()
  for (const { descriptor, children } of nodes) {
    const known = below.get(descriptor.digest) ?? []
    for (const { digest } of children) known.push(digest)
    below.set(descriptor.digest, known)
  }
  return below
}
