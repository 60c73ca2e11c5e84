import { describe, expect, test } from 'vitest'
import { newLines, paint } from '../../src/tui/painting.js'

describe('painting', () => {
  test('writes the lines that changed, each in its place, and no other', () => {
    expect(paint(['a', 'b', 'c'], ['a', 'B', 'c'], 24)).toBe('\u001b[?2026h\u001b[2;1H\u001b[0m\u001b[2KB\u001b[?2026l')
  })

  test('empties lines that are no more', () => {
    expect(paint(['a', 'b'], ['a'], 24)).toContain('\u001b[2;1H\u001b[0m\u001b[2K\u001b[?2026l')
  })

  test('writes nothing where nothing changed', () => {
    expect(paint(['a', 'b'], ['a', 'b'], 24)).toBe('')
  })

  test('writes nothing below the last row, where the terminal would scroll', () => {
    expect(paint([], ['a', 'b', 'c'], 2)).not.toContain('c')
    expect(paint(['a', 'b', 'c'], ['a', 'b', 'C'], 2)).toBe('')
  })

  test('says the lines that are new, for programs that read aloud', () => {
    expect(newLines(['Import', 'one', ''], ['Import', 'two', '', ' '])).toEqual(['two'])
  })

  test('says which line is chosen now, and not the one that is so no longer', () => {
    const before = ['› one', '  two', 'chosen, ok, level 1, three', 'ok, level 1, four']
    const after = ['  one', '› two', 'ok, level 1, three', 'chosen, ok, level 1, four']

    expect(newLines(before, after)).toEqual(['› two', 'chosen, ok, level 1, four'])
  })
})
