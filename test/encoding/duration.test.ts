import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/encoding/duration.js'

test.each([
  ['30d', 30 * 86_400_000],
  ['12h', 12 * 3_600_000],
  ['90m', 5_400_000],
  ['45s', 45_000],
  ['1d12h', 36 * 3_600_000],
  ['1d2h3m4s', 93_784_000],
  ['36525d', 36_525 * 86_400_000],
])('reads %s', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each([
  '',
  '0s',
  '30',
  'd',
  '-1d',
  '1.5h',
  '1h1d',
  '1h1h',
  '1 d',
  '1D',
  '1w',
  '36526d',
  `${'9'.repeat(400)}s`,
  '1ms',
])('takes %j for no span of time', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [1, '1 s'],
  [59_001, '1 min 0 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [360_000_000, '4 d 4 h'],
])('writes %i milliseconds as %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})
