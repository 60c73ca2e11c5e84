import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { helpLines } from '../../src/tui/help-lines.js'
import { commandOf, KEYS, type KeyPlace, keyName } from '../../src/tui/keys.js'
import { openedAt } from '../support/screens.js'

const SCREENS = fileURLToPath(new URL('../../src/tui', import.meta.url))

/** Whatever is not yes. */
const ELSE = 'no'

/** Whose keys count at the same time: what the screens hand to `useKeys` together, and what counts above them. */
const TOGETHER: readonly (readonly KeyPlace[])[] = [
  ['always', 'everywhere', 'list'],
  ['always', 'everywhere', 'tree', 'review'],
  ['always', 'everywhere', 'tree', 'audit'],
  ['always', 'everywhere', 'transfer'],
  ['always', 'everywhere', 'pane'],
  ['always', 'everywhere', 'end'],
  ['always', 'form', 'option'],
]

describe('the one table of keys', () => {
  test.each(TOGETHER.map((places) => [places.join(', '), places] as const))('has each key once for %s', (_, places) => {
    const keys = KEYS.filter(({ place }) => places.includes(place)).flatMap((one) => one.keys)

    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([])
  })

  test('has no command that no screen does anything for', async () => {
    const paths = (await readdir(SCREENS, { recursive: true })).filter(
      (path) => /\.tsx?$/.test(path) && path !== 'keys.ts',
    )
    const texts = await Promise.all(paths.map((path) => readFile(join(SCREENS, path), 'utf8')))

    const commands = [...new Set(KEYS.map(({ command }) => command))]

    expect(
      commands.filter((command) => command !== ELSE && !texts.some((text) => text.includes(`'${command}'`))),
    ).toEqual([])
  })

  test('names every key that is no character as people read it', () => {
    const named = KEYS.flatMap((one) => one.keys).map(keyName)

    expect(named.filter((name) => /^[a-z]+[A-Z]|^[a-z]{2}|^ /.test(name))).toEqual([])
  })

  test('knows nothing of keys that it does not have', () => {
    expect(commandOf('ctrl-q', ['always', 'everywhere', 'list'])).toBeUndefined()
    expect(commandOf('', ['always', 'everywhere', 'list'])).toBeUndefined()
  })
})

describe('the help', () => {
  test.each([120, 80, 40])('has every key, and all of its words, in %i columns', (columns) => {
    const lines = helpLines(columns)
    const text = lines.join(' ').replaceAll(/\s+/g, ' ')

    expect(lines.filter((line) => line.length > columns)).toEqual([])
    for (const { keys } of KEYS) expect(text).toContain(keys.map(keyName).join(' '))
    const words = KEYS.flatMap(({ help }) => help.split(' '))
    expect(words.filter((word) => !text.includes(word))).toEqual([])
  })

  test.each([
    [120, 40],
    [80, 24],
    [40, 15],
  ])('can be read to its end at %i×%i', async (columns, rows) => {
    const screens = openedAt('home', { columns, rows })
    await screens.press('?')
    await screens.sees('Always')

    await screens.press('G')

    await screens.sees('leave this, and go on')
    expect(screens.screen().length).toBeLessThan(rows)
  })
})
