import { parseAst } from 'vitest/node'

/** A node of the syntax tree (ESTree, with TypeScript's nodes). */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly [member: string]: unknown
}

export interface ImportEdge {
  readonly specifier: string
  readonly how: 'static' | 'dynamic' | 'require' | 'worker'
  /** Erased by the compiler: it binds the layers, but loads nothing. */
  readonly typeOnly: boolean
}

/** What one file loads, and what in it could load something that nobody sees. */
export interface SourceFacts {
  readonly imports: readonly ImportEdge[]
  /** Ways to load code that cannot be followed by reading, in words. */
  readonly hidden: readonly string[]
  /** Names that the file uses and does not declare: globals. */
  readonly globals: ReadonlySet<string>
  readonly program: SyntaxNode
}

/** Reads one file of TypeScript or JavaScript. Throws where it cannot be parsed: what cannot be read proves nothing. */
export function readFacts(text: string, path: string): SourceFacts {
  const lang = path.endsWith('.tsx') ? 'tsx' : path.endsWith('.ts') ? 'ts' : 'js'
  const program = parse(text.replace(/^#!.*/, ''), lang)
  const imports: ImportEdge[] = []
  const hidden: string[] = []
  visit(program, (node) => {
    imports.push(...edgesOf(node))
    hidden.push(...hiddenIn(node))
  })
  return { imports, hidden, globals: globalsOf(program), program }
}

function parse(text: string, lang: 'ts' | 'tsx' | 'js'): SyntaxNode {
  try {
    return parseAst(text, { lang }) as unknown as SyntaxNode
  } catch (cause) {
    // Old packages are sloppy scripts, in which words of strict mode are names.
    if (lang === 'js') return parseAst(text, { lang, sourceType: 'script' }) as unknown as SyntaxNode
    throw cause
  }
}

function edgesOf(node: SyntaxNode): ImportEdge[] {
  const source = literal(node['source'])
  if (source !== undefined && /^(?:Import|ExportNamed|ExportAll)Declaration$/.test(node.type)) {
    const typeOnly = node['importKind'] === 'type' || node['exportKind'] === 'type'
    return [{ specifier: source, how: 'static', typeOnly }]
  }
  if (node.type === 'ImportExpression' && source !== undefined) {
    return [{ specifier: source, how: 'dynamic', typeOnly: false }]
  }
  const required = isCallOf(node, 'require') ? literal(list(node['arguments'])[0]) : undefined
  if (required !== undefined) return [{ specifier: required, how: 'require', typeOnly: false }]
  const worker = workerFile(node)
  return worker === undefined ? [] : [{ specifier: worker, how: 'worker', typeOnly: false }]
}

/** `new Worker(new URL('./file.js', import.meta.url))`, the one form that says which file runs. */
function workerFile(node: SyntaxNode): string | undefined {
  if (node.type !== 'NewExpression' || nameOf(node['callee']) !== 'Worker') return undefined
  const [url] = list(node['arguments'])
  if (url?.type !== 'NewExpression' || nameOf(url['callee']) !== 'URL') return undefined
  return literal(list(url['arguments'])[0])
}

const LOADERS: ReadonlySet<string> = new Set([
  'getBuiltinModule',
  'createRequire',
  '_linkedBinding',
  'dlopen',
  'mainModule',
  '_load',
])

function hiddenIn(node: SyntaxNode): string[] {
  if (node.type === 'ImportExpression' && literal(node['source']) === undefined) return ['import() of a computed name']
  if (isCallOf(node, 'require') && literal(list(node['arguments'])[0]) === undefined) {
    return ['require() of a computed name']
  }
  if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Worker' && workerFile(node) === undefined) {
    return ['a worker whose file is computed']
  }
  if (node.type === 'MemberExpression') return hiddenMember(node)
  if (node.type === 'ImportSpecifier' && LOADERS.has(nameOf(node['imported']) ?? '')) {
    return [`${nameOf(node['imported'])}`]
  }
  return []
}

function hiddenMember(node: SyntaxNode): string[] {
  const property = node['computed'] === true ? literal(node['property']) : nameOf(node['property'])
  if (property === undefined) return nameOf(node['object']) === 'process' ? ['a computed member of process'] : []
  if (LOADERS.has(property)) return [property]
  return property === 'binding' && nameOf(node['object']) === 'process' ? ['process.binding'] : []
}

function isCallOf(node: SyntaxNode, name: string): boolean {
  return node.type === 'CallExpression' && nameOf(node['callee']) === name
}

/** The name of an identifier. */
export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (value.type === 'Identifier') return value['name'] as string
  return value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined
}

function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value']
  if (value.type !== 'TemplateLiteral' || list(value['expressions']).length > 0) return undefined
  const [quasi] = list(value['quasis'])
  return (quasi?.['value'] as { readonly cooked: string } | undefined)?.cooked
}

