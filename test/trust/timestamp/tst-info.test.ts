import {
  type AsnType,
  Boolean as BooleanValue,
  GeneralizedTime,
  Integer,
  Null,
  OctetString,
  Primitive,
  Sequence,
} from 'asn1js'
import { describe, expect, it } from 'vitest'
import { readTstInfo } from '../../../src/trust/timestamp/tst-info.js'
import { encode, imprint, oid, tagged } from '../../support/timestamp-parts.js'
import { POLICY, SIGNED } from '../../support/timestamps.js'

const BASELINE = '0.4.0.2023.1.1'

/** A TSTInfo with this policy and time, and whatever follows them. */
function info(given: { readonly policy?: string; readonly genTime?: string }, ...more: readonly AsnType[]): Uint8Array {
  const time = raw(1, 24, [...Buffer.from(given.genTime ?? '20260601120000Z')]) ?? new Null()
  const fields = [
    new Integer({ value: 1 }),
    oid(given.policy ?? POLICY),
    imprint('sha256', SIGNED),
    new Integer({ value: 7 }),
  ]
  return encode(new Sequence({ value: [...fields, time, ...more] }))
}

/** Accuracy, with the content of each INTEGER. */
function accuracy(given: {
  readonly seconds?: number[]
  readonly millis?: number[]
  readonly micros?: number[]
}): AsnType {
  const { seconds, millis, micros } = given
  const parts = [raw(1, 2, seconds), raw(3, 0, millis), raw(3, 1, micros)]
  return new Sequence({ value: parts.filter((part) => part !== undefined) })
}

/** An element with any content, also one that an encoder would not write. */
function raw(tagClass: number, tagNumber: number, content: readonly number[] | undefined): AsnType | undefined {
  if (content === undefined) return undefined
  return new Primitive({ idBlock: { tagClass, tagNumber }, valueHex: Uint8Array.from(content) })
}

/** Milliseconds before and after genTime. */
function interval(bytes: Uint8Array): readonly [number, number] {
  const { earliest, genTime, latest } = readTstInfo(bytes)
  return [genTime.getTime() - earliest.getTime(), latest.getTime() - genTime.getTime()]
}

const refused = expect.objectContaining({ code: 'ERR_TIMESTAMP_INVALID' })

describe('the accuracy of a timestamp', () => {
  it.each([
    ['one second', { seconds: [1] }, 1000],
    ['half a second', { millis: [0x01, 0xf4] }, 500],
    ['seconds, milliseconds and microseconds, rounded up', { seconds: [2], millis: [3], micros: [1] }, 2004],
    ['a long time', { seconds: [0x7f, 0xff, 0xff, 0xff] }, 0x7fffffff * 1000],
  ])('is what is written: %s', (_, given, milliseconds) => {
    expect(interval(info({}, accuracy(given)))).toEqual([milliseconds, milliseconds])
  })

  it('is one second where the baseline policy says nothing else, and none under any other policy', () => {
    expect(interval(info({ policy: BASELINE }))).toEqual([1000, 1000])
    expect(interval(info({ policy: BASELINE }, accuracy({})))).toEqual([1000, 1000])
    expect(interval(info({ policy: BASELINE }, accuracy({ millis: [5] })))).toEqual([5, 5])
    expect(interval(info({}))).toEqual([0, 0])
  })

  it.each([
    ['a negative one', { seconds: [0xff] }],
    ['more milliseconds than a second has', { millis: [0x03, 0xe8] }],
    ['more microseconds than a millisecond has', { micros: [0x03, 0xe8] }],
    ['a number that no time has', { seconds: [1, 0, 0, 0, 0, 0, 0, 0] }],
    ['a number without digits', { seconds: [] }],
  ])('is refused: %s', (_, given) => {
    expect(() => readTstInfo(info({}, accuracy(given)))).toThrow(refused)
  })
})

describe('genTime', () => {
  it('may have a fraction, which is never rounded towards a certificate’s validity', () => {
    expect(readTstInfo(info({ genTime: '20260601120000.5Z' })).genTime).toEqual(new Date('2026-06-01T12:00:00.500Z'))
    expect(readTstInfo(info({ genTime: '20260601120000.1234Z' }))).toMatchObject({
      earliest: new Date('2026-06-01T12:00:00.123Z'),
      latest: new Date('2026-06-01T12:00:00.124Z'),
    })
  })

  it.each([
    '20260601120000.50Z',
    '20260601120000.Z',
    '20260601120000,5Z',
    '202606011200Z',
    '20260601120060Z',
    '20260601240000Z',
    '20261301120000Z',
    '20260601120000+0000',
    '20260601120000',
    '20260231120000Z',
  ])('is refused as %s', (genTime) => {
    expect(() => readTstInfo(info({ genTime }))).toThrow(refused)
  })
})

describe('a TSTInfo', () => {
  it('may have an order, a nonce, a name and an extension that is not critical', () => {
    const extension = new Sequence({ value: [oid('1.2.3'), new OctetString({ valueHex: new Uint8Array(2) })] })
    const name = tagged(0, tagged(4, new Sequence()))
    const bytes = info(
      {},
      accuracy({}),
      new BooleanValue({ value: true }),
      new Integer({ value: 5 }),
      name,
      tagged(1, extension),
    )

    expect(readTstInfo(bytes)).toMatchObject({ policy: POLICY, nonce: Uint8Array.of(5), imprint: { digest: 'sha256' } })
  })

  it('has its members in their order, and nothing else', () => {
    const nonce = new Integer({ value: 5 })

    expect(() => readTstInfo(info({}, nonce, nonce))).toThrow(refused)
    expect(() => readTstInfo(info({}, nonce, accuracy({})))).toThrow(refused)
    expect(() => readTstInfo(info({}, tagged(2, nonce)))).toThrow(refused)
  })

  it('is DER, and nothing follows it', () => {
    const bytes = info({})
    const long = Uint8Array.from([0x30, 0x82, 0, ...bytes.subarray(1)])

    expect(() => readTstInfo(Uint8Array.from([...bytes, 0]))).toThrow(refused)
    expect(() => readTstInfo(long)).toThrow(refused)
    expect(() => readTstInfo(new Uint8Array())).toThrow(refused)
  })

  it('is over a hash without parameters', () => {
    const algorithm = new Sequence({ value: [oid('2.16.840.1.101.3.4.2.1'), new Integer({ value: 1 })] })
    const value = new OctetString({ valueHex: new Uint8Array(32) })
    const over = new Sequence({ value: [algorithm, value] })
    const time = new GeneralizedTime({ value: '20260601120000Z' })
    const fields = [new Integer({ value: 1 }), oid(POLICY), over, new Integer({ value: 7 }), time]

    expect(() => readTstInfo(encode(new Sequence({ value: fields })))).toThrow(refused)
  })

  it('is over a hash of the right length', () => {
    const short = new Sequence({
      value: [
        new Sequence({ value: [oid('2.16.840.1.101.3.4.2.1')] }),
        new OctetString({ valueHex: new Uint8Array(31) }),
      ],
    })
    const fields = [
      new Integer({ value: 1 }),
      oid(POLICY),
      short,
      new Integer({ value: 7 }),
      new GeneralizedTime({ value: '20260601120000Z' }),
    ]

    expect(() => readTstInfo(encode(new Sequence({ value: fields })))).toThrow(refused)
  })
})
