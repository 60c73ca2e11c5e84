import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { DOCKER_MANIFEST } from '../../../src/oci/media-types.js'
import { encodeBase64 } from '../../../src/trust/base64.js'
import { openNv2 } from '../../../src/trust/nv2/open-nv2.js'
import { mint } from '../../support/keys.js'
import { rawToken } from '../../support/nv2.js'

const KID = Array.from({ length: 12 }, () => 'AB27').join(':')
const HEADER = { typ: 'x509', alg: 'RS256', kid: KID }
const CLAIMS = { mediaType: DOCKER_MANIFEST, digest: digestOf(new Uint8Array([1])), size: 528 }

describe('a JWT of the prototype', () => {
  test('says what is signed, under which names, and when', () => {
    const references = ['registry.example.com/app:v1']

    const { claims, algorithm, signedBy } = openNv2(rawToken(HEADER, { ...CLAIMS, references, iat: 1, nbf: 2, exp: 3 }))

    expect(claims).toEqual({
      target: CLAIMS,
      references,
      issuedAt: new Date(1000),
      notBefore: new Date(2000),
      expiry: new Date(3000),
    })
    expect(algorithm).toBe('RS256')
    expect(signedBy).toEqual({ kind: 'kid', keyId: KID })
  })

  test('may claim no names and no times, and other things that are not understood', () => {
    const { claims } = openNv2(rawToken(HEADER, { ...CLAIMS, iss: 'somebody' }))

    expect(claims).toEqual({ target: CLAIMS, references: [] })
  })

  test('carries its certificates, leaf first', async () => {
    const one = await mint({ name: 'registry.example.com' })

    const { signedBy } = openNv2(
      rawToken({ typ: 'x509', alg: 'ES256', x5c: [encodeBase64(one.certificate.der)] }, CLAIMS),
    )

    expect(signedBy.kind === 'x5c' && signedBy.chain.map(({ thumbprint }) => thumbprint)).toEqual([
      one.certificate.thumbprint,
    ])
  })

  const x5c = [encodeBase64(new Uint8Array([0x30, 0]))]
  test.each<readonly [string, unknown]>([
    ['of another type', { ...HEADER, typ: 'JWT' }],
    ['of the reserved type', { ...HEADER, typ: 'tuf' }],
    ['without a type', { alg: 'RS256', kid: KID }],
    ['without an algorithm', { typ: 'x509', kid: KID }],
    ['with no signature by its own word', { ...HEADER, alg: 'none' }],
    ['with a shared secret', { ...HEADER, alg: 'HS256' }],
    ['with an algorithm of the other Notary', { ...HEADER, alg: 'PS256' }],
    ['with a signer by two names', { ...HEADER, x5c }],
    ['with no signer', { typ: 'x509', alg: 'RS256' }],
    ['with a key id that libtrust does not make', { ...HEADER, kid: 'my-key' }],
    ['with an empty chain', { typ: 'x509', alg: 'RS256', x5c: [] }],
    ['with a certificate that is none', { typ: 'x509', alg: 'RS256', x5c }],
    ['with a certificate in another alphabet', { typ: 'x509', alg: 'RS256', x5c: ['-_-_'] }],
    ['with too many certificates', { typ: 'x509', alg: 'RS256', x5c: Array.from({ length: 11 }, () => x5c[0]) }],
    ['with critical headers', { ...HEADER, crit: ['exp'], exp: 1 }],
    ['with an unencoded body', { ...HEADER, b64: false }],
    ['with a key of its own', { ...HEADER, jwk: {} }],
    ['with an algorithm twice', `{"typ":"x509","alg":"none","alg":"RS256","kid":"${KID}"}`],
    ['with a header that is no object', '[]'],
  ])('is refused %s', (_what, header) => {
    expect(() => openNv2(rawToken(header, CLAIMS))).toThrow(expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' }))
  })

  test.each<readonly [string, unknown]>([
    ['nothing', {}],
    ['no digest', { ...CLAIMS, digest: undefined }],
    ['a digest that climbs', { ...CLAIMS, digest: '../../etc/passwd' }],
    ['a size twice', `{"mediaType":"a/b","digest":"${CLAIMS.digest}","size":1,"Size":2}`],
    ['references that are a text', { ...CLAIMS, references: 'registry.example.com/app:v1' }],
    ['a reference that is a number', { ...CLAIMS, references: [1] }],
    ['endless references', { ...CLAIMS, references: Array.from({ length: 1001 }, () => 'a') }],
    ['an expiry that is a text', { ...CLAIMS, exp: '2030-01-01' }],
    ['an expiry that is half a second', `{"mediaType":"a/b","digest":"${CLAIMS.digest}","size":1,"exp":1.5}`],
    ['an expiry that no calendar has', { ...CLAIMS, exp: 2 ** 50 }],
    ['a beginning before 1970', { ...CLAIMS, nbf: -1 }],
  ])('is refused if it claims %s', (_what, claims) => {
    expect(() => openNv2(rawToken(HEADER, claims))).toThrow(expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' }))
  })

  const good = Buffer.from(rawToken(HEADER, CLAIMS)).toString()
  test.each([
    ['nothing', ''],
    ['two parts', good.split('.').slice(0, 2).join('.')],
    ['four parts', `${good}.AQ`],
    ['no signature', good.replace(/[^.]*$/, '')],
    ['padding', good.replace(/[^.]*$/, 'AQ==')],
    ['a line break', `${good}\n`],
    ['the alphabet of certificates', good.replace(/[^.]*$/, '+/+/')],
    ['an envelope of the Notary Project', '{"payload":"","protected":"","header":{},"signature":""}'],
  ])('is not %s', (_what, text) => {
    const opening = () => openNv2(new TextEncoder().encode(text))

    expect(opening).toThrow(expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' }))
  })

  test('has a size that somebody would send', () => {
    const opening = () => openNv2(new Uint8Array(4 * 1024 * 1024 + 1))

    expect(opening).toThrow(expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' }))
  })
})
