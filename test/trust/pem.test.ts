import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPem, parsePem } from '../../src/trust/pem.js'

class Refused extends Error {}

function parse(text: string) {
  return parsePem(text, (why) => {
    throw new Refused(why)
  })
}

test('reads back every block that it writes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (contents) => {
      const blocks = parse(contents.map((bytes) => formatPem('CERTIFICATE', bytes)).join(''))

      expect(blocks.map(({ bytes }) => Buffer.from(bytes))).toEqual(contents.map((bytes) => Buffer.from(bytes)))
    }),
  )
})

test('leaves out the text around blocks, and takes either line end', () => {
  const text = `Bag Attributes: x\r\nsubject=CN = a\r\n${formatPem('CERTIFICATE', Buffer.from('a')).replaceAll('\n', '\r\n')}# end\r\n`

  expect(parse(text).map(({ label }) => label)).toEqual(['CERTIFICATE'])
})

test.each([
  ['has no end', '-----BEGIN CERTIFICATE-----\nYQ==\n'],
  ['ends as something else', '-----BEGIN CERTIFICATE-----\nYQ==\n-----END PRIVATE KEY-----\n'],
  ['begins twice', '-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n'],
  ['has a damaged first line', '-----BEGIN CERTIFICATE----\nYQ==\n-----END CERTIFICATE-----\n'],
  ['only ends', '-----END CERTIFICATE-----\n'],
  ['is not base64', '-----BEGIN CERTIFICATE-----\nY!==\n-----END CERTIFICATE-----\n'],
  ['has base64 that no encoder writes', '-----BEGIN CERTIFICATE-----\nYR==\n-----END CERTIFICATE-----\n'],
  ['has headers', '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nYQ==\n-----END RSA PRIVATE KEY-----\n'],
])('refuses a block that %s', (_why, text) => {
  expect(() => parse(text)).toThrow(Refused)
})
