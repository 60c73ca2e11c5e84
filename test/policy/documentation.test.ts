import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { POLICY_SCHEMA } from '../../src/policy/schema.js'
import { policyOf } from '../support/policies.js'
import { mistakesIn } from '../support/policy-mistakes.js'

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/policy.md'), 'utf8')
const EXAMPLES = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)

describe('docs/policy.md', () => {
  it.each(EXAMPLES)('has only examples that can be read: %#', (text) => {
    expect(() => policyOf(text)).not.toThrow()
  })

  it('has a section for each member, and each member that is below one', () => {
    const named = (name: string) => PAGE.includes(`\`${name}\``) || new RegExp(`(?:^|[ {\`])${name}:`, 'm').test(PAGE)
    const sections = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)

    expect(EXAMPLES.length).toBeGreaterThan(5)
    expect(Object.keys(POLICY_SCHEMA.shape).filter((name) => !sections.includes(name))).toEqual([])
    expect(membersOf(POLICY_SCHEMA).filter((name) => !named(name))).toEqual([])
  })

  it('shows a mistake as it is told', () => {
    const [first = ''] = EXAMPLES
    const [told] = mistakesIn(first.replace('{allOf: [vendor', '{allOf: [vendr'))
    const shown = /```\n(import-policy\.yaml:.*?)\n```/s.exec(PAGE)?.[1]?.replace('\n', ' ')

    expect(shown?.replace(/:\d+:\d+:/, '')).toBe(told?.replace(/:\d+:\d+:/, ''))
  })
})

function membersOf(schema: unknown): string[] {
  if (schema instanceof z.ZodOptional) return membersOf(schema.unwrap())
  if (schema instanceof z.ZodArray) return membersOf(schema.element)
  if (schema instanceof z.ZodRecord) return membersOf(schema.valueType)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(membersOf)
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape).flatMap(([name, below]) => [name, ...membersOf(below)])
}
