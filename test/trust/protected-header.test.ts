import { expect, test } from 'vitest'
import { parseStrictJson } from '../../src/encoding/strict-json.js'
import { protectedHeader, readProtectedHeader } from '../../src/trust/protected-header.js'

const SIGNED = { signingTime: new Date('2026-11-22T12:00:00.900Z'), expiry: new Date('2026-12-22T12:00:00Z') }
const GOOD = protectedHeader('ES256', SIGNED)
const SCHEME = 'io.cncf.notary.signingScheme'
const TIME = 'io.cncf.notary.signingTime'
const EXPIRY = 'io.cncf.notary.expiry'

class Refused extends Error {}

function read(header: object) {
  const json = parseStrictJson(Buffer.from(JSON.stringify(header)), 'header')
  return readProtectedHeader(json as never, (why) => {
    throw new Refused(why)
  })
}

test('reads back what it writes, in whole seconds', () => {
  expect(read(GOOD)).toEqual({
    alg: 'ES256',
    signingTime: new Date('2026-11-22T12:00:00Z'),
    expiry: new Date('2026-12-22T12:00:00Z'),
  })
})

test('names an expiry as critical, and only where there is one', () => {
  const header = protectedHeader('PS256', { signingTime: SIGNED.signingTime })

  expect(header.crit).toEqual([SCHEME])
  expect(GOOD.crit).toEqual([SCHEME, EXPIRY])
  expect(read(header)).not.toHaveProperty('expiry')
})

test('takes the critical headers in any order, offsets in times, and headers that are not critical', () => {
  const header = { ...GOOD, crit: [EXPIRY, SCHEME], [TIME]: '2026-11-22T20:00:00+08:00', 'com.example.note': 'x' }

  expect(read(header).signingTime).toEqual(new Date('2026-11-22T12:00:00Z'))
})

test.each<[string, object]>([
  ['no algorithm', { alg: undefined }],
  ['an algorithm that is no text', { alg: ['ES256'] }],
  ['no content type', { cty: undefined }],
  ['another content type', { cty: 'application/json' }],
  ['b64 false', { b64: false, crit: [SCHEME, EXPIRY, 'b64'] }],
  ['b64 true', { b64: true }],
  ['no crit', { crit: undefined }],
  ['an empty crit', { crit: [] }],
  ['a crit that is text', { crit: SCHEME }],
  ['a crit with a number', { crit: [SCHEME, EXPIRY, 1] }],
  ['a crit with objects', { crit: [{}, {}] }],
  ['a crit with a list', { crit: [[SCHEME], EXPIRY] }],
  ['a crit without the scheme', { crit: [EXPIRY] }],
  ['a crit without the expiry', { crit: [SCHEME] }],
  ['a crit with a name twice', { crit: [SCHEME, EXPIRY, EXPIRY] }],
  ['a crit with a registered name', { crit: [SCHEME, EXPIRY, 'alg'] }],
  ['a crit with the signing time', { crit: [SCHEME, EXPIRY, TIME] }],
  ['an unknown critical header', { crit: [SCHEME, EXPIRY, 'com.example.rule'], 'com.example.rule': 1 }],
  ['a critical header that is absent', { crit: [SCHEME, EXPIRY, 'com.example.rule'] }],
  ['a critical expiry that is absent', { [EXPIRY]: undefined }],
  ['names joined by a line end in crit', { crit: [`${EXPIRY}\n${SCHEME}`] }],
  ['no scheme', { [SCHEME]: undefined }],
  ['the signing authority’s scheme', { [SCHEME]: 'notary.x509.signingAuthority' }],
  ['an unknown scheme', { [SCHEME]: 'notary.x509.' }],
  ['an authentic signing time', { 'io.cncf.notary.authenticSigningTime': '2026-11-22T12:00:00Z' }],
  ['a verification plugin', { 'io.cncf.notary.verificationPlugin': 'x' }],
  ['no signing time', { [TIME]: undefined }],
  ['a signing time that is a number', { [TIME]: 1 }],
  ['a signing time that is no time', { [TIME]: '2026-02-30T00:00:00Z' }],
  ['an expiry that is no time', { [EXPIRY]: 'tomorrow' }],
  ['an expiry at the signing time', { [EXPIRY]: '2026-11-22T12:00:00Z' }],
  ['an expiry before the signing time', { [EXPIRY]: '2026-11-22T11:59:59Z' }],
])('refuses a header with %s', (_why, change) => {
  expect(() => read({ ...GOOD, ...change })).toThrow(Refused)
})
