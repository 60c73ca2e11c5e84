import { refuseTwoMeanings } from '../content/graph.js'
import type { GraphNode } from '../content/node.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Digest } from '../oci/digest.js'
import { type BundleBase, type HeldContent, orderBases } from './base.js'
import type { BundleDocument, Totals } from './document.js'
import { evidenceLines } from './evidence.js'
import { type InventoryLine, isCarried } from './inventory.js'
import { neededHere } from './needed-here.js'

export interface CollectedInventory {
  readonly inventory: readonly InventoryLine[]
  /** those that a line names; empty where everything is carried */
  readonly bases: readonly BundleBase[]
  readonly totals: Totals
}

interface Given {
  readonly evidence: BundleDocument['evidence']
  readonly held: readonly HeldContent[]
}

/**
 * Manifests first, children before parents; then evidence; then everything else as the walks met it. What is held already
 * and nobody has to read here is listed with the first base that has it.
 * @param nodes of all walks, in the order of the roots
 * @throws ERR_CONTENT_AMBIGUOUS, ERR_LIMIT_EXCEEDED
 */
export function collectInventory(nodes: readonly GraphNode[], given: Given): CollectedInventory {
  const distinct = new Map<Digest, GraphNode>()
  for (const node of nodes) {
    const earlier = distinct.get(node.descriptor.digest)
    if (earlier === undefined) distinct.set(node.descriptor.digest, node)
    else refuseTwoMeanings(earlier.descriptor, node.descriptor)
  }
  const added = evidenceLines(given.evidence, distinct)
  if (distinct.size + added.length > LIMITS.graphNodes) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `the roots have more than ${LIMITS.graphNodes} blobs together`)
  }
  const all = [...distinct.values()]
  const { bases, numberOf } = usedBases(all, nodes, given)
  const line = ({ descriptor, role }: GraphNode): InventoryLine => {
    const base = numberOf.get(descriptor.digest)
    return { ...descriptor, role, ...(base === undefined ? { here: 1 } : { base }) }
  }
  const inventory = [
    ...all.filter(({ read }) => read !== undefined).map(line),
    ...added,
    ...all.filter(({ read }) => read === undefined).map(line),
  ]
  return { inventory, bases, totals: totalsOf(inventory) }
}

/** Which of the bases are needed, and the number of the one that stands for each blob. */
function usedBases(distinct: readonly GraphNode[], nodes: readonly GraphNode[], { held, evidence = [] }: Given) {
  const numberOf = new Map<Digest, number>()
  if (held.length === 0) return { bases: [], numberOf }
  const ordered = orderBases(held)
  // What is evidence and content too lies with the content, and has to be read all the same.
  const needed = new Set([...neededHere(nodes), ...evidence.map(({ descriptor }) => descriptor.digest)])
  const firstWith = new Map<Digest, HeldContent>()
  for (const one of ordered.toReversed()) for (const digest of one.digests) firstWith.set(digest, one)
  const baseOf = new Map<Digest, HeldContent>()
  for (const { descriptor, read } of distinct) {
    if (read !== undefined || needed.has(descriptor.digest)) continue
    const one = firstWith.get(descriptor.digest)
    if (one !== undefined) baseOf.set(descriptor.digest, one)
  }
  const stands = new Set(baseOf.values())
  const bases = ordered.filter((one) => stands.has(one))
  if (bases.length > LIMITS.bases) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `a bundle builds on at most ${LIMITS.bases} others`)
  }
  const numbers = new Map(bases.map((one, at) => [one, at + 1]))
  for (const [digest, one] of baseOf) numberOf.set(digest, numbers.get(one) ?? 0)
  return { bases: bases.map(({ base }) => base), numberOf }
}

function totalsOf(inventory: readonly InventoryLine[]): Totals {
  const expected = inventory.filter((line) => !isCarried(line))
  return {
    blobs: inventory.length,
    bytes: totalBytes(inventory),
    ...(expected.length === 0 ? {} : { expected: { blobs: expected.length, bytes: totalBytes(expected) } }),
  }
}

/** Sizes are claims until bytes are read, and two of them can be more than a number holds exactly. */
function totalBytes(inventory: readonly InventoryLine[]): number {
  const bytes = inventory.reduce((sum, { size }) => sum + size, 0)
  // An archive is somewhat larger than what is in it, and its offsets must be exact as well.
  if (bytes <= Number.MAX_SAFE_INTEGER / 2) return bytes
  throw new TransferError('ERR_LIMIT_EXCEEDED', 'the blobs are said to have more bytes than any archive can hold')
}
