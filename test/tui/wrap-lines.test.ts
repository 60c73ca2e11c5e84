import { describe, expect, test } from 'vitest'
import { markedLines, packed, wrapLines } from '../../src/tui/wrap-lines.js'

describe('a text in lines', () => {
  test('is broken at blanks, and within words that are too long', () => {
    expect(wrapLines('one two three', 8)).toEqual(['one two', 'three'])
    expect(wrapLines('a abcdefghij b', 4)).toEqual(['a', 'abcd', 'efgh', 'ij b'])
    expect(wrapLines('  kept  in', 20)).toEqual(['  kept  in'])
    expect(wrapLines('', 5)).toEqual([''])
  })

  test('counts wide characters twice, and marks not at all', () => {
    expect(wrapLines('日本語', 4)).toEqual(['日本', '語'])
    expect(wrapLines(`e${'\u0301'.repeat(50)}x`, 2)).toEqual([`e${'\u0301'.repeat(50)}x`])
  })

  test('loses nothing, at any width', () => {
    const text = 'sha256:abc 日本語 e\u0301 📦📦 -> registry.example/very/long/name:tag'
    for (let columns = 2; columns < 60; columns += 1) {
      expect(wrapLines(text, columns).join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    }
  })

  test('has short facts beside each other where they fit', () => {
    expect(packed(['3 admitted', '1 refused', '2 new'], 24)).toEqual(['3 admitted · 1 refused', '2 new'])
  })

  test('marks each line that goes on, where a foreign text could begin with a verdict', () => {
    expect(markedLines('short enough', 12)).toEqual(['short enough'])
    expect(markedLines('by CN=Somebody ok  VERIFIED', 20)).toEqual(['by CN=Somebody', '  ↳ ok  VERIFIED'])
  })
})
