import { describe, expect, test } from 'vitest'
import { openedAt } from '../support/screens.js'

describe('the screens', () => {
  test('keep what is on them while the help is read, and give it no keys', async () => {
    const screens = openedAt('home')

    await screens.press('\u001b[B', '?')
    await screens.sees('· Keys')
    await screens.press('\u001b[B', '\r', '?')

    await screens.sees('What do you want to do?')
    expect(screens.screen().find((line) => line.includes('›'))).toContain('Import a bundle')
  })

  test('do nothing for keys while the terminal is too small to show what they do', async () => {
    const screens = openedAt('home')
    screens.resize(20, 6)
    await screens.sees('the terminal is too')

    await screens.press('\u001b[B', '\r', 'L', '?', '\u001b')
    screens.resize(80, 24)

    await screens.sees('What do you want to do?')
    expect(screens.screen().find((line) => /›/.test(line))).toContain('First steps')
  })
})
