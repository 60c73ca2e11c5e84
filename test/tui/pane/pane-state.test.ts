import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AT_TOP, type PaneState, scrolled, searched, topOf } from '../../../src/tui/pane/pane-state.js'
import { fold, lineAt, rowsFrom, rowsOf } from '../../../src/tui/pane/rows.js'

const LINES = Array.from({ length: 100 }, (_, at) => `line ${at}`)

describe('folding', () => {
  test('loses no character, and knows how many rows there are', () => {
    const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1 })
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 20 }), (lines, width) => {
        const folded = fold(lines, width)
        const rows = rowsFrom(folded, 0, folded.total + 10)

        expect(rows).toHaveLength(folded.total)
        expect(
          lines.map((_, line) =>
            rows
              .filter((row) => row.line === line)
              .map(({ text }) => text)
              .join(''),
          ),
        ).toEqual(lines)
        expect(rows.every(({ row, line }) => lineAt(folded, row) === line)).toBe(true)
      }),
    )
  })

  test('counts wide characters twice, and what combines with another not at all', () => {
    expect(rowsOf('漢字漢字', 5)).toEqual(['漢字', '漢字'])
    expect(rowsOf('e\u0301e\u0301e\u0301', 2)).toEqual(['e\u0301e\u0301', 'e\u0301'])
    expect(rowsOf('', 5)).toEqual([''])
  })
})

describe('a pane', () => {
  const extent = { folded: fold(LINES, 20), rows: 10 }
  const going = (...commands: readonly Parameters<typeof scrolled>[1][]): PaneState =>
    commands.reduce((state, command) => scrolled(state, command, extent), AT_TOP)

  test('scrolls by lines and pages, and stays within the text', () => {
    expect(topOf(going('up'), extent)).toBe(0)
    expect(topOf(going('down', 'page-down'), extent)).toBe(10)
    expect(topOf(going('last'), extent)).toBe(90)
    expect(topOf(going('last', 'down', 'page-down'), extent)).toBe(90)
    expect(topOf(going('last', 'page-up', 'first'), extent)).toBe(0)
  })

  test('stays at its line when the width changes', () => {
    const state = going('page-down', 'page-down')

    const narrow = { folded: fold(LINES, 4), rows: 10 }

    expect(lineAt(narrow.folded, topOf(state, narrow))).toBe(18)
  })

  test('searches in either case, goes from hit to hit, and around the end', () => {
    const first = searched(AT_TOP, 'LINE 9', { ...extent, back: false })
    const all = [first]
    for (let at = 0; at < 11; at += 1) all.push(scrolled(all.at(-1) ?? first, 'next-hit', extent))

    expect(all.map(({ hit }) => hit)).toEqual([9, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 9])
    expect(scrolled(first, 'previous-hit', extent).hit).toBe(99)
  })

  test('says that it has not found what is not there, and stays where it is', () => {
    const there = going('page-down')

    const state = searched(there, 'nowhere', { ...extent, back: false })

    expect(state).toEqual({ ...there, query: 'nowhere' })
    expect(scrolled(state, 'next-hit', extent)).toEqual(state)
  })

  test('has a text without lines', () => {
    const empty = { folded: fold([], 20), rows: 10 }

    for (const command of ['up', 'down', 'page-down', 'first', 'last', 'next-hit'] as const) {
      expect(topOf(scrolled({ ...AT_TOP, query: 'x' }, command, empty), empty)).toBe(0)
    }
  })
})
