import { expect, test } from 'vitest'
import { isUnnamed } from '../../src/tui/unnamed-keys.js'
import { KEY } from '../support/pty.js'

test('keys that the screens know are heard', () => {
  for (const key of [...Object.values(KEY), 'a', '?', '\u001b[1;2A', '\u001b[3~']) expect(isUnnamed(key)).toBe(false)
})

test.each(['\u001b[31m', '\u001b[1;5P', '\u001b[99;5~', '\u001b\u001b[37m'])('%j is not', (key) => {
  expect(isUnnamed(key)).toBe(true)
})
