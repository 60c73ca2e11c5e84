import { describe, expect, test } from 'vitest'
import { Pane } from '../../../src/tui/components/pane.js'
import { drawAt } from '../../support/frames.js'
import { KEY } from '../../support/pty.js'

const MANY = Array.from({ length: 100_000 }, (_, at) => `entry ${at + 1}`)

function shown(lines: readonly string[], { columns = 40, rows = 6 } = {}) {
  const typing: boolean[] = []
  return { ...drawAt(<Pane {...{ lines, rows, columns }} onTyping={(on) => typing.push(on)} />, { columns }), typing }
}

describe('the pane', () => {
  test('shows a part of a text, and says which', async () => {
    const pane = shown(MANY)

    await pane.press(KEY.pageDown)
    await pane.sees('lines 5 to 9')

    expect(pane.screen().join('\n')).toMatchInlineSnapshot(`
      "  entry 5
        entry 6
        entry 7
        entry 8
        entry 9
      lines 5 to 9 of 100000"
    `)
  })

  test('goes to the end and to the beginning of a hundred thousand lines', async () => {
    const pane = shown(MANY)

    await pane.press(KEY.end)
    await pane.sees('entry 100000')
    await pane.press(KEY.home)
    await pane.sees('lines 1 to 5')
  })

  test('folds long lines, and cuts none', async () => {
    const pane = shown([`${'a'.repeat(38)}${'b'.repeat(38)}c`, 'end'])

    await pane.sees('end')

    expect(pane.screen().slice(0, 4)).toEqual([`  ${'a'.repeat(38)}`, `↳ ${'b'.repeat(38)}`, '↳ c', '  end'])
  })

  test('searches, and goes from hit to hit', async () => {
    const pane = shown(MANY)

    await pane.press('/')
    await pane.sees('Search:')
    await pane.press('ENTRY 777', KEY.enter)
    await pane.sees('"ENTRY 777" in line 777')
    await pane.sees('› entry 777')
    await pane.press('n')
    await pane.sees('› entry 7770')
    await pane.press('N')
    await pane.sees('in line 777')
    await pane.press('/')
    await pane.sees('Search:')
    await pane.press('nothing', KEY.enter)
    await pane.sees('"nothing" is not in it')

    expect(pane.typing).toEqual([true, false, true, false])
  })

  test('takes the letters of a search for letters, and leaves it by Esc', async () => {
    const pane = shown(MANY)

    await pane.press('/')
    await pane.sees('Search:')
    await pane.press('G', KEY.escape)
    await pane.gone('Search')

    await pane.sees('lines 1 to 5')
  })
})
