import { describe, expect, test } from 'vitest'
import { signedWords, windowWords } from '../../../src/import/review/validity-words.js'

const WINDOW = { notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-12-31T23:59:59Z' }

describe('the words for a window of validity', () => {
  test.each([
    ['2025-12-31T23:59:59.999Z', 'NOT YET VALID, from 2026-01-01T00:00:00Z on'],
    ['2026-01-01T00:00:00Z', 'valid'],
    ['2026-12-31T23:59:59.999Z', 'valid'],
    ['2027-01-01T00:00:00Z', 'EXPIRED since 2026-12-31T23:59:59Z'],
  ])('at %s: %s', (at, words) => {
    expect(windowWords(WINDOW, new Date(at))).toBe(words)
  })

  test('say whose word the time of signing is', () => {
    const authority = 'CN=Authority'
    const timestamp = { from: '2026-12-31T23:59:58Z', to: '2027-01-01T00:00:02Z', authority }

    expect(signedWords(WINDOW, { signingTime: '2026-03-01T00:00:00Z' })).toMatch(/^valid at .*signer's own clock/)
    expect(signedWords(WINDOW, { signingTime: '2026-03-01T00:00:00Z', timestamp })).toMatch(/^EXPIRED.*CN=Authority/)
    expect(signedWords(WINDOW, {})).toBe('not known when that was')
  })
})
