import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { POLICY_SCHEMA } from '../../src/policy/schema.js'

/** What stands for patterns in the JSON Schema, by the description beside it. */
function patternsIn(schema: unknown): readonly { readonly pattern: string; readonly description: string }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const here = 'pattern' in schema && typeof schema.pattern === 'string' ? [schema as never] : []
  return [...here, ...Object.values(schema).flatMap(patternsIn)]
}

describe('the JSON Schema of the policy', () => {
  const patterns = patternsIn(z.toJSONSchema(POLICY_SCHEMA, { io: 'input' }))
  const fits = (description: RegExp, text: string) =>
    patterns
      .filter((one) => description.test(one.description))
      .every(({ pattern }) => new RegExp(pattern, 'u').test(text))

  it('has patterns that take what is right', () => {
    expect(patterns.length).toBeGreaterThan(8)
    for (const text of ['30d', '12h', '1d12h', '90m']) expect(fits(/^a time/, text)).toBe(true)
    for (const text of ['ca:vendor', 'signingAuthority:a.b', 'tsa:x_y']) expect(fits(/^a trust store/, text)).toBe(true)
    expect(fits(/^the name of a signer/, 'lab-a')).toBe(true)
    expect(fits(/^an artifact type/, 'application/vnd.cyclonedx+json')).toBe(true)
    expect(fits(/^a rule of the Rego policy/, 'waybill/allow')).toBe(true)
  })

  it('has patterns that show an editor what is wrong', () => {
    expect(fits(/^a time/, '30 days')).toBe(false)
    expect(fits(/^a trust store/, 'vendor')).toBe(false)
    expect(fits(/^the name of a signer/, 'the vendor')).toBe(false)
  })
})
