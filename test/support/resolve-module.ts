import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'

/** Where sources are read from: the disk, or a test's own small world. */
export interface SourceTree {
  /** undefined where there is no such file */
  read(path: string): string | undefined
}

export type Resolved =
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'missing'; readonly name: string }

/**
 * What Node loads for a specifier in a file: `exports` with the conditions of this kind of import, else `main`; never
 * `module` or `browser`, which are for bundlers. A source's `.js` is the `.ts` beside it.
 */
export function resolveModule(
  specifier: string,
  from: { readonly path: string; readonly how: 'static' | 'dynamic' | 'require' | 'worker' },
  tree: SourceTree,
): Resolved {
  if (isBuiltin(specifier)) return { kind: 'builtin', name: specifier.replace(/^node:/, '') }
  const path = specifier.startsWith('.')
    ? probe(join(dirname(from.path), specifier), tree)
    : packageFile(specifier, from, tree)
  return path === undefined ? { kind: 'missing', name: specifier } : { kind: 'file', path }
}

function probe(path: string, tree: SourceTree): string | undefined {
  const candidates = [
    path.replace(/\.js$/, '.ts'),
    path.replace(/\.js$/, '.tsx'),
    path,
    `${path}.js`,
    `${path}.cjs`,
    `${path}.json`,
  ]
  const found = candidates.find((one) => tree.read(one) !== undefined)
  if (found !== undefined) return found
  const main = manifestOf(path, tree)?.['main']
  if (typeof main === 'string') return probe(join(path, main), tree)
  return path.endsWith('/index') ? undefined : probe(join(path, 'index'), tree)
}

type Manifest = Readonly<Record<string, unknown>>

function manifestOf(folder: string, tree: SourceTree): Manifest | undefined {
  const text = tree.read(join(folder, 'package.json'))
  return text === undefined ? undefined : (JSON.parse(text) as Manifest)
}

function packageFile(
  specifier: string,
  from: { readonly path: string; readonly how: string },
  tree: SourceTree,
): string | undefined {
  const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? []
  for (let folder = dirname(from.path); ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name)
    const manifest = manifestOf(root, tree)
    if (manifest !== undefined) return entryOf(root, { manifest, rest, how: from.how }, tree)
    if (folder === dirname(folder)) return undefined
  }
}

function entryOf(
  root: string,
  wanted: { readonly manifest: Manifest; readonly rest: string; readonly how: string },
  tree: SourceTree,
): string | undefined {
  const { manifest, rest, how } = wanted
  if (manifest['exports'] === undefined) {
    if (rest !== '') return probe(join(root, rest), tree)
    return probe(join(root, typeof manifest['main'] === 'string' ? manifest['main'] : 'index.js'), tree)
  }
  const conditions = ['node', how === 'require' ? 'require' : 'import', 'module-sync', 'default']
  const target = exported(manifest['exports'], `.${rest}`, conditions)
  return target === undefined ? undefined : probe(join(root, target), tree)
}

function exported(exports: unknown, key: string, conditions: readonly string[]): string | undefined {
  if (typeof exports !== 'object' || exports === null) return key === '.' ? conditional(exports, conditions) : undefined
  const table = exports as Readonly<Record<string, unknown>>
  const isTable = Object.keys(table).some((one) => one.startsWith('.'))
  if (!isTable) return key === '.' ? conditional(table, conditions) : undefined
  if (key in table) return conditional(table[key], conditions)
  for (const [pattern, target] of Object.entries(table)) {
    const [head = '', tail = ''] = pattern.split('*')
    if (!pattern.includes('*') || !key.startsWith(head) || !key.endsWith(tail)) continue
    return conditional(target, conditions)?.replaceAll('*', key.slice(head.length, key.length - tail.length))
  }
  return undefined
}

function conditional(target: unknown, conditions: readonly string[]): string | undefined {
  if (typeof target === 'string') return target
  if (Array.isArray(target)) return target.map((one) => conditional(one, conditions)).find((one) => one !== undefined)
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, below] of Object.entries(target)) {
    if (!conditions.includes(condition)) continue
    const found = conditional(below, conditions)
    if (found !== undefined) return found
  }
  return undefined
}
