import { chain, type GraphFile, type Reach } from './import-graph.js'
import { nameOf, type SyntaxNode, visit } from './source-facts.js'

/** What the files of one folder of `src` may import, beside their own folder and what everybody may. */
export interface LayerRule {
  readonly folders: readonly string[]
  readonly builtins: readonly string[]
  readonly packages: readonly string[]
  /** Of these folders only these files, by their path below the folder. */
  readonly only?: Readonly<Record<string, readonly string[]>>
  /** Builtin modules that only these files may import. */
  readonly builtinsOf?: Readonly<Record<string, readonly string[]>>
}

export interface LayerTable {
  readonly everybody: readonly string[]
  readonly layers: Readonly<Record<string, LayerRule>>
}

/** A sentence for every import of a file that the table does not allow; types bind as well. */
export function layerFindings(file: GraphFile, table: LayerTable): string[] {
  const layer = layerOf(file.path)
  const rule = table.layers[layer]
  if (rule === undefined) return [`${file.path}: the table of layers has no rule for ${layer}`]
  return file.edges.flatMap(({ specifier, to }) => {
    if (to.kind === 'missing') return [`${file.path}: ${specifier} cannot be resolved`]
    const allowed =
      to.kind === 'builtin'
        ? rule.builtins.includes(to.name) || (rule.builtinsOf?.[to.name] ?? []).includes(file.path)
        : to.path.startsWith('src/')
          ? mayImport(to.path, { layer, rule, everybody: table.everybody })
          : rule.packages.includes(specifier)
    return allowed ? [] : [`${file.path}: ${layer} must not import ${specifier}`]
  })
}

function mayImport(
  path: string,
  from: { readonly layer: string; readonly rule: LayerRule; readonly everybody: readonly string[] },
): boolean {
  const layer = layerOf(path)
  if (layer === from.layer || from.everybody.includes(layer)) return true
  const below = path.split('/').slice(2).join('/')
  return from.rule.folders.includes(layer) && (from.rule.only?.[layer] ?? [below]).includes(below)
}

/** `src/trust/pem.ts` is of `trust`, `src/errors.ts` of `errors`. */
export function layerOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.tsx?$/, '')
}

export interface OfflineReview {
  /** The only modules of Node that may be loaded. */
  readonly builtins: readonly string[]
  /** Globals that own files may use. */
  readonly globals: readonly string[]
  /** Packages that may be loaded, at the version at which somebody looked at them. */
  readonly packages: Readonly<Record<string, { readonly version: string; readonly why: string }>>
  /** What was found in files of packages and looked at: file, what, and why it is harmless. */
  readonly reviewed: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** Ways to the network, and ways to reach a way under another name. */
const SUSPECT: ReadonlySet<string> = new Set([
  ...['fetch', 'XMLHttpRequest', 'WebSocket', 'WebSocketStream', 'EventSource', 'WebTransport', 'navigator'],
  ...['globalThis', 'global', 'self', 'window', 'root', 'eval', 'Function', 'importScripts', 'Worker', 'SharedWorker'],
])

/** A sentence for everything within reach that could open a connection, or that hides what it loads. */
export function offlineFindings(
  within: Reach,
  review: OfflineReview,
  versionOf: (packageFolder: string) => string,
): string[] {
  const used = new Set<string>()
  const found = [...within.files.values()].flatMap((file) => {
    const suspects = [...moduleFindings(file, review), ...file.hidden, ...suspectGlobals(file, review)]
    const folder = packageFolder(file.path)
    const unseen = folder === undefined ? [] : packageFindings(folder, { review, versionOf, used })
    const left = suspects.filter((what) => {
      used.add(`${file.path} ${what}`)
      return folder === undefined || review.reviewed[file.path]?.[what] === undefined
    })
    return [...left.map((what) => `${chain(file.path, within)}: ${what}`), ...unseen]
  })
  return [...new Set([...found, ...staleFindings(review, used)])]
}

function moduleFindings(file: GraphFile, review: OfflineReview): string[] {
  return file.edges.flatMap(({ typeOnly, specifier, to }) => {
    if (typeOnly || to.kind === 'file') return []
    if (to.kind === 'missing') return [`imports ${specifier}, which cannot be resolved`]
    return review.builtins.includes(to.name) ? [] : [`imports ${specifier}`]
  })
}

function suspectGlobals(file: GraphFile, review: OfflineReview): string[] {
  const names = [...file.globals]
  if (packageFolder(file.path) !== undefined) return names.filter((name) => SUSPECT.has(name))
  return names.filter((name) => !review.globals.includes(name))
}

function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
}

