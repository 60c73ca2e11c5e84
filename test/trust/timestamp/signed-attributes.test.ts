import { Integer, OctetString, PrintableString, Sequence, UTCTime } from 'asn1js'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyTimestampToken } from '../../../src/trust/timestamp/verify-token.js'
import {
  attribute,
  type Change,
  type Digest,
  type Element,
  type IssuedAs,
  issuerSerial,
  OIDS,
  oid,
  signingCertificate,
  withAttribute,
  without,
} from '../../support/timestamp-parts.js'
import { type Authority, mintAuthority, mintToken, SIGNED, type TokenRecipe } from '../../support/timestamps.js'

let authority: Authority

beforeAll(async () => {
  authority = await mintAuthority()
})

async function verify(recipe: Partial<TokenRecipe>) {
  const token = mintToken({ authority, ...recipe })
  return await verifyTimestampToken(token, { signed: SIGNED, anchors: [authority.root.certificate] })
}

const refused = { code: 'ERR_TIMESTAMP_INVALID' }

describe('the signed attributes of a timestamp token', () => {
  const broken: readonly (readonly [string, () => Partial<TokenRecipe>])[] = [
    ['where there are none', () => ({ attributes: () => [] })],
    ['without contentType', () => ({ attributes: without(0) })],
    ['with another contentType', () => ({ attributes: withAttribute(OIDS.contentType, oid('1.2.840.113549.1.7.1')) })],
    ['without messageDigest', () => ({ attributes: without(1) })],
    [
      'with another messageDigest',
      () => ({ attributes: withAttribute(OIDS.messageDigest, new OctetString({ valueHex: new Uint8Array(32) })) }),
    ],
    ['with an attribute twice', () => ({ attributes: (all) => [...all, ...all.slice(1, 2)] })],
    [
      'with an attribute of two values',
      () => ({ attributes: withAttribute(OIDS.contentType, oid(OIDS.tstInfo), oid(OIDS.tstInfo)) }),
    ],
    ['without signing-certificate-v2', () => ({ attributes: without(2) })],
    [
      'with signing-certificate (v1) alone',
      () => ({ attributes: (all) => [...all.slice(0, 2), signingCertificateV1()] }),
    ],
    [
      'with a signing-certificate-v2 that names nothing',
      () => ({ attributes: named(new Sequence({ value: [new Sequence()] })) }),
    ],
    ['with a signing-certificate-v2 by SHA-1', () => ({ attributes: named(essOf('leaf', 'sha1')) })],
    ['where they name another certificate', () => ({ attributes: named(essOf('root')) })],
    [
      'where they name another issuer',
      () => ({ attributes: named(essOf('leaf', 'sha256', issuerSerial(issuedAs('root', 'leaf')))) }),
    ],
    [
      'where they name another number',
      () => ({ attributes: named(essOf('leaf', 'sha256', issuerSerial(issuedAs('leaf', 'root')))) }),
    ],
    [
      'where they name the issuer twice',
      () => ({ attributes: named(essOf('leaf', 'sha256', issuerSerial(issuedAs('leaf', 'leaf'), [4, 4]))) }),
    ],
    [
      'where they name the issuer by another kind of name',
      () => ({ attributes: named(essOf('leaf', 'sha256', issuerSerial(issuedAs('leaf', 'leaf'), [6]))) }),
    ],
    ['where signing-certificate-v2 is damaged', () => ({ attributes: named(new Integer({ value: 1 })) })],
    [
      'where the signing time is no time',
      () => ({ attributes: withAttribute(OIDS.signingTime, new PrintableString({ value: '260601120000Z' })) }),
    ],
    [
      'where the signing time is before the certificate',
      () => ({ attributes: withAttribute(OIDS.signingTime, new UTCTime({ value: '240601120000Z' })) }),
    ],
  ]

  it.each(broken)('are refused %s', async (_, recipe) => {
    await expect(verify(recipe())).rejects.toMatchObject(refused)
  })
})

function named(value: Element): Change {
  return withAttribute(OIDS.signingCertificateV2, value)
}

function essOf(who: 'leaf' | 'root', digest: Digest = 'sha256', named?: Element): Element {
  return signingCertificate(authority[who].certificate, digest, named)
}

function issuedAs(issuer: 'leaf' | 'root', number: 'leaf' | 'root'): IssuedAs {
  return {
    issuerDer: authority[issuer].certificate.issuerDer,
    serialNumber: authority[number].certificate.serialNumber,
  }
}

/** RFC 2634: the same by SHA-1, and no way to say another hash. */
function signingCertificateV1(): Element {
  const v2 = signingCertificate(authority.leaf.certificate)
  return attribute(OIDS.signingCertificate, v2)
}
