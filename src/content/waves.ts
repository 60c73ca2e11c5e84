import type { Digest } from '../oci/digest.js'
import type { GraphNode } from './node.js'

/**
 * When each node may be pushed: in wave 0 what needs nothing, in every later wave what needs only earlier ones. A parent
 * needs its children, a referrer its subject where that is here too; a manifest comes after every blob. Nodes of one wave
 * can go at the same time. Only what a manifest's own bytes name is needed, since digests cannot name each other in a
 * circle; lists and tags can.
 * @param nodes of all walks whose content meets at a target, in any order: what is a part below one root may be a
 * referrer below another one and wait for its subject there, and then its parents wait too
 */
export function wavesOf(nodes: readonly GraphNode[]): ReadonlyMap<Digest, number> {
  const needs = needsOf(nodes)
  const parents = parentsOf(needs)
  const open = new Map([...needs].map(([digest, parts]) => [digest, parts.size]))
  const waves = new Map<Digest, number>()
  for (const { descriptor, read } of nodes) waves.set(descriptor.digest, read === undefined ? 0 : 1)
  const ready = [...needs].flatMap(([digest, parts]) => (parts.size === 0 ? [digest] : []))
  for (let digest = ready.pop(); digest !== undefined; digest = ready.pop()) {
    const next = (waves.get(digest) ?? 0) + 1
    for (const parent of parents.get(digest) ?? []) {
      waves.set(parent, Math.max(waves.get(parent) ?? 0, next))
      const left = (open.get(parent) ?? 0) - 1
      open.set(parent, left)
      if (left === 0) ready.push(parent)
    }
  }
  return waves
}

type Edges = ReadonlyMap<Digest, ReadonlySet<Digest>>

function needsOf(nodes: readonly GraphNode[]): Edges {
  const needs = new Map<Digest, Set<Digest>>(nodes.map(({ descriptor }) => [descriptor.digest, new Set()]))
  for (const { descriptor, children, read } of nodes) {
    const subject = read?.manifest.subject
    for (const { digest } of subject === undefined ? children : [...children, subject]) {
      if (needs.has(digest)) needs.get(descriptor.digest)?.add(digest)
    }
  }
  return needs
}

function parentsOf(needs: Edges): Edges {
  const parents = new Map<Digest, Set<Digest>>()
  for (const [parent, parts] of needs) {
    for (const part of parts) {
      const known = parents.get(part) ?? new Set<Digest>()
      parents.set(part, known.add(parent))
    }
  }
  return parents
}
