import { webcrypto } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, parseCertificate } from '../../../src/trust/certificate/certificate.js'
import { X509CertificateGenerator } from '../../../src/trust/certificate/x509.js'
import { matchIdentity } from '../../../src/trust/policy/identities.js'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import { aStatement, policyBytes } from '../../support/trust-policies.js'

/** Each element is one RDN; a type that stands in it with two values, or beside another, makes it multi-valued. */
type Rdns = readonly Readonly<Record<string, readonly string[]>>[]

const BASE: Rdns = [{ C: ['US'] }, { ST: ['WA'] }, { O: ['acme'] }]
const SIGNER: Rdns = [...BASE, { OU: ['tools'] }, { CN: ['builder'] }]
const BIT_STRING = '#030200ff'
const EMAIL = '1.2.840.113549.1.9.1'

let keys: webcrypto.CryptoKeyPair

beforeAll(async () => {
  keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
})

async function leafOf(subject: Rdns): Promise<Certificate> {
  const made = await X509CertificateGenerator.createSelfSigned({
    name: subject.map((rdn) =>
      Object.fromEntries(Object.entries(rdn).map(([type, values]) => [type, values.map(der)])),
    ),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    notBefore: new Date('2026-01-01'),
    notAfter: new Date('2027-01-01'),
  })
  return parseCertificate(new Uint8Array(made.rawData), 'leaf', 'ERR_CONFIG_INVALID')
}

/** Exactly this text as a UTF8String: as text the generator would look for escapes in it. */
function der(text: string): string {
  if (text === BIT_STRING) return text
  const bytes = Buffer.from(text)
  return `#0c${Buffer.from([bytes.byteLength]).toString('hex')}${bytes.toString('hex')}`
}

async function matches(subject: Rdns, ...identities: readonly string[]): Promise<boolean> {
  return matchIdentity(await leafOf(subject), identities).match
}

describe('a signer', () => {
  test.each([
    ['the whole subject', 'x509.subject: C=US, ST=WA, O=acme, OU=tools, CN=builder'],
    ['a part of the subject', 'x509.subject: C=US, ST=WA, O=acme'],
    ['its attributes in another order', 'x509.subject: CN=builder, O=acme, ST=WA, C=US'],
    ['S for ST', 'x509.subject:C=US,S=WA,O=acme'],
    ['spaces around everything', 'x509.subject:   C = US ,  ST = WA  , O = acme  '],
    ['semicolons', 'x509.subject: C=US; ST=WA; O=acme'],
    ['needless escapes', 'x509.subject: C=\\55\\53, ST=WA, O=acm\\65'],
    ['everybody', '*'],
  ])('is found by %s', async (_what, identity) => {
    expect(await matches(SIGNER, identity)).toBe(true)
  })

  test.each([
    ['another value', 'x509.subject: C=US, ST=WA, O=acme, CN=other'],
    ['a value in another case', 'x509.subject: C=US, ST=WA, O=Acme'],
    ['a value with another space', 'x509.subject: C=US, ST=WA, O=acme\\ '],
    ['an attribute that it lacks', 'x509.subject: C=US, ST=WA, O=acme, L=Seattle'],
    ['a type in another case', 'x509.subject: C=US, ST=WA, O=acme, cn=builder'],
    ['the beginning of a value', 'x509.subject: C=US, ST=WA, O=acme, CN=build'],
    ['an identity that only a plugin knows', 'com.example.spiffe:builder'],
  ])('is not found by %s', async (_what, identity) => {
    expect(await matches(SIGNER, identity)).toBe(false)
  })

  test('is found by any one of several identities', async () => {
    const other = 'x509.subject: C=DE, ST=BY, O=other'
    const own = 'x509.subject: C=US, ST=WA, O=acme'

    expect(await matches(SIGNER, other, 'com.example:x', own)).toBe(true)
    expect(await matches(SIGNER, other)).toBe(false)
  })

  test('is told apart from one whose name has separators in it', async () => {
    const tricky: Rdns = [{ C: ['US'] }, { ST: ['WA'] }, { O: ['acme, OU=tools'] }]

    expect(await matches(tricky, 'x509.subject: C=US, ST=WA, O=acme\\, OU=tools')).toBe(true)
    expect(await matches(tricky, 'x509.subject: C=US, ST=WA, O=acme, OU=tools')).toBe(false)
    expect(await matches([...BASE, { OU: ['tools'] }], 'x509.subject: C=US, ST=WA, O=acme\\, OU=tools')).toBe(false)
  })

  test.each([
    ['ä', 'x509.subject: C=US, ST=WA, O=\\C3\\A4'],
    [' acme ', 'x509.subject: C=US, ST=WA, O=\\ acme\\ '],
    ['#1', 'x509.subject: C=US, ST=WA, O=\\#1'],
    ['a\\b', 'x509.subject: C=US, ST=WA, O=a\\\\b'],
    ['a=b', 'x509.subject: C=US, ST=WA, O=a=b'],
    ['"a" <b>', 'x509.subject: C=US, ST=WA, O=\\"a\\" \\<b\\>'],
  ])('whose organisation is %j is found by its escaped form', async (organisation, identity) => {
    expect(await matches([{ C: ['US'] }, { ST: ['WA'] }, { O: [organisation] }], identity)).toBe(true)
  })

  test('is told which attribute differs', async () => {
    const { detail } = matchIdentity(await leafOf(SIGNER), ['x509.subject: C=US, ST=WA, O=acme, CN=other'])

    expect(detail).toContain('C=US, ST=WA, O=acme, OU=tools, CN=builder')
    expect(detail).toContain('wants CN="other", and it has "builder"')
  })
})