function packageFindings(
  folder: string,
  given: {
    readonly review: OfflineReview
    readonly versionOf: (folder: string) => string
    readonly used: Set<string>
  },
): string[] {
  const name = folder.replace(/^node_modules\//, '')
  given.used.add(name)
  const known = given.review.packages[name]
  if (known === undefined) return [`${name} is within reach of verification, and nobody has looked at it`]
  const version = given.versionOf(folder)
  return version === known.version ? [] : [`${name} was looked at in version ${known.version}, and is ${version}`]
}

/** An exception that nothing needs any more would cover the next thing that appears there. */
function staleFindings(review: OfflineReview, used: ReadonlySet<string>): string[] {
  const packages = Object.keys(review.packages).filter((name) => !used.has(name))
  const files = Object.entries(review.reviewed).flatMap(([file, whats]) =>
    Object.keys(whats).flatMap((what) => (used.has(`${file} ${what}`) ? [] : [`${file}: ${what}`])),
  )
  return [...packages, ...files].map((what) => `nothing needs the exception for ${what}`)
}

/** Files that may do what no other file does, by what it is. */
export interface HouseRules {
  readonly maxLines: number
  readonly environment: readonly string[]
  readonly clock: readonly string[]
  readonly globals: readonly string[]
  /** Globals that only these files, or all of a folder, may use. */
  readonly globalsOf: Readonly<Record<string, readonly string[]>>
  /** Branded types, and the one file that makes each. */
  readonly brands: Readonly<Record<string, string>>
}

/** A sentence for every rule of the house that a file breaks. */
export function houseFindings(file: GraphFile, rules: HouseRules): string[] {
  const findings = [...file.hidden, ...globalFindings(file, rules)]
  const lines = file.text.split('\n').length - 1
  if (lines > rules.maxLines) findings.push(`${lines} lines, at most ${rules.maxLines}`)
  visit(file.program, (node) => {
    const finding = houseFinding(node, file.path, rules)
    if (finding !== undefined) findings.push(finding)
  })
  return findings.map((finding) => `${file.path}: ${finding}`)
}

function globalFindings({ path, globals }: GraphFile, rules: HouseRules): string[] {
  return [...globals].flatMap((name) => {
    if (rules.globals.includes(name)) return []
    return isAmong(path, rules.globalsOf[name] ?? []) ? [] : [`uses the global ${name}`]
  })
}

function houseFinding(node: SyntaxNode, path: string, rules: HouseRules): string | undefined {
  switch (node.type) {
    case 'TSAnyKeyword':
      return 'has the type any'
    case 'ExportDefaultDeclaration':
      return 'has a default export'
    case 'TSAsExpression':
      return brandFinding(node, path, rules)
    case 'MemberExpression':
      return memberFinding(node, path, rules)
    case 'NewExpression':
      return isClock(node) && !isAmong(path, rules.clock) ? 'reads the clock with new Date()' : undefined
    default:
      return undefined
  }
}

/** A cast to a branded type is a claim that something was checked: one file each may make it. */
function brandFinding(node: SyntaxNode, path: string, rules: HouseRules): string | undefined {
  const brand = nameOf((node['typeAnnotation'] as SyntaxNode)['typeName'])
  const home = brand === undefined || !Object.hasOwn(rules.brands, brand) ? undefined : rules.brands[brand]
  return home === undefined || home === path ? undefined : `makes a ${brand}, which only ${home} may`
}

function memberFinding(node: SyntaxNode, path: string, rules: HouseRules): string | undefined {
  const member = `${nameOf(node['object'])}.${nameOf(node['property'])}`
  if (member === 'process.env' && !isAmong(path, rules.environment)) return 'reads process.env'
  if (member === 'Date.now' && !isAmong(path, rules.clock)) return 'reads the clock with Date.now'
  // `(() => {}).constructor('…')` is eval under another name.
  return nameOf(node['property']) === 'constructor' ? 'reaches a constructor through a value' : undefined
}

function isClock(node: SyntaxNode): boolean {
  return nameOf(node['callee']) === 'Date' && (node['arguments'] as readonly unknown[]).length === 0
}

/** @param places files, and folders that end in `/` */
function isAmong(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place))
}
