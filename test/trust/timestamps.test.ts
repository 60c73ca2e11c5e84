import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTimestamp, parseTimestamp } from '../../src/trust/timestamps.js'

test('reads back every time that it writes', () => {
  const seconds = fc.integer({ min: 0, max: 253_402_300_799 })

  fc.assert(
    fc.property(seconds, (time) => parseTimestamp(formatTimestamp(new Date(time * 1000)))?.getTime() === time * 1000),
  )
})

test.each([
  ['2023-03-14T16:10:02+08:00', '2023-03-14T08:10:02.000Z'],
  ['2023-03-14T00:10:02-01:30', '2023-03-14T01:40:02.000Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ['2023-03-14T16:10:02.5Z', '2023-03-14T16:10:02.500Z'],
  ['2023-03-14T16:10:02.123456789Z', '2023-03-14T16:10:02.123Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(parseTimestamp(text)?.toISOString()).toBe(expected)
})

test.each([
  '2023-02-29T00:00:00Z',
  '2023-04-31T00:00:00Z',
  '2023-13-01T00:00:00Z',
  '2023-01-01T24:00:00Z',
  '2023-01-01T00:60:00Z',
  '2023-01-01T00:00:60Z',
  '2023-01-01T00:00:00',
  '2023-01-01T00:00:00z',
  '2023-01-01 00:00:00Z',
  '2023-01-01T00:00:00+24:00',
  '2023-01-01T00:00:00+0100',
  '2023-01-01T00:00:00.Z',
  ' 2023-01-01T00:00:00Z',
  '2023-01-01T00:00:00Z\n',
  '1672531200',
  '',
])('refuses %j', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})
