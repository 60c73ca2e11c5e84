import { z } from 'zod'
import type { Mistake } from './mistake.js'
import { quoted } from './mistake.js'
import { nearest } from './nearest.js'
import { POLICY_SCHEMA, type TextRule, type WrittenPolicy } from './schema.js'
import { at, type Found, type PolicyNode, plainValue } from './yaml-tree.js'

type Issue = z.core.$ZodIssue
type What = Pick<Mistake, 'expected' | 'found' | 'next'>

/** The policy as it is written, or everything that keeps it from having the shape of one. */
export function shapeOf(tree: PolicyNode): WrittenPolicy | readonly Mistake[] {
  const parsed = POLICY_SCHEMA.safeParse(plainValue(tree), { jitless: true })
  if (parsed.success) return parsed.data
  return parsed.error.issues.flatMap((issue) => mistakesOf(issue, tree))
}

function mistakesOf(issue: Issue, tree: PolicyNode): readonly Mistake[] {
  const found = at(tree, issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownMember(key, issue.path, tree))
  if (issue.code === 'invalid_key') {
    const inner = issue.issues.map((one) => ({ ...one, path: issue.path }) as Issue)
    return inner
      .flatMap((one) => mistakesOf(one, tree))
      .map((one) => ({ ...one, offset: found.key, found: quoted(String(issue.path.at(-1))) }))
  }
  if (issue.code === 'invalid_union') {
    // The only choice is between a word and a list.
    const inner = found.node?.kind === 'list' ? issue.errors.at(-1) : issue.errors[0]
    return (inner ?? []).flatMap((one) => mistakesOf({ ...one, path: [...issue.path, ...one.path] } as Issue, tree))
  }
  return [{ offset: found.offset, member: found.member, ...whatIsWrong(issue, found) }]
}

function whatIsWrong(issue: Issue, { node }: Found): What {
  const found = described(node)
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(TYPES[issue.expected] ?? TYPES['string'] ?? FALLBACK, node)
    case 'invalid_value': {
      const words = issue.values.map(String)
      const meant = node?.kind === 'scalar' ? nearest(node.source, words) : undefined
      const next = meant === undefined ? 'write one of them' : `did you mean ${meant}?`
      return {
        expected: words.join(' or '),
        found,
        next: words.length === 1 && meant === undefined ? `write ${words[0]}` : next,
      }
    }
    case 'too_big':
      return {
        expected: `at most ${issue.maximum}${unit(issue.origin)}`,
        found: amount(node),
        next: 'make it shorter, or smaller',
      }
    case 'too_small':
      return {
        expected: `at least ${issue.minimum}${unit(issue.origin)}`,
        found: amount(node),
        next: 'write what is meant, or remove it',
      }
    case 'custom':
      return { ...FALLBACK, ...(issue.params as TextRule | undefined), found }
    default:
      return { ...FALLBACK, found }
  }
}

const FALLBACK: What = { expected: 'something else', found: 'this', next: 'see docs/policy.md' }

const TYPES: Readonly<Record<string, What>> = {
  object: { expected: 'members', found: '', next: 'write each on a line of its own, indented, as NAME: VALUE' },
  record: { expected: 'members', found: '', next: 'write each on a line of its own, indented, as NAME: VALUE' },
  array: { expected: 'a list', found: '', next: 'write it between [ and ], or each item on a line after "- "' },
  string: { expected: 'a text', found: '', next: 'write it between quotes' },
  boolean: { expected: 'true or false', found: '', next: 'write true or false, without quotes' },
  number: { expected: 'a whole number', found: '', next: 'write digits alone, without quotes' },
  int: { expected: 'a whole number', found: '', next: 'write digits alone' },
}

function wrongType(what: What, node: PolicyNode | undefined): What {
  const found = described(node)
  if (node === undefined) return { ...what, found, next: 'add it' }
  if (node.kind === 'scalar' && node.value === null) return { ...what, found, next: 'write it, or remove the member' }
  // An identity is a text with ": " in it, which without quotes is a member to YAML.
  const [key, entry] = node.kind === 'map' ? ([...node.entries][0] ?? []) : []
  if (what.expected === 'a text' && key !== undefined && entry?.node.kind === 'scalar') {
    return { ...what, found: 'a member', next: `write all of it between quotes: ${quoted(`${key}: …`)}` }
  }
  return { ...what, found }
}

function unknownMember(key: string, path: readonly PropertyKey[], tree: PolicyNode): Mistake {
  const { key: offset, member } = at(tree, [...path, key])
  const known = membersAt(path)
  const meant = nearest(key, known)
  return {
    offset,
    member,
    expected: known.length === 0 ? 'nothing' : `one of the members ${known.join(', ')}`,
    found: `the unknown member ${quoted(key)}`,
    next: meant === undefined ? 'remove it, or correct its name' : `did you mean ${meant}?`,
  }
}

/** The members that are known at a place. */
function membersAt(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = POLICY_SCHEMA
  for (const step of path) schema = below(schema, step)
  const here = inner(schema)
  return here instanceof z.ZodObject ? Object.keys(here.shape) : []
}

function below(schema: unknown, step: PropertyKey): unknown {
  const here = inner(schema)
  if (here instanceof z.ZodObject) return (here.shape as Readonly<Record<PropertyKey, unknown>>)[step]
  if (here instanceof z.ZodArray) return here.element
  return here instanceof z.ZodRecord ? here.valueType : undefined
}

function inner(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional) return inner(schema.unwrap())
  if (schema instanceof z.ZodUnion) return inner(schema.options.at(-1))
  return schema
}

function described(node: PolicyNode | undefined): string {
  if (node === undefined) return 'nothing'
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'members' : 'a list'
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string' ? quoted(node.value) : quoted(node.source).slice(1, -1)
}

function amount(node: PolicyNode | undefined): string {
  if (node?.kind === 'list') return node.items.length === 0 ? 'none' : String(node.items.length)
  if (node?.kind === 'scalar' && typeof node.value === 'string') return String(node.value.length)
  return described(node)
}

function unit(origin: string): string {
  if (origin === 'array') return ' in the list'
  return origin === 'string' ? ' characters' : ''
}