function list(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/** Every node, parents before children. */
export function visit(node: SyntaxNode, see: (node: SyntaxNode) => void): void {
  see(node)
  for (const child of childrenOf(node)) visit(child, see)
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

interface Scope {
  readonly names: Set<string>
  /** where `var` goes */
  readonly ofFunction: boolean
  readonly outer: Scope | undefined
}

const FUNCTION = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|StaticBlock|Program)$/
const BLOCK = /^(?:BlockStatement|For(?:In|Of)?Statement|CatchClause|SwitchStatement|Class(?:Expression|Declaration))$/

/** The names that are used and nowhere declared around their use. */
function globalsOf(program: SyntaxNode): Set<string> {
  const scopes = new Map<SyntaxNode, Scope>()
  declareAll(program, undefined, scopes)
  const globals = new Set<string>()
  useAll(program, undefined, { scopes, globals })
  return globals
}

function declareAll(node: SyntaxNode, around: Scope | undefined, scopes: Map<SyntaxNode, Scope>): void {
  let scope = around
  if (scope === undefined || FUNCTION.test(node.type) || BLOCK.test(node.type)) {
    scope = { names: new Set(), ofFunction: FUNCTION.test(node.type), outer: around }
    scopes.set(node, scope)
  }
  declareIn(node, scope, around ?? scope)
  for (const child of childrenOf(node)) if (!isType(child)) declareAll(child, scope, scopes)
}

/** @param scope what the node opens, or else what it stands in @param around what it stands in */
function declareIn(node: SyntaxNode, scope: Scope, around: Scope): void {
  const names = namesDeclared(node)
  if (node.type === 'VariableDeclaration' && node['kind'] === 'var') {
    let target: Scope = scope
    while (!target.ofFunction && target.outer !== undefined) target = target.outer
    for (const name of names) target.names.add(name)
    return
  }
  const id = nameOf(node['id'])
  if (/^(?:Function|Class)Declaration$/.test(node.type) && id !== undefined) around.names.add(id)
  for (const name of names) scope.names.add(name)
}

function namesDeclared(node: SyntaxNode): string[] {
  switch (node.type) {
    case 'VariableDeclaration':
      return list(node['declarations']).flatMap((one) => patternNames(one['id']))
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [...list(node['params']).flatMap(patternNames), ...patternNames(node['id']), ...argumentsOf(node)]
    case 'ClassExpression':
      return patternNames(node['id'])
    case 'CatchClause':
      return patternNames(node['param'])
    case 'ImportDeclaration':
      return list(node['specifiers']).flatMap((one) => patternNames(one['local']))
    default:
      return []
  }
}

function argumentsOf(node: SyntaxNode): string[] {
  return node.type === 'ArrowFunctionExpression' ? [] : ['arguments']
}

function patternNames(value: unknown): string[] {
  if (!isNode(value)) return []
  switch (value.type) {
    case 'Identifier':
      return [value['name'] as string]
    case 'ObjectPattern':
      return list(value['properties']).flatMap((one) => patternNames(one['value'] ?? one['argument']))
    case 'ArrayPattern':
      return list(value['elements']).flatMap(patternNames)
    case 'AssignmentPattern':
      return patternNames(value['left'])
    case 'RestElement':
      return patternNames(value['argument'])
    default:
      return []
  }
}

function useAll(
  node: SyntaxNode,
  around: Scope | undefined,
  given: { readonly scopes: ReadonlyMap<SyntaxNode, Scope>; readonly globals: Set<string> },
): void {
  const scope = given.scopes.get(node) ?? around
  if (node.type === 'Identifier' && !isDeclared(node['name'] as string, scope))
    given.globals.add(node['name'] as string)
  for (const child of childrenOf(node)) if (!isType(child) && !isMereName(node, child)) useAll(child, scope, given)
}

function isDeclared(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at !== undefined; at = at.outer) if (at.names.has(name)) return true
  return false
}

/** Types are erased; only what stands inside an `as` or a `satisfies` is run. */
function isType(node: SyntaxNode): boolean {
  return node.type.startsWith('TS') && !/^TS(?:As|Satisfies|NonNull|Instantiation)/.test(node.type)
}

/** Names of members, labels and exports stand for nothing outside. */
function isMereName(parent: SyntaxNode, child: SyntaxNode): boolean {
  if (child === parent['property'] || child === parent['key']) {
    return parent['computed'] !== true && parent['value'] !== child
  }
  if (child === parent['label']) return true
  // `export { a } from 'b'` passes a name through and uses none.
  if (child.type === 'ExportSpecifier') return isNode(parent['source'])
  if (parent.type === 'ExportSpecifier') return child !== parent['local']
  return /^(?:Import|ExportAll|MetaProperty)/.test(parent.type) && parent.type !== 'ImportExpression'
}
