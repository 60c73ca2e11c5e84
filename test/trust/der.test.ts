import { expect, test } from 'vitest'
import { derElement, derElements } from '../../src/trust/der.js'

const hex = (text: string) => Buffer.from(text, 'hex')

test('finds the elements of a sequence, in order and whole', () => {
  const [sequence] = derElements(hex('3006020101040100'))
  const parts = derElements(sequence?.content ?? Buffer.of())

  expect(parts.map(({ tag, bytes }) => [tag, Buffer.from(bytes).toString('hex')])).toEqual([
    [0x02, '020101'],
    [0x04, '040100'],
  ])
})

test('reads lengths of several octets, and leaves what follows', () => {
  const long = Buffer.concat([hex('048180'), Buffer.alloc(128), hex('0500')])

  expect(derElement(long).content).toHaveLength(128)
})

test.each([
  ['nothing at all', ''],
  ['a tag alone', '30'],
  ['an element that does not end', '3003020101'.slice(0, 8)],
  ['an indefinite length', '30800000'],
  ['a length in a long form that a short one would do for', '0481010000'.slice(0, 8)],
  ['a length with a leading zero', '04820001ff'],
  ['a length beyond four octets', '04850000000001ff'],
  ['a tag of several octets', '1f8101'],
])('refuses %s', (_why, text) => {
  expect(() => derElement(hex(text))).toThrow()
})

test('refuses bytes after the last element that are none', () => {
  expect(() => derElements(hex('02010100'))).toThrow()
})
