import { beforeAll, describe, expect, test } from 'vitest'
import { readCrl } from '../../../src/trust/revocation/crl.js'
import { checkEntries, entriesOf } from '../../../src/trust/revocation/crl-entries.js'
import { caExtensions, type Minted, mint } from '../../support/keys.js'
import {
  type CrlRecipe,
  crlOf,
  der,
  enumerated,
  extension,
  FROM,
  flag,
  generalizedTime,
  integer,
  oid,
  point,
  scope,
  TO,
  uri,
  utcTime,
} from '../../support/revocation.js'

let ca: Minted

beforeAll(async () => {
  ca = await mint({ name: 'CA', extensions: caExtensions() })
})

function read(recipe: CrlRecipe) {
  const crl = readCrl(crlOf(ca, recipe).der)
  if (crl.entries !== undefined) checkEntries(crl.entries, crl.baseNumber !== undefined)
  return crl
}

const find = (serial: string, recipe: CrlRecipe) =>
  entriesOf(read(recipe).entries ?? new Uint8Array(), Buffer.from(serial, 'hex'))

describe('a certificate revocation list', () => {
  test('says whose it is, its window and its number', () => {
    const crl = read({ number: 300 })

    expect(crl).toMatchObject({
      thisUpdate: FROM,
      nextUpdate: TO,
      number: 300n,
      baseNumber: undefined,
      scope: undefined,
    })
    expect(Buffer.from(crl.issuerDer)).toEqual(Buffer.from(ca.certificate.subjectDer))
  })

  test('may have its times in either spelling', () => {
    const far = new Date('2051-01-01T00:00:00Z')
    const change = (parts: Buffer[]) => parts.with(3, generalizedTime(FROM)).with(4, generalizedTime(far))

    expect(read({ change })).toMatchObject({ thisUpdate: FROM, nextUpdate: far })
  })

  test('has years of the last century from 50 on', () => {
    const old = new Date('1999-12-31T23:59:59Z')

    expect(read({ change: (parts) => parts.with(3, utcTime(old)) }).thisUpdate).toEqual(old)
  })

  const without = (at: number) => (parts: Buffer[]) => parts.toSpliced(at, 1)
  const instead = (at: number, part: Buffer) => (parts: Buffer[]) => parts.with(at, part)
  const time = (text: string) => der(0x17, Buffer.from(text))

  test.each<[string, CrlRecipe]>([
    ['it is of version 1', { change: without(0) }],
    ['it is of a version to come', { change: instead(0, integer(2)) }],
    ['it names another algorithm inside', { change: instead(1, der(0x30, oid('1.2.840.10045.4.3.3'))) }],
    ['it has no thisUpdate', { change: (parts) => parts.toSpliced(3, 2) }],
    ['it has no nextUpdate', { change: without(4) }],
    ['its nextUpdate has no seconds', { change: instead(4, time('2611270000Z')) }],
    ['its nextUpdate has an offset', { change: instead(4, time('261127000000+0100')) }],
    ['its nextUpdate is on a day that no calendar has', { change: instead(4, time('260230000000Z')) }],
    ['it has no extensions', { change: (parts) => parts.slice(0, -1) }],
    ['it has no number', { change: instead(5, der(0xa0, der(0x30, extension('2.5.29.99', der(0x05))))) }],
    ['its number is negative', { change: instead(5, der(0xa0, der(0x30, extension('2.5.29.20', integer('ff'))))) }],
    [
      'its number has more than 20 octets',
      { change: instead(5, der(0xa0, der(0x30, extension('2.5.29.20', integer('01'.repeat(21)))))) },
    ],
    ['it has its number twice', { extensions: [extension('2.5.29.20', integer(2))] }],
    ['it has a critical extension that is not known', { extensions: [extension('2.5.29.99', der(0x05), true)] }],
    ['a part follows its extensions', { change: (parts) => [...parts, der(0xa1)] }],
    ['its scope is empty', { extensions: [scope()] }],
    ['its scope has a part that is not known', { extensions: [scope(flag(0x86))] }],
    ['its scope has a flag that is neither true nor false', { extensions: [scope(der(0x81, Buffer.of(1)))] }],
    ['its scope has parts in another order', { extensions: [scope(flag(0x82), flag(0x81))] }],
    ['its scope excludes every certificate', { extensions: [scope(flag(0x81), flag(0x82))] }],
    ['its scope has two names', { extensions: [scope(der(0xa0, der(0xa0, uri('http://a')), der(0xa0)))] }],
    ['an entry has a critical extension that is not known', withEntry(extension('2.5.29.99', der(0x05), true))],
    ['an entry names another issuer', withEntry(extension('2.5.29.29', der(0x30), true))],
    ['an entry has a reason that is not known', withEntry(extension('2.5.29.21', enumerated(11)))],
    ['an entry has the reason that is not used', withEntry(extension('2.5.29.21', enumerated(7)))],
    ['an entry has a reason of two octets', withEntry(extension('2.5.29.21', der(0x0a, Buffer.of(0, 1))))],
    [
      'an entry has its reason twice',
      withEntry(extension('2.5.29.21', enumerated(1)), extension('2.5.29.21', enumerated(1))),
    ],
    ['an entry is removed, and it is no delta list', { entries: [{ serial: '01', reason: 8 }] }],
    ['an entry has no number', { entries: [{ serial: '' }] }],
    ['the number of an entry is padded', { entries: [{ serial: '0001' }] }],
    ['the negative number of an entry is padded', { entries: [{ serial: 'ff80' }] }],
    ['an entry has no time', { change: (parts) => parts.toSpliced(5, 0, der(0x30, der(0x30, integer(1)))) }],
    ['the time of an entry is none', { change: (parts) => parts.toSpliced(5, 0, der(0x30, entryAt('261120000000X'))) }],
    [
      'the time of an entry is too short',
      { change: (parts) => parts.toSpliced(5, 0, der(0x30, entryAt('2611200000Z'))) },
    ],
    ['an entry does not end', { change: (parts) => parts.toSpliced(5, 0, der(0x30, Buffer.of(0x30, 0x40, 0x02))) }],
  ])('is refused where %s', (_, recipe) => {
    expect(() => read(recipe)).toThrow()
  })

  test.each([
    ['something follows it', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.of(0)])],
    ['it is cut off', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['it is no sequence', (bytes: Uint8Array) => Buffer.concat([Buffer.of(0x31), bytes.subarray(1)])],
    ['it is nothing', () => new Uint8Array()],
  ])('is refused where %s', (_, change) => {
    expect(() => readCrl(change(crlOf(ca).der))).toThrow()
  })

  test('is refused, or read, and never more than that, whichever of its octets is another', () => {
    const bytes = crlOf(ca, {
      entries: [{ serial: '01', reason: 1 }],
      extensions: [scope(point([uri('http://a')]).subarray(2))],
    }).der

    for (let at = 0; at < bytes.byteLength; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x81
      try {
        const { entries, baseNumber } = readCrl(changed)
        if (entries !== undefined) checkEntries(entries, baseNumber !== undefined)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }
  })
})

