import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isPathPattern,
  isSourcePattern,
  isTagPattern,
  matchesName,
  matchesTag,
  widerPatterns,
} from '../../src/policy/patterns.js'

const component = fc.constantFrom('a', 'b', 'ab', 'c-d')
const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const name = path.map((one) => `registry.example/${one}`)
const pattern = fc.oneof(
  name,
  name.map((one) => `${one}/*`),
  fc.constantFrom('*', 'registry.example/*'),
)

describe('matchesName', () => {
  it.each([
    ['registry.example/app', 'registry.example/app', true],
    ['registry.example/app', 'registry.example/app/more', false],
    ['registry.example/app', 'registry.example/App', false],
    ['registry.example/*', 'registry.example/team/app', true],
    ['registry.example/team/*', 'registry.example/team/app', true],
    ['registry.example/team/*', 'registry.example/team', false],
    ['registry.example/team/*', 'registry.example/team-b/app', false],
    ['registry.example/team/*', 'registry.example.evil/team/app', false],
    ['*', 'registry.example/app', true],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(matchesName(one, other)).toBe(expected)
  })
})

describe('widerPatterns', () => {
  it('has a pattern exactly where that has all of the names', () => {
    fc.assert(
      fc.property(pattern, pattern, name, (earlier, later, one) => {
        const covered = widerPatterns(later).includes(earlier)
        if (covered && matchesName(later, one)) expect(matchesName(earlier, one)).toBe(true)
        if (!covered && later === one) expect(matchesName(earlier, one)).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['*', 'registry.example/a/*', true],
    ['registry.example/a/*', 'registry.example/a/b', true],
    ['registry.example/a/*', 'registry.example/a/b/*', true],
    ['registry.example/a/*', 'registry.example/a/*', true],
    ['registry.example/a/*', 'registry.example/a', false],
    ['registry.example/a/*', '*', false],
    ['registry.example/a', 'registry.example/a/*', false],
  ])('%s covers %s: %s', (earlier, later, expected) => {
    expect(widerPatterns(later).includes(earlier)).toBe(expected)
  })
})

describe('matchesTag', () => {
  it.each([
    ['v*', 'v1', true],
    ['v*', '1', false],
    ['latest', 'latest', true],
    ['latest', 'latest2', false],
    ['*', 'anything', true],
  ])('%s and %s: %s', (one, tag, expected) => {
    expect(matchesTag(one, tag)).toBe(expected)
  })
})

describe('the forms of patterns', () => {
  it.each(['*', 'registry.example/*', 'registry.example:5000/a/*', 'localhost/a', '[::1]:5000/a'])(
    '%s is a source',
    (text) => {
      expect(isSourcePattern(text)).toBe(true)
    },
  )

  it.each([
    ...['', '/', 'a', 'a/b', 'registry.example', 'registry.example/', 'registry.example/a*', 'registry.example/**'],
    ...['registry.example/*/a', '*/a', '*.example/a', 'registry.example/a:1', 'registry.example/../a', '**', '/*'],
    ...['https://registry.example/a', 'registry.example/A', 'registry.example//a', 'registry.example/a/'],
  ])('%j is no source', (text) => {
    expect(isSourcePattern(text)).toBe(false)
  })

  it.each(['', '/*', 'a*', 'a/*/b', '../*', './a', '/a', 'A/*', '**', 'a:1'])('%j is no path', (text) => {
    expect(isPathPattern(text)).toBe(false)
  })

  it.each(['', '**', 'v**', '*v', '.a', 'a b'])('%j is no tag', (text) => {
    expect(isTagPattern(text)).toBe(false)
  })
})
