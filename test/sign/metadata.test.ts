import { expect, test } from 'vitest'
import { parseMetadata } from '../../src/sign/metadata.js'

test('takes pairs, and cuts them at the first equals sign', () => {
  expect(parseMetadata(['a=1', 'b=c=d', 'e=', '__proto__=x'])).toEqual(
    Object.fromEntries([
      ['a', '1'],
      ['b', 'c=d'],
      ['e', ''],
      ['__proto__', 'x'],
    ]),
  )
  expect(parseMetadata([])).toEqual({})
})

test.each([
  ['without an equals sign', ['build']],
  ['without a key', ['=7']],
  ['with a key that is reserved', ['io.cncf.notary.expiry=never']],
  ['with a key that begins like a reserved one', ['io.cncf.notaryish=1']],
  ['with one key twice', ['a=1', 'a=1']],
])('refuses a pair %s', (_what, pairs) => {
  expect(() => parseMetadata(pairs)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
})
