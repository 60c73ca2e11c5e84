import { isMap, isScalar, isSeq, type ParsedNode, parseDocument, type YAMLMap } from 'yaml'
import { LIMITS } from '../limits.js'
import { type Mistake, type PolicyText, policyInvalid, position, quoted } from './mistake.js'

/** A value of a policy, and where it stands: characters from the beginning of the file. */
export type PolicyNode = { readonly offset: number } & (
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, PolicyEntry> }
  | { readonly kind: 'list'; readonly items: readonly PolicyNode[] }
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly source: string }
)

export interface PolicyEntry {
  /** of the key */
  readonly offset: number
  readonly node: PolicyNode
}

/**
 * Reads the YAML of a policy (version 1.2, the core schema).
 * @throws ERR_POLICY_INVALID
 */
export function parsePolicyYaml(given: PolicyText): PolicyNode {
  const document = parseDocument(given.text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Looked for below: the library compares each key of a map with each other.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    const next = 'correct it there: indent with spaces, and close quotes and brackets'
    throw policyInvalid(
      given,
      faults.map(({ pos, message }) => ({
        offset: pos[0],
        member: '',
        expected: 'YAML',
        found: `a mistake (${quoted(message).slice(1, -1)})`,
        next,
      })),
    )
  }
  const mistakes: Mistake[] = []
  const tree = new Tree(given.text, mistakes).node(document.contents, { offset: 0, member: '', depth: 0 })
  if (mistakes.length > 0) throw policyInvalid(given, mistakes)
  return tree
}

interface Around {
  /** where a value stands that is not written: `member:` and nothing */
  readonly offset: number
  readonly member: string
  readonly depth: number
}

class Tree {
  readonly #text: string
  readonly #mistakes: Mistake[]

  constructor(text: string, mistakes: Mistake[]) {
    this.#text = text
    this.#mistakes = mistakes
  }

  node(node: ParsedNode | null, around: Around): PolicyNode {
    const offset = node?.range[0] ?? around.offset
    const nothing: PolicyNode = { kind: 'scalar', offset, value: null, source: '' }
    if (around.depth > LIMITS.policyDepth) {
      const expected = `at most ${LIMITS.policyDepth} levels`
      this.#refuse(offset, around.member, { expected, found: 'deeper nesting', next: 'no policy needs it' })
      return nothing
    }
    const depth = around.depth + 1
    if (isMap<ParsedNode, ParsedNode | null>(node))
      return { kind: 'map', offset, entries: this.#entries(node, { ...around, depth }) }
    if (isSeq<ParsedNode>(node)) {
      const items = node.items.map((item, at) => this.node(item, { offset, member: `${around.member}[${at}]`, depth }))
      return { kind: 'list', offset, items }
    }
    if (!isScalar(node)) return nothing
    return { kind: 'scalar', offset, value: plain(node.value, node.source ?? ''), source: node.source ?? '' }
  }

  #entries(map: YAMLMap<ParsedNode, ParsedNode | null>, { member, depth }: Around): ReadonlyMap<string, PolicyEntry> {
    const entries = new Map<string, PolicyEntry>()
    for (const { key, value } of map.items) {
      const offset = key?.range[0] ?? map.range?.[0] ?? 0
      const name = isScalar(key) ? key.value : undefined
      if (typeof name !== 'string') {
        this.#refuse(offset, member, {
          expected: 'a name',
          found: 'another key',
          next: 'write a name, between quotes if need be',
        })
        continue
      }
      const below = member === '' ? name : `${member}.${name}`
      const first = entries.get(name)
      if (first !== undefined) {
        const found = `${quoted(name)} again, after ${position(this.#text, first.offset)}`
        this.#refuse(offset, below, { expected: 'each name once', found, next: 'keep one of them' })
      } else if (name in {}) {
        // To careless code such a name is there in every object.
        const found = `${quoted(name)}, which no member and nobody can be called`
        this.#refuse(offset, below, { expected: 'another name', found, next: 'remove it, or choose another' })
      } else entries.set(name, { offset, node: this.node(value, { offset, member: below, depth }) })
    }
    return entries
  }

  #refuse(offset: number, member: string, what: Pick<Mistake, 'expected' | 'found' | 'next'>): void {
    this.#mistakes.push({ offset, member, ...what })
  }
}

const WHOLE = /^(?:0|[1-9][0-9]{0,14})$/

/** Numbers that are not written in plain digits stay what is written: `1e999` is no number here. */
function plain(value: unknown, source: string): string | number | boolean | null {
  if (typeof value === 'number') return WHOLE.test(source) ? value : source
  return typeof value === 'string' || typeof value === 'boolean' ? value : null
}

/** Where a path of names and numbers leads, as far as it goes. */
export interface Found {
  /** of the value; where it is not there, of what would have it */
  readonly offset: number
  /** of the key that has the value, where it has one */
  readonly key: number
  /** undefined where there is nothing */
  readonly node: PolicyNode | undefined
  /** `artifacts[0].from` */
  readonly member: string
}

export function at(tree: PolicyNode, path: readonly PropertyKey[]): Found {
  let found: Found = { offset: tree.offset, key: tree.offset, node: tree, member: '' }
  for (const step of path) {
    const { node, member, offset } = found
    const below =
      typeof step === 'number' ? `${member}[${step}]` : `${member}${member === '' ? '' : '.'}${String(step)}`
    const entry = node?.kind === 'map' ? node.entries.get(String(step)) : undefined
    const item = node?.kind === 'list' ? node.items[Number(step)] : entry?.node
    found = { offset: item?.offset ?? offset, key: entry?.offset ?? item?.offset ?? offset, node: item, member: below }
  }
  return found
}

/** The values alone, in objects without a prototype. */
export function plainValue(node: PolicyNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainValue)
  const values: Record<string, unknown> = Object.create(null)
  for (const [name, { node: value }] of node.entries) values[name] = plainValue(value)
  return values
}
