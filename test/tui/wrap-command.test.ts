import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shellWords } from '../../src/encoding/shell-words.js'
import { wrapCommand } from '../../src/tui/wrap-command.js'
import { widthOf } from '../../src/tui/wrap-lines.js'

const WORDS = ['waybill', 'import', '/media/usb stick/a.tar', '--to', '127.0.0.1:32877/mirror', "it's", '--plain-http']

/** What a shell makes of lines that were copied from the screen. */
function pasted(lines: readonly string[]): readonly string[] {
  const script = `set -- ${lines.join('\n')}\nprintf '%s\\0' "$@"`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

describe('a command on several lines', () => {
  test.each([12, 20, 40, 78, 200])('is the same command when it is pasted, at %i columns', (columns) => {
    const lines = wrapCommand(shellWords(WORDS), columns)

    expect(pasted(lines)).toEqual(WORDS)
    expect(lines.length === 1).toBe(columns === 200)
  })

  test('cuts words that are wider than the screen, quoted ones as well', () => {
    const wide = ['x', 'a'.repeat(100), `b ${'字'.repeat(40)}`]

    const lines = wrapCommand(shellWords(wide), 40)

    expect(pasted(lines)).toEqual(wide)
    expect(lines.filter((line) => widthOf(line) > 40)).toEqual([])
  })

  test('loses no character of whatever words it has', () => {
    const word = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom(...'abc-/ "$`字') })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.integer({ min: 8, max: 90 }), (words, columns) => {
        expect(pasted(wrapCommand(shellWords(words), columns))).toEqual(words)
      }),
      { numRuns: 40 },
    )
  })
})
