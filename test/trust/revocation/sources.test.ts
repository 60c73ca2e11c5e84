import { describe, expect, test } from 'vitest'
import type { Extension } from '../../../src/trust/certificate/x509.js'
import { revocationSources } from '../../../src/trust/revocation/sources.js'
import { leafExtensions, mint } from '../../support/keys.js'
import { crlSource, deltaSource, der, ocspSource, oid, point, raw, uri } from '../../support/revocation.js'

const AIA = '1.3.6.1.5.5.7.1.1'
const CDP = '2.5.29.31'

async function sourcesOf(...extensions: readonly Extension[]) {
  const { certificate } = await mint({ name: 'Acme', extensions: [...leafExtensions(), ...extensions] })
  return revocationSources(certificate)
}

describe('the sources of revocation of a certificate', () => {
  test('are the HTTP addresses of its three extensions, in their order and once each', async () => {
    const lists = crlSource('http://a.example/1.crl', 'http://b.example/2.crl', 'http://a.example/1.crl')

    const found = await sourcesOf(lists, ocspSource(), deltaSource())

    expect(found).toEqual({
      ocsp: ['http://ca.example/ocsp'],
      crl: ['http://a.example/1.crl', 'http://b.example/2.crl'],
      delta: ['http://ca.example/delta.crl'],
      revocable: true,
      undecidable: undefined,
    })
  })

  test('are none where it has none of the extensions', async () => {
    expect(await sourcesOf()).toEqual({ ocsp: [], crl: [], delta: [], revocable: false, undecidable: undefined })
  })

  test('are none where it only says where its issuer’s certificate is', async () => {
    const issuers = raw(AIA, der(0x30, der(0x30, oid('1.3.6.1.5.5.7.48.2'), uri('http://ca.example/ca.crt'))))

    expect((await sourcesOf(issuers)).revocable).toBe(false)
  })

  test.each([
    ['LDAP', uri('ldap://ca.example/cn=list')],
    ['HTTPS, which nobody may ask before the list is known', uri('https://ca.example/list.crl')],
    ['a file', uri('file:///etc/passwd')],
    ['a password in it', uri('http://user:secret@ca.example/list.crl')],
    ['a line feed in it', uri('http://ca.example/list.crl\r\nHost: inside')],
    ['no host', uri('http:list.crl')],
    ['thousands of characters', uri(`http://ca.example/${'a'.repeat(3_000)}`)],
    ['a directory name', der(0xa4, der(0x30))],
  ])('have no address of %s, and the certificate is revocable all the same', async (_, name) => {
    const found = await sourcesOf(raw(CDP, der(0x30, point([name]))))

    expect(found.crl).toEqual([])
    expect(found.revocable).toBe(true)
    expect(found.undecidable).toBeUndefined()
  })

  test('are there where a distribution point has no name', async () => {
    expect((await sourcesOf(raw(CDP, der(0x30, der(0x30))))).revocable).toBe(true)
  })

  test.each([
    ['the distribution points are no sequence', CDP, der(0x04)],
    ['a distribution point does not end', CDP, Buffer.from('30043002a000', 'hex')],
    ['a distribution point has a part that is not known', CDP, der(0x30, point([uri('http://a')], der(0x84)))],
    ['a distribution point has two names', CDP, der(0x30, der(0x30, der(0xa0, der(0xa0), der(0xa0))))],
    ['something follows', CDP, Buffer.concat([der(0x30, point([uri('http://a')])), der(0x05)])],
    ['an access description has no location', AIA, der(0x30, der(0x30, oid('1.3.6.1.5.5.7.48.1')))],
    ['the freshest list is cut off', '2.5.29.46', Buffer.from('30043002a0', 'hex')],
    ['there are too many', CDP, der(0x30, ...Array.from({ length: 40 }, () => point([uri('http://a.example')])))],
  ])('cannot be decided where %s', async (_, type, value) => {
    const found = await sourcesOf(raw(type, value))

    expect(found.revocable).toBe(true)
    expect(found.undecidable).toContain(type)
  })
})
