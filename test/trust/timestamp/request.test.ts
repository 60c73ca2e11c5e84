import { BitString, Enumerated, fromBER, Integer, Null, OctetString, Sequence, Utf8String } from 'asn1js'
import { beforeAll, describe, expect, it } from 'vitest'
import { TimeStampReq } from '../../../src/trust/pkijs.js'
import { buildTimestampRequest, readTimestampResponse } from '../../../src/trust/timestamp/request.js'
import { decode, type Element, encode } from '../../support/timestamp-parts.js'
import { type Authority, mintAuthority, mintToken, SIGNED, type TokenRecipe } from '../../support/timestamps.js'

const NONCE = Uint8Array.of(0, 0, 0x9a, 1, 2, 3, 4, 5)
/** As a positive INTEGER in its shortest form. */
const REPEATED = Uint8Array.of(0, 0x9a, 1, 2, 3, 4, 5)
const GIVEN = { signed: SIGNED, hash: 'sha256', nonce: NONCE } as const

let authority: Authority

beforeAll(async () => {
  authority = await mintAuthority()
})

/** A token that repeats a nonce. */
function token(nonce = REPEATED, other: Partial<TokenRecipe> = {}): Uint8Array {
  return mintToken({ authority, tstInfo: (fields) => [...fields, new Integer({ valueHex: nonce })], ...other })
}

function response(status: readonly Element[], bytes?: Uint8Array): Uint8Array {
  const info = new Sequence({ value: [...status] })
  return encode(new Sequence({ value: [info, ...(bytes === undefined ? [] : [decode(bytes)])] }))
}

function status(value: number, ...more: readonly Element[]): readonly Element[] {
  return [new Integer({ value }), ...more]
}

function said(text: string): Element {
  return new Sequence({ value: [new Utf8String({ value: text })] })
}

describe('a request for a timestamp', () => {
  it.each(['sha256', 'sha384', 'sha512'] as const)('asks for the authority’s certificates, over %s', (hash) => {
    const request = new TimeStampReq({ schema: fromBER(buildTimestampRequest(SIGNED, { hash, nonce: NONCE })).result })

    expect(request).toMatchObject({ version: 1, certReq: true })
    expect(request.messageImprint.hashedMessage.valueBlock.valueHexView).toHaveLength(
      { sha256: 32, sha384: 48, sha512: 64 }[hash],
    )
  })

  it.each([
    [Uint8Array.of(0, 0, 5), '05'],
    [Uint8Array.of(0x80, 1), '008001'],
    [Uint8Array.of(0), '00'],
    [Uint8Array.of(0x7f), '7f'],
  ])('has a nonce that is a positive number, in one spelling', (nonce, expected) => {
    const der = buildTimestampRequest(SIGNED, { hash: 'sha256', nonce })
    const request = new TimeStampReq({ schema: fromBER(der).result })

    expect(Buffer.from(request.nonce?.valueBlock.valueHexView ?? []).toString('hex')).toBe(expected)
  })
})

describe('an authority’s answer', () => {
  it.each([0, 1])('gives the token as it came, with status %d', (granted) => {
    const bytes = token()

    expect(readTimestampResponse(response(status(granted), bytes), GIVEN)).toEqual(bytes)
  })

  it.each([2, 3, 4, 5])('is refused with status %d, even with a token', (rejected) => {
    expect(() => readTimestampResponse(response(status(rejected), token()), GIVEN)).toThrow(
      expect.objectContaining({ code: 'ERR_TIMESTAMP_AUTHORITY' }),
    )
  })

  it('is quoted where it refuses, safe to print', () => {
    const failure = new BitString({ valueHex: Uint8Array.of(0x80), unusedBits: 7 })
    const answer = response(status(2, said('no \u001b[2J today'), failure))

    expect(() => readTimestampResponse(answer, GIVEN)).toThrow(/rejection, badAlg, “no \\u\{1b\}\[2J today”/)
  })

  it.each<readonly [string, () => Uint8Array]>([
    ['without a token', () => response(status(0))],
    ['to another request', () => response(status(0), token(Uint8Array.of(1)))],
    ['without the nonce', () => response(status(0), mintToken({ authority }))],
    ['over another signature', () => response(status(0), token(REPEATED, { signed: Uint8Array.of(1) }))],
    ['by another hash', () => response(status(0), token(REPEATED, { digest: 'sha512' }))],
    ['with a token that cannot be read', () => response(status(0), encode(new Sequence({ value: [new Null()] })))],
    ['with bytes after its end', () => Uint8Array.from([...response(status(0), token()), 0])],
    ['that is a bare token', () => token()],
    [
      'whose status is no number',
      () => encode(new Sequence({ value: [new Sequence({ value: [new Enumerated({ value: 0 })] })] })),
    ],
    ['that is a page of the web', () => new TextEncoder().encode('<html>')],
    ['that is nothing', () => new Uint8Array()],
    ['that is larger than any', () => encode(new OctetString({ valueHex: new Uint8Array(256 * 1024) }))],
  ])('is refused %s', (_, answer) => {
    expect(() => readTimestampResponse(answer(), GIVEN)).toThrow(
      expect.objectContaining({ code: 'ERR_TIMESTAMP_AUTHORITY' }),
    )
  })
})
