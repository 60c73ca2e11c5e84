import { describe, expect, test } from 'vitest'
import { type Edit, edited, editedText } from '../../../src/tui/components/text-edit.js'

const insert = (text: string): Edit => ({ type: 'insert', text, max: 20 })

function typed(start: string, ...edits: readonly Edit[]): string {
  const { value, cursor } = edits.reduce(edited, editedText(start))
  return `${value.slice(0, cursor)}|${value.slice(cursor)}`
}

describe('a text that is typed', () => {
  test('grows and shrinks where the cursor stands', () => {
    expect(typed('', insert('host'), insert(':5000'))).toBe('host:5000|')
    expect(typed('host', { type: 'left' }, { type: 'delete' }, insert('r'))).toBe('hor|t')
    expect(typed('host', { type: 'start' }, { type: 'delete' }, insert('my-'))).toBe('my-|host')
    expect(typed('host', { type: 'start' }, { type: 'right' }, { type: 'end' }, { type: 'right' })).toBe('host|')
  })

  test('takes a letter with its accent, and a character beyond the first plane, for one step', () => {
    expect(typed('cafe\u0301', { type: 'delete' })).toBe('caf|')
    expect(typed('a📦b', { type: 'left' }, { type: 'left' })).toBe('a|📦b')
  })

  test('loses control characters that are pasted, and what is longer than may be', () => {
    expect(typed('', insert('a\u001b[2J\u0007b\nc'))).toBe('a[2Jbc|')
    expect(typed('', insert('x'.repeat(50)))).toBe(`${'x'.repeat(20)}|`)
  })
})
