import { describe, expect, it } from 'vitest'
import { hasCode } from '../../src/errors.js'
import { algorithmOf, digestFrom, digestOf, encodedOf, isDigest, parseDigest } from '../../src/oci/digest.js'

const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const BAD = [
  '',
  'sha256',
  'sha256:',
  HEX,
  `:${HEX}`,
  `sha256:${HEX.slice(1)}`,
  `sha256:${HEX}0`,
  `sha256:${HEX.toUpperCase()}`,
  `SHA256:${HEX}`,
  `sha512:${HEX}`,
  `sha256:${HEX}${HEX}`,
  `sha384:${HEX.slice(0, 32)}${HEX}`,
  'md5:d41d8cd98f00b204e9800998ecf8427e',
  `sha256+b64:${HEX}`,
  'sha256:../../../../etc/passwd',
  `sha256:${'../'.repeat(21)}x`,
  `sha256:%2e%2e${HEX.slice(6)}`,
  `sha256:${HEX}\n`,
  `\nsha256:${HEX}`,
  ` sha256:${HEX}`,
  `sha256:${HEX} `,
  `sha256:${HEX}\0`,
  `sha256 :${HEX}`,
  `sha256:${HEX.slice(0, 63)}g`,
  `sha256:${HEX.slice(0, 63)}０`,
  `sha256:${HEX}@sha256:${HEX}`,
  'sha256:'.repeat(100_000),
]

describe('parseDigest', () => {
  it.each([`sha256:${HEX}`, `sha512:${HEX}${HEX}`])('takes %s', (text) => {
    expect(parseDigest(text)).toBe(text)
  })

  it.each(BAD)('refuses %j', (text) => {
    let failure: unknown
    try {
      parseDigest(text)
    } catch (cause) {
      failure = cause
    }

    expect(hasCode(failure, 'ERR_DIGEST_INVALID')).toBe(true)
    expect(isDigest(text)).toBe(false)
    expect(String(failure).length).toBeLessThan(1000)
  })
})

describe('digestOf', () => {
  it('hashes nothing to the digest that everybody knows', () => {
    const digest = digestOf(new Uint8Array(0))

    expect(digest).toBe(`sha256:${HEX}`)
  })

  it('gives digests that can be parsed, with their parts', () => {
    const digest = digestOf(new Uint8Array([1]), 'sha512')

    expect(parseDigest(digest)).toBe(digest)
    expect([algorithmOf(digest), encodedOf(digest).length]).toEqual(['sha512', 128])
  })
})

describe('digestFrom', () => {
  it('refuses what no hash could have given', () => {
    expect(() => digestFrom('sha512', HEX)).toThrow()
  })
})
