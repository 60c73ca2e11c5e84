import { expect, it } from 'vitest'
import { parseChallenges } from '../../src/registry/challenge.js'

function plain(headers: readonly string[]): unknown {
  return parseChallenges(headers).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

it('reads a Bearer challenge with a comma in its scope', () => {
  const header = 'Bearer realm="https://auth.example/token",service="reg",scope="repository:a/b:pull,push"'

  expect(plain([header])).toEqual([
    ['bearer', { realm: 'https://auth.example/token', service: 'reg', scope: 'repository:a/b:pull,push' }],
  ])
})

it.each([
  [
    'Negotiate, BASIC Realm="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'Negotiate YIIabc+/==, Bearer realm=https',
    [
      ['negotiate', {}],
      ['bearer', { realm: 'https' }],
    ],
  ],
  ['Basic realm="a \\"b\\" \\\\ c"', [['basic', { realm: 'a "b" \\ c' }]]],
  ['bearer  realm = "r" , error="insufficient_scope"', [['bearer', { realm: 'r', error: 'insufficient_scope' }]]],
  [
    'Basic realm="a", Bearer realm="b", Digest',
    [
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b' }],
      ['digest', {}],
    ],
  ],
  ['Bearer realm="a", realm="b"', [['bearer', { realm: 'a' }]]],
  [', , Basic realm="x"', [['basic', { realm: 'x' }]]],
  ['Basic', [['basic', {}]]],
  ['Bearer realm="never closed', [['bearer', {}]]],
  ['realm="x"', []],
  ['"quoted"', []],
  ['', []],
])('reads %s', (header, expected) => {
  expect(plain([header])).toEqual(expected)
})

it('reads several headers', () => {
  expect(plain(['Negotiate', 'Basic realm="x"'])).toEqual([
    ['negotiate', {}],
    ['basic', { realm: 'x' }],
  ])
})

it('needs no more than a moment for a long header', () => {
  const started = performance.now()

  parseChallenges([`Bearer ${'a=",\\" '.repeat(8_000)}`, 'a'.repeat(60_000), `Bearer realm="${'\\'.repeat(60_000)}`])

  expect(performance.now() - started).toBeLessThan(500)
})
