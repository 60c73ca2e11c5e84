import { expect, test } from 'vitest'
import { parseContentRange, parseRange } from '../../src/serve/byte-ranges.js'

test.each([
  ['bytes=500-1499', { first: 500, last: 1499 }],
  ['bytes=500-', { first: 500, last: 2047 }],
  ['bytes=-500', { first: 1548, last: 2047 }],
  ['bytes=-5000', { first: 0, last: 2047 }],
  ['bytes=2000-5000', { first: 2000, last: 2047 }],
  ['bytes=0-0', { first: 0, last: 0 }],
])('of 2048 bytes, %s is a part', (header, range) => {
  expect(parseRange(header, 2048)).toEqual(range)
})

test.each([undefined, '', 'bytes=-', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b', 'bytes=1', 'bytes=-1-2'])(
  'the header %j asks for everything',
  (header) => {
    expect(parseRange(header, 2048)).toBeUndefined()
  },
)

test.each([
  ['bytes=500-0', 2048],
  ['bytes=5000-10000', 2048],
  ['bytes=2048-', 2048],
  ['bytes=-0', 2048],
  ['bytes=0-', 0],
  ['bytes=999999999999999-', 2048],
])('%s of %i bytes cannot be satisfied', (header, size) => {
  expect(() => parseRange(header, size)).toThrow(expect.objectContaining({ status: 416 }))
})

test('a chunk says where it belongs', () => {
  expect(parseContentRange('10-19')).toEqual({ first: 10, last: 19 })
  expect(parseContentRange(undefined)).toBeUndefined()
})

test.each(['bytes 0-9', '0-9/10', '9-0', '-9', '0-', 'x', '', '99999999999999999999-99999999999999999999'])(
  'a chunk that says %j is refused',
  (header) => {
    expect(() => parseContentRange(header)).toThrow(expect.objectContaining({ status: 416 }))
  },
)
