import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Resolved, resolveModule, type SourceTree } from './resolve-module.js'
import { type ImportEdge, readFacts, type SourceFacts } from './source-facts.js'

export interface GraphFile extends SourceFacts {
  /** relative to the root of the tree */
  readonly path: string
  readonly text: string
  readonly edges: readonly (ImportEdge & { readonly to: Resolved })[]
}

/** Everything that roots load, by path; `cameFrom` says through whom, for messages. */
export interface Reach {
  readonly files: ReadonlyMap<string, GraphFile>
  readonly cameFrom: ReadonlyMap<string, string>
}

/** The checkout on disk, paths relative to its root. */
export function diskTree(root: string): SourceTree {
  const cache = new Map<string, string | undefined>()
  return {
    read(path) {
      if (!cache.has(path)) cache.set(path, readOrNothing(join(root, path)))
      return cache.get(path)
    },
  }
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** A tree for tests: paths and texts. */
export function memoryTree(files: Readonly<Record<string, string>>): SourceTree {
  return { read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined) }
}

/** Files of a folder and everything below it, relative to `root`, sorted. */
export function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

/** Reads one file and resolves what it names. */
export function readFile(path: string, tree: SourceTree): GraphFile {
  const text = tree.read(path) ?? missing(path)
  if (path.endsWith('.json')) return { ...readFacts('', path), path, text, edges: [] }
  const facts = readFacts(text, path)
  const edges = facts.imports.map((edge) => ({
    ...edge,
    to: resolveModule(edge.specifier, { path, how: edge.how }, tree),
  }))
  return { ...facts, path, text, edges }
}

/**
 * Follows every import that loads something: static, dynamic, `require` and workers, through packages too.
 * @param follow false stops at an edge; dynamic imports of commands that were not asked for load nothing
 */
export function reach(
  roots: readonly string[],
  tree: SourceTree,
  follow: (edge: ImportEdge, from: string) => boolean = () => true,
): Reach {
  const files = new Map<string, GraphFile>()
  const cameFrom = new Map<string, string>()
  const waiting = [...roots]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue
    const file = readFile(path, tree)
    files.set(path, file)
    for (const edge of file.edges) {
      if (edge.typeOnly || edge.to.kind !== 'file' || !follow(edge, path)) continue
      if (!cameFrom.has(edge.to.path) && !roots.includes(edge.to.path)) cameFrom.set(edge.to.path, path)
      waiting.push(edge.to.path)
    }
  }
  return { files, cameFrom }
}

/** `a <- b <- c`: how one came to a file. */
export function chain(path: string, { cameFrom }: Reach): string {
  const steps = [path]
  for (let at = cameFrom.get(path); at !== undefined; at = cameFrom.get(at)) steps.push(at)
  return steps.join(' <- ')
}

function missing(path: string): never {
  throw new Error(`no such file: ${path}`)
}
