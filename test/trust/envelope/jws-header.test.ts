import { expect, test } from 'vitest'
import { parseStrictJson } from '../../../src/encoding/strict-json.js'
import { jwsHeader, readJwsHeader } from '../../../src/trust/envelope/jws-header.js'

const SIGNED = { signingTime: new Date('2026-11-22T12:00:00.900Z'), expiry: new Date('2026-12-22T12:00:00Z') }
const GOOD = jwsHeader('ES256', SIGNED)
const SCHEME = 'io.cncf.notary.signingScheme'
const TIME = 'io.cncf.notary.signingTime'
const EXPIRY = 'io.cncf.notary.expiry'

const AUTHENTIC = 'io.cncf.notary.authenticSigningTime'
const PLUGIN = 'io.cncf.notary.verificationPlugin'
const MIN_VERSION = 'io.cncf.notary.verificationPluginMinVersion'
const REFUSED = expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' })

function read(header: object) {
  return readJwsHeader(parseStrictJson(Buffer.from(JSON.stringify(header)), 'header') as never)
}

test('reads back what it writes, in whole seconds', () => {
  expect(read(GOOD as object)).toEqual({
    algorithm: 'ES256',
    critical: [SCHEME, EXPIRY],
    attributes: {
      scheme: 'notary.x509',
      signingTime: new Date('2026-11-22T12:00:00Z'),
      expiry: new Date('2026-12-22T12:00:00Z'),
      extended: [],
    },
  })
})

test('names an expiry as critical, and only where there is one', () => {
  const header = jwsHeader('PS256', { signingTime: SIGNED.signingTime })

  expect(header['crit']).toEqual([SCHEME])
  expect(GOOD['crit']).toEqual([SCHEME, EXPIRY])
  expect(read(header).attributes).not.toHaveProperty('expiry')
})

test('takes the critical headers in any order, and offsets in times', () => {
  const header = { ...GOOD, crit: [EXPIRY, SCHEME], [TIME]: '2026-11-22T20:00:00+08:00' }

  expect(read(header).attributes.signingTime).toEqual(new Date('2026-11-22T12:00:00Z'))
})

test('gives the authentic time of a signing authority as the signing time', () => {
  const { [TIME]: _, ...others } = GOOD
  const authority = { [SCHEME]: 'notary.x509.signingAuthority', [AUTHENTIC]: '2026-11-22T12:00:00Z' }

  expect(read({ ...others, ...authority, crit: [SCHEME, AUTHENTIC, EXPIRY] }).attributes).toMatchObject({
    scheme: 'notary.x509.signingAuthority',
    signingTime: new Date('2026-11-22T12:00:00Z'),
  })
})

test('gives attributes that it does not know to whoever does, and says which are critical', () => {
  const more = { 'com.example.rule': { a: [1] }, 'com.example.note': 'x', kid: 'mine' }
  const header = { ...GOOD, ...more, crit: [SCHEME, EXPIRY, 'com.example.rule'] }

  expect(read(header).attributes.extended).toEqual([
    { key: 'com.example.rule', value: { a: [1] }, critical: true },
    { key: 'com.example.note', value: 'x', critical: false },
    { key: 'kid', value: 'mine', critical: false },
  ])
})

test('names the plugin that a signature wants', () => {
  const header = { ...GOOD, [PLUGIN]: 'acme', [MIN_VERSION]: '1.2.0' }
  const both = read({ ...header, crit: [SCHEME, EXPIRY, PLUGIN, MIN_VERSION] })
  const one = read({ ...header, [MIN_VERSION]: undefined, crit: [SCHEME, EXPIRY, PLUGIN] })

  expect(both.attributes.verificationPlugin).toEqual({ name: 'acme', minVersion: '1.2.0' })
  expect(one.attributes.verificationPlugin).toEqual({ name: 'acme' })
  expect(both.attributes.extended).toEqual([])
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
  ['a crit with a registered name that is there', { crit: [SCHEME, EXPIRY, 'kid'], kid: 'x' }],
  ['a critical header that is absent', { crit: [SCHEME, EXPIRY, 'com.example.rule'] }],
  ['a critical expiry that is absent', { [EXPIRY]: undefined }],
  ['names joined by a line end in crit', { crit: [`${EXPIRY}\n${SCHEME}`] }],
  ['no scheme', { [SCHEME]: undefined }],
  ['a scheme that is no text', { [SCHEME]: ['notary.x509'] }],
  ['a scheme that every object has', { [SCHEME]: 'constructor' }],
  ['the signing authority’s scheme without its time', { [SCHEME]: 'notary.x509.signingAuthority', [TIME]: undefined }],
  ['the signing authority’s scheme with the other time', { [SCHEME]: 'notary.x509.signingAuthority' }],
  [
    'both signing times',
    {
      [SCHEME]: 'notary.x509.signingAuthority',
      [AUTHENTIC]: '2026-11-22T12:00:00Z',
      crit: [SCHEME, AUTHENTIC, EXPIRY],
    },
  ],
  [
    'an authentic signing time that is not critical',
    { [SCHEME]: 'notary.x509.signingAuthority', [TIME]: undefined, [AUTHENTIC]: '2026-11-22T12:00:00Z' },
  ],
  ['an unknown scheme', { [SCHEME]: 'notary.x509.' }],
  ['an authentic signing time', { 'io.cncf.notary.authenticSigningTime': '2026-11-22T12:00:00Z' }],
  ['a verification plugin that is not critical', { [PLUGIN]: 'x' }],
  ['a verification plugin without a name', { [PLUGIN]: ' ', crit: [SCHEME, EXPIRY, PLUGIN] }],
  ['a verification plugin that is no text', { [PLUGIN]: 1, crit: [SCHEME, EXPIRY, PLUGIN] }],
  ['a version of no plugin', { [MIN_VERSION]: '1.0.0', crit: [SCHEME, EXPIRY, MIN_VERSION] }],
  ['a version that is not critical', { [PLUGIN]: 'x', [MIN_VERSION]: '1.0.0', crit: [SCHEME, EXPIRY, PLUGIN] }],
  ['no signing time', { [TIME]: undefined }],
  ['a signing time that is a number', { [TIME]: 1 }],
  ['a signing time that is no time', { [TIME]: '2026-02-30T00:00:00Z' }],
  ['an expiry that is no time', { [EXPIRY]: 'tomorrow' }],
  ['an expiry at the signing time', { [EXPIRY]: '2026-11-22T12:00:00Z' }],
  ['an expiry before the signing time', { [EXPIRY]: '2026-11-22T11:59:59Z' }],
])('refuses a header with %s', (_why, change) => {
  expect(() => read({ ...GOOD, ...change })).toThrow(REFUSED)
})
