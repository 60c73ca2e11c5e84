import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase64, decodeBase64Url, encodeBase64 } from '../../src/trust/base64.js'

test('gives back what was encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(Buffer.from(decodeBase64(encodeBase64(bytes)) ?? [])).toEqual(Buffer.from(bytes))
      expect(Buffer.from(decodeBase64Url(Buffer.from(bytes).toString('base64url')) ?? [])).toEqual(Buffer.from(bytes))
    }),
  )
})

test('encodes the part of a buffer that a view shows, and no more', () => {
  const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)

  expect(encodeBase64(view)).toBe('AgM=')
})

test.each(['YQ', 'YR==', 'YQ==\n', ' YQ==', 'Y-_=', 'YQ===', '-_8='])('refuses %j as standard base64', (text) => {
  expect(decodeBase64(text)).toBeUndefined()
})

test.each(['YQ==', 'YR', 'Y', 'YQ\n', '+/8', 'Y.Q'])('refuses %j as base64url', (text) => {
  expect(decodeBase64Url(text)).toBeUndefined()
})
