import { type Root, rootName } from '../../bundle/document.js'
import { formatReference, formatRepository } from '../../oci/reference.js'
import type { Place } from './place.js'

type Placed = readonly [Root, Place]

/** The roots that would share a name at the target, or a repository with another source's, each with a sentence. */
export function collisions(places: ReadonlyMap<Root, Place>): ReadonlyMap<Root, string> {
  const found = new Map<Root, string>()
  const byRepository = grouped([...places], ([, { repository }]) => formatRepository(repository))
  for (const [target, inside] of byRepository) {
    const sources = [...new Set(inside.map(([root]) => root.repository))]
    if (sources.length > 1) for (const [root] of inside) found.set(root, sentence(root.repository, sources, target))
    else for (const [root, others, name] of sameTag(inside)) found.set(root, sentence(rootName(root), others, name))
  }
  return found
}

function* sameTag(inside: readonly Placed[]): Iterable<[Root, readonly string[], string]> {
  const named = inside.filter(([, { tag }]) => tag !== undefined)
  for (const [name, these] of grouped(named, ([, place]) => formatReference(place))) {
    const sources = these.map(([root]) => rootName(root))
    if (these.length > 1) for (const [root] of these) yield [root, sources, name]
  }
}

function grouped(all: readonly Placed[], by: (one: Placed) => string): ReadonlyMap<string, readonly Placed[]> {
  const groups = new Map<string, Placed[]>()
  for (const one of all) {
    const group = groups.get(by(one))
    if (group === undefined) groups.set(by(one), [one])
    else group.push(one)
  }
  return groups
}

function sentence(one: string, all: readonly string[], target: string): string {
  const others = all.filter((other) => other !== one)
  const more = others.length > 1 ? ` (and ${others.length - 1} more)` : ''
  return `${one} and ${others[0] ?? one}${more} would both become ${target}`
}
