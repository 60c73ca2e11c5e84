import { describe, expect, it } from 'vitest'
import { parseSigning } from '../../src/cli/signing.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'

describe('the words about a signature', () => {
  it('are all optional', () => {
    expect(parseSigning({}, 'jws')).toEqual({ type: ENVELOPE_JWS, metadata: {} })
  })

  it('become what is asked for', () => {
    const words = {
      expiry: '30d',
      metadata: ['build=7'],
      timestampUrl: 'http://tsa.example/',
      timestampRoot: 'root.crt',
    }

    expect(parseSigning(words, 'cose')).toEqual({
      type: ENVELOPE_COSE,
      metadata: { build: '7' },
      lifetimeMs: 30 * 86_400_000,
      timestamp: { url: 'http://tsa.example/', root: 'root.crt' },
    })
  })

  it.each([
    ['an expiry that is no span of time', { expiry: 'tomorrow' }],
    ['an expiry at once', { expiry: '0s' }],
    ['metadata that is reserved', { metadata: ['io.cncf.notary.x=1'] }],
    ['an authority without its root', { timestampUrl: 'http://tsa.example/' }],
    ['a root without its authority', { timestampRoot: 'root.crt' }],
    ['an authority that is no address', { timestampUrl: 'tsa.example', timestampRoot: 'root.crt' }],
    ['an authority that is a file', { timestampUrl: 'file:///etc/passwd', timestampRoot: 'root.crt' }],
  ])('are refused with %s', (_what, words) => {
    expect(() => parseSigning(words, 'jws')).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })

  it('never show the password of an address', () => {
    const words = { timestampUrl: 'http://user:s3cret@tsa.example/', timestampRoot: 'root.crt' }

    expect(() => parseSigning(words, 'jws')).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', message: expect.not.stringContaining('s3cret') }),
    )
  })
})
