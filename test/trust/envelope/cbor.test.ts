import { Tagged } from 'cborg'
import { describe, expect, test } from 'vitest'
import { type Cbor, decodeCbor, encodeCbor } from '../../../src/trust/envelope/cbor.js'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

test.each<[string, Cbor, string]>([
  ['integers', [0, 23, 24, 1000, -1, -37], '86001718181903e8203824'],
  ['texts and bytes', ['a', hex('01')], '8261614101'],
  ['the plain values', [null, true, false], '83f6f5f4'],
  [
    'maps with keys of both kinds',
    new Map<number | string, Cbor>([
      [1, 2],
      ['a', []],
    ]),
    'a20102616180',
  ],
  ['a time', new Tagged(1, 1_667_411_812), 'c11a6362af64'],
  ['a fraction', 1.5, 'f93e00'],
])('reads what it writes: %s', (_what, value, text) => {
  expect(Buffer.from(encodeCbor(value)).toString('hex')).toBe(text)
  expect(decodeCbor(hex(text))).toEqual(value)
})

test('writes maps in one order, whatever order they were made in', () => {
  const one = new Map<number | string, Cbor>([
    ['bb', 1],
    [-1, 2],
    ['a', 3],
    [10, 4],
    [1, 5],
  ])
  const other = new Map([...one].toReversed())

  expect(encodeCbor(one)).toEqual(encodeCbor(other))
  expect(Buffer.from(encodeCbor(one)).toString('hex')).toBe('a501050a04200261610362626201')
})

describe('refuses', () => {
  test.each([
    ['no bytes', ''],
    ['bytes after the end', '0000'],
    ['an array that does not end', '8201'],
    ['a map without a value', 'a101'],
    ['a length beyond the end', '5b7fffffffffffffff00'],
    ['a text key twice', 'a2616101616102'],
    ['an integer key twice', 'a201010102'],
    ['an array of indefinite length', '9f01ff'],
    ['a map of indefinite length', 'bf0101ff'],
    ['bytes of indefinite length', '5f4101ff'],
    ['a text of indefinite length', '7f6161ff'],
    ['a break alone', 'ff'],
    ['an integer longer than it need be', '1801'],
    ['a negative integer longer than it need be', '390000'],
    ['a length longer than it need be', '580101'],
    ['the length of an array longer than it need be', '980101'],
    ['an integer beyond 2^53', '1b0020000000000000'],
    ['a key that is bytes', 'a1410100'],
    ['a key that is an array', 'a18000'],
    ['a key that is a map', 'a1a000'],
    ['a key that is a fraction', 'a1f93c0000'],
    ['a key with a tag', 'a1c1616100'],
    ['a key that is null', 'a1f600'],
    ['UTF-8 that is none', '61ff'],
    ['half a surrogate pair', '63eda080'],
    ['UTF-8 longer than it need be', '62c080'],
    ['a tag that nobody uses', 'c0616a'],
    ['a tag on nothing', 'c1'],
    ['undefined', 'f7'],
    ['an unknown simple value', 'f0'],
    ['not a number', 'f97e00'],
    ['infinity', 'f97c00'],
  ])('%s', (_what, text) => {
    expect(() => decodeCbor(hex(text))).toThrow()
  })

  test.each([
    ['arrays', '81'],
    ['maps', 'a100'],
    ['tags', 'c1'],
  ])('deep nesting of %s', (_what, open) => {
    expect(() => decodeCbor(hex(`${open.repeat(100_000)}00`))).toThrow()
    expect(() => decodeCbor(hex(`${open.repeat(33)}00`))).toThrow()
  })
})

test('reads nesting as deep as that of JSON, and keys at any depth', () => {
  expect(() => decodeCbor(hex(`${'81'.repeat(31)}00`))).not.toThrow()
  expect(() => decodeCbor(hex('a10182a1020381a10405'))).not.toThrow()
})
