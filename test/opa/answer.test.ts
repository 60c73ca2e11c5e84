import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/encoding/strict-json.js'
import { readAnswer } from '../../src/opa/answer.js'

const FAILED = expect.objectContaining({ code: 'ERR_OPA_FAILED' })
const NONE = new Map()

describe('the answer of a policy', () => {
  test.each<[string, Json, boolean, readonly string[]]>([
    ['true', true, true, []],
    ['false', false, false, []],
    ['an object that allows', { allow: true }, true, []],
    ['one with empty lists', { allow: true, deny: [], reasons: [], refuse: {} }, true, []],
    ['one that does not allow', { allow: false, deny: ['too old'] }, false, ['too old']],
    ['one that allows, and has a reason against it', { allow: true, deny: ['too old'] }, false, ['too old']],
    ['the same under its other name', { allow: true, reasons: ['too old'] }, false, ['too old']],
    ['both lists', { allow: true, deny: ['a'], reasons: ['b'] }, false, ['a', 'b']],
  ])('is understood: %s', (_, value, allow, reasons) => {
    expect(readAnswer(value, 'p.wasm')).toEqual({ allow, reasons, refuse: NONE })
  })

  test('can refuse single roots', () => {
    const { allow, refuse } = readAnswer({ allow: true, refuse: { 'a.example/b:1': 'no' } }, 'p.wasm')

    expect([allow, [...refuse]]).toEqual([true, [['a.example/b:1', 'no']]])
  })

  test.each<[string, Json | undefined]>([
    ['no result', undefined],
    ['null', null],
    ['a number', 1],
    ['a text', 'true'],
    ['a list', [true]],
    ['an empty object', {}],
    ['allow as a text', { allow: 'true' }],
    ['allow as a number', { allow: 1 }],
    ['allow as null', { allow: null }],
    ['a misspelt list', { allow: true, denny: ['no'] }],
    ['a list that is none', { allow: true, deny: 'no' }],
    ['a reason that is no text', { allow: true, reasons: [0] }],
    ['refusals in a list', { allow: true, refuse: ['a.example/b:1'] }],
    ['a refusal without a text', { allow: true, refuse: { 'a.example/b:1': true } }],
    ['more reasons than anybody reads', { allow: true, deny: Array.from({ length: 1001 }, () => 'no') }],
  ])('is none where it is %s', (_, value) => {
    expect(() => readAnswer(value, 'p.wasm')).toThrow(FAILED)
  })

  test('allows by its exact form, and by nothing that looks like it', () => {
    const key = fc.oneof(fc.constantFrom('allow', 'deny', 'reasons', 'refuse', 'result', 'Allow'), fc.string())
    const leaf = fc.oneof(fc.constantFrom<Json[]>(true, 'true', 1, [], null, ['no']), fc.string(), fc.boolean())
    const { value } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    }))

    fc.assert(
      fc.property(value, (answer) => {
        expect(allows(answer)).toBe(isLeave(answer))
      }),
      { numRuns: 5_000 },
    )
  })
})

function allows(answer: Json): boolean {
  try {
    return readAnswer(answer, 'p.wasm').allow
  } catch {
    return false
  }
}

/** The forms that allow, written down a second time. */
function isLeave(answer: Json): boolean {
  if (answer === true) return true
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return false
  const { allow, deny = [], reasons = [], refuse = {}, ...others } = answer as { readonly [key: string]: Json }
  const empty = (list: Json): boolean => Array.isArray(list) && list.length === 0
  const texts = typeof refuse === 'object' && refuse !== null && !Array.isArray(refuse)
  return (
    allow === true &&
    empty(deny) &&
    empty(reasons) &&
    texts &&
    Object.values(refuse).every((why) => typeof why === 'string') &&
    Object.keys(others).length === 0
  )
}