function withEntry(...extensions: readonly Uint8Array[]): CrlRecipe {
  return { entries: [{ serial: '01' }, { serial: '02', extensions }] }
}

describe('the entries of a list', () => {
  test('are found by the whole number, and say since when and why', () => {
    const entries = [{ serial: '0102' }, { serial: '02', reason: 1, since: FROM }, { serial: '0202' }]

    expect(find('02', { entries })).toEqual([{ since: FROM, reason: 1, invalidFrom: undefined }])
    expect(find('03', { entries })).toEqual([])
  })

  test('are found where the number is negative, or has its top bit set', () => {
    const entries = [{ serial: 'fd78a84e' }, { serial: '0080feedf00d' }]

    expect(find('fd78a84e', { entries })).toHaveLength(1)
    expect(find('0080feedf00d', { entries })).toHaveLength(1)
    expect(find('80feedf00d', { entries })).toEqual([])
    expect(find('00fd78a84e', { entries })).toEqual([])
  })

  test('are not found in what another entry says', () => {
    // The bytes of an INTEGER 5 stand inside an extension.
    const entries = [{ serial: '01', extensions: [extension('2.5.29.99', integer(5))] }]

    expect(find('05', { entries })).toEqual([])
  })

  test('may have an empty list of extensions, or say when the key was lost', () => {
    const lost = new Date('2026-10-01T00:00:00Z')
    const empty = {
      change: (parts: Buffer[]) => parts.toSpliced(5, 0, der(0x30, der(0x30, integer(1), utcTime(FROM), der(0x30)))),
    }

    expect(find('01', empty)).toEqual([{ since: FROM, reason: 0, invalidFrom: undefined }])
    expect(find('01', { entries: [{ serial: '01', reason: 1, invalidFrom: lost }] })).toMatchObject([
      { invalidFrom: lost },
    ])
  })

  test('are all found where a number is there twice', () => {
    expect(
      find('01', { entries: [{ serial: '01', reason: 6 }, { serial: '02' }, { serial: '01', reason: 1 }] }),
    ).toHaveLength(2)
  })

  test('are found among a hundred thousand', () => {
    const one = (at: number) =>
      der(0x30, integer(0x1000000 + at), utcTime(FROM), der(0x30, extension('2.5.29.21', enumerated(at % 6))))
    const many = der(0x30, ...Array.from({ length: 100_000 }, (_, at) => one(at)))
    const crl = read({ change: (parts) => parts.toSpliced(5, 0, many) })

    const found = entriesOf(
      crl.entries ?? new Uint8Array(),
      Buffer.from((0x1000000 + 99_999).toString(16).padStart(8, '0'), 'hex'),
    )

    expect(found).toEqual([{ since: FROM, reason: 99_999 % 6, invalidFrom: undefined }])
  })
})

function entryAt(time: string): Buffer {
  return der(0x30, integer(1), der(0x17, Buffer.from(time)))
}