describe('a subject in which notation does not find its way', () => {
  const identity = 'x509.subject: C=US, ST=WA, O=acme'

  test.each<[string, Rdns]>([
    ['several attributes in one RDN', [{ C: ['US'] }, { ST: ['WA'] }, { O: ['acme'], CN: ['x'] }]],
    ['two organisational units', [...BASE, { OU: ['a'] }, { OU: ['b'] }]],
    ['two organisations', [...BASE, { O: ['evil'] }]],
    ['two common names', [...BASE, { CN: ['a'] }, { CN: ['b'] }]],
    ['no country', [{ ST: ['WA'] }, { O: ['acme'] }]],
    ['no state', [{ C: ['US'] }, { O: ['acme'] }]],
    ['no organisation', [{ C: ['US'] }, { ST: ['WA'] }]],
    ['nothing', []],
    ['an e-mail address', [...BASE, { [EMAIL]: ['a@example.com'] }]],
    ['a domain component', [...BASE, { DC: ['example'] }]],
    ['"=#" in a value', [...BASE, { CN: ['bad=#CN'] }]],
    ['a value that is no text', [...BASE, { CN: [BIT_STRING] }]],
  ])('with %s is nobody’s, but for a policy that trusts everybody', async (_what, subject) => {
    expect(await matches(subject, identity)).toBe(false)
    expect(await matches(subject, '*')).toBe(true)
  })
})

describe('trusted identities of a policy', () => {
  const parse = (...trustedIdentities: readonly string[]) =>
    parseTrustPolicy(policyBytes([aStatement({ trustedIdentities })]), 'oci', 'trustpolicy.json')

  test.each([
    ['empty', ['']],
    ['without a colon', ['x509.subject C=US, ST=WA, O=acme']],
    ['everybody and somebody', ['*', 'x509.subject: C=US, ST=WA, O=acme']],
    ['everybody twice', ['*', '*']],
    ['a subject without attributes', ['x509.subject:']],
    ['a subject of spaces', ['x509.subject:  ']],
    ['no country', ['x509.subject: ST=WA, O=acme']],
    ['no state', ['x509.subject: C=US, O=acme']],
    ['no organisation', ['x509.subject: C=US, ST=WA']],
    ['a country in another case', ['x509.subject: c=US, ST=WA, O=acme']],
    ['an empty organisation', ['x509.subject: C=US, ST=WA, O=']],
    ['an empty unit', ['x509.subject: C=US, ST=WA, O=acme, OU=']],
    ['an attribute twice', ['x509.subject: C=US, ST=WA, O=acme, O=other']],
    ['ST and S', ['x509.subject: C=US, ST=WA, S=WA, O=acme']],
    ['several attributes in one RDN', ['x509.subject: C=US, ST=WA, O=acme+CN=x']],
    ['a value in hexadecimal form', ['x509.subject: C=US, ST=WA, O=#0c0461636d65']],
    ['a value in hexadecimal form behind a space', ['x509.subject: C=US, ST=WA, O= #0c0461636d65']],
    ['"=#" within a value', ['x509.subject: C=US, ST=WA, O=acme, CN=a=#b']],
    ['a separator at its end', ['x509.subject: C=US, ST=WA, O=acme,']],
    ['a separator at its beginning', ['x509.subject: ,C=US, ST=WA, O=acme']],
    ['an attribute without "="', ['x509.subject: C=US, ST=WA, O=acme, CN']],
    ['a value without type', ['x509.subject: C=US, ST=WA, O=acme, =x']],
    ['an escape at its end', ['x509.subject: C=US, ST=WA, O=acme\\']],
    ['an escape that is not known', ['x509.subject: C=US, ST=WA, O=ac\\me']],
    ['an escape of half a character', ['x509.subject: C=US, ST=WA, O=\\C3']],
    ['the same one twice', ['x509.subject: C=US, ST=WA, O=acme', 'x509.subject: O=acme, S=WA, C=US']],
    ['one within another', ['x509.subject: C=US, ST=WA, O=acme', 'x509.subject: C=US, ST=WA, O=acme, CN=x']],
    ['another within one', ['x509.subject: C=US, ST=WA, O=acme, CN=x', 'x509.subject: C=US, ST=WA, O=acme']],
  ])('are refused with %s', (_what, identities) => {
    expect(() => parse(...identities)).toThrow(expect.objectContaining({ code: 'ERR_TRUST_POLICY_INVALID' }))
  })

  test('may differ in any attribute', () => {
    const { warnings } = parse(
      'x509.subject: C=US, ST=WA, O=acme, OU=a',
      'x509.subject: C=US, ST=WA, O=acme, OU=b',
      'x509.subject: C=US, ST=WA, O=acme, CN=c',
      'x509.subject: C=US, ST=OR, O=acme',
    )

    expect(warnings).toEqual([])
  })
})
