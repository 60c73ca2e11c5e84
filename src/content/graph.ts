import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor, type Platform } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { type Manifest, parseManifest } from '../oci/manifest.js'
import { isIndexType, isManifestType } from '../oci/media-types.js'
import { limited } from './limited.js'
import { lookUp } from './lookup.js'
import type { Answer, GraphNode, Role } from './node.js'
import { inOrder } from './order.js'
import { fetchAll } from './read-all.js'
import { requirePlatform, selectChildren } from './select.js'
import type { CallOptions, ContentSource } from './store.js'

export interface WalkOptions extends CallOptions {
  /** Only these platforms of an index; undefined takes all of them. */
  readonly platforms?: readonly Platform[]
  /** Questions in flight. */
  readonly concurrency: number
  /** Told of an entry that a list of referrers had, and that is about something else by its own words. */
  readonly onIgnored?: (referrer: Digest, subject: Digest) => void
  /** Told of each manifest that was read, with what hangs on it. */
  readonly onVisited?: (manifest: Digest) => void
  /** What earlier walks of the same repository have seen; this walk adds to it, and asks nothing twice. */
  readonly known?: Map<Digest, GraphNode>
}

/**
 * Walks everything below and about a root: nested indexes, configs, layers, and at every level the referrers of every
 * node and what cosign hung there by tag. Gives each digest once: children before parents, subjects before referrers.
 * A question that could not be asked is in the node's lookup, not an error: the caller decides.
 * @throws ERR_LIMIT_EXCEEDED, ERR_CONTENT_AMBIGUOUS, ERR_JSON_INVALID, ERR_NOT_FOUND
 */
export async function* walk(root: Descriptor, source: ContentSource, options: WalkOptions): AsyncGenerator<GraphNode> {
  const seen = options.known ?? new Map<Digest, GraphNode>()
  const earlier = seen.get(root.digest)
  // An earlier root may have called this one a layer of its own: then nobody has looked at what is below it.
  if (earlier !== undefined) refuseTwoMeanings(earlier.descriptor, root)
  const met = new Map<Digest, Descriptor>([[root.digest, root]])
  let frontier = earlier === undefined ? [root] : []
  for (let depth = 0; frontier.length > 0; depth += 1) {
    if (depth > LIMITS.graphDepth) throw tooLarge(root, `nested more than ${LIMITS.graphDepth} deep`)
    const next: Descriptor[] = []
    await limited(frontier, { limit: options.concurrency, signal: options.signal }, async (descriptor, signal) => {
      const node = await visit(descriptor, source, { ...options, signal })
      seen.set(descriptor.digest, node)
      options.onVisited?.(descriptor.digest)
      next.push(...note(node, seen, met))
      if (seen.size + next.length > LIMITS.graphNodes) throw tooLarge(root, `more than ${LIMITS.graphNodes} nodes`)
    })
    frontier = next
  }
  for (const digest of met.keys()) {
    const node = seen.get(digest)
    if (node !== undefined) seen.set(digest, withoutStrangers(node, seen, options))
  }
  const nodes = [...inOrder(root.digest, seen)]
  if (options.platforms !== undefined) requirePlatform(root.digest, nodes, options.platforms)
  yield* nodes
}

async function visit(descriptor: Descriptor, source: ContentSource, options: WalkOptions): Promise<GraphNode> {
  const bytes = await fetchAll(source, descriptor, { maxBytes: LIMITS.manifestBytes, signal: options.signal })
  const manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest)
  const { children, omissions } = selectChildren(manifest, descriptor.digest, options.platforms)
  const lookup = await lookUp(descriptor, source, options)
  const role = isIndexType(descriptor.mediaType) ? 'index' : 'manifest'
  return { descriptor: bare(descriptor), role, children, omissions, read: { bytes, manifest, lookup } }
}

/**
 * A referrer counts for what its own manifest says it is about, whatever a list said: GitLab answers the fallback tag
 * with the image itself, whose platforms then look like signatures.
 */
function withoutStrangers(node: GraphNode, seen: ReadonlyMap<Digest, GraphNode>, options: WalkOptions): GraphNode {
  const { digest } = node.descriptor
  if (node.read?.lookup.referrers.result !== 'found') return node
  const { lookup } = node.read
  const all = node.read.lookup.referrers.digests
  const kept = all.filter((referrer) => seen.get(referrer)?.read?.manifest.subject?.digest === digest)
  if (kept.length === all.length) return node
  const dropped = new Set<Digest>(all.filter((referrer) => !kept.includes(referrer)))
  for (const referrer of dropped) options.onIgnored?.(referrer, digest)
  const tagged = new Set(lookup.tagged.map(({ descriptor }) => descriptor.digest))
  const referrers: Answer = kept.length === 0 ? { result: 'none' } : { result: 'found', digests: kept }
  const descriptors = lookup.descriptors.filter((one) => !dropped.has(one.digest) || tagged.has(one.digest))
  return { ...node, read: { ...node.read, lookup: { ...lookup, referrers, descriptors } } }
}

/**
 * Enters what a node points at: everything but manifests is known from its descriptor.
 * @param met the manifests of this walk, visited or not
 * @returns the manifests that are new, and to be visited
 */
function note(node: GraphNode, seen: Map<Digest, GraphNode>, met: Map<Digest, Descriptor>): Descriptor[] {
  const fresh: Descriptor[] = []
  for (const below of [...node.children, ...(node.read?.lookup.descriptors ?? [])]) {
    const earlier = met.get(below.digest) ?? seen.get(below.digest)?.descriptor
    if (earlier !== undefined) refuseTwoMeanings(earlier, below)
    if (!isManifestType(below.mediaType)) enterLeaf(below, node, seen)
    else if (earlier === undefined) {
      met.set(below.digest, below)
      fresh.push(below)
    }
  }
  return fresh
}

/** Of several descriptions of one blob the smallest is kept: which parent was read first must not show in a bundle. */
function enterLeaf(leaf: Descriptor, parent: GraphNode, seen: Map<Digest, GraphNode>): void {
  const node = { descriptor: bare(leaf), role: roleOf(leaf, parent.read?.manifest), children: [], omissions: [] }
  const earlier = seen.get(leaf.digest)
  if (earlier === undefined || rank(node) < rank(earlier)) seen.set(leaf.digest, node)
}

function rank({ role, descriptor }: GraphNode): string {
  return `${role} ${descriptor.mediaType}`
}

function roleOf(child: Descriptor, parent: Manifest | undefined): Role {
  if (parent?.kind !== 'image') return 'blob'
  return child.digest === parent.config.digest ? 'config' : 'layer'
}

/**
 * One digest with two sizes, or a manifest that is also called something else, is a trick on whoever believes the other
 * one. Blobs may have several media types: the empty config is also an empty layer.
 * @throws ERR_CONTENT_AMBIGUOUS
 */
export function refuseTwoMeanings(earlier: Descriptor, later: Descriptor): void {
  const sameType = earlier.mediaType === later.mediaType
  const bothBlobs = !isManifestType(earlier.mediaType) && !isManifestType(later.mediaType)
  if (earlier.size === later.size && (sameType || bothBlobs)) return
  throw new TransferError(
    'ERR_CONTENT_AMBIGUOUS',
    `${later.digest} is described in two ways: ${earlier.mediaType}, ${earlier.size} bytes and ${later.mediaType}, ${later.size} bytes`,
    { subject: later.digest },
  )
}

function tooLarge(root: Descriptor, why: string): TransferError {
  return new TransferError('ERR_LIMIT_EXCEEDED', `${root.digest} is ${why}`, { subject: root.digest })
}
