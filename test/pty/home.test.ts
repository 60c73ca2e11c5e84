import { describe, expect, test } from 'vitest'
import { KEY, startInPty } from '../support/pty.js'
import { tmpFolder } from '../support/tmp.js'

describe('waybill on a terminal', () => {
  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
  ])('opens its screens at %i×%i, and gives the terminal back', async (columns, rows) => {
    const program = startInPty({ folder: await tmpFolder(), columns, rows })

    await program.sees('What do you want to do?')
    program.press('?')
    await program.sees('Keys')
    program.press(KEY.escape)
    await program.sees('What do you want to do?')
    program.press('q')

    expect(await program.end).toEqual({ exit: 0, signal: undefined })
    expect(program.terminal.buffer.active.type).toBe('normal')
    expect(program.screen().join('').trim()).toBe('')
  })
})
