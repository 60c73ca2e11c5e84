import {
  Boolean as BooleanValue,
  GeneralizedTime,
  Integer,
  Null,
  OctetString,
  PrintableString,
  Sequence,
  UTCTime,
} from 'asn1js'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyTimestampToken } from '../../../src/trust/timestamp/verify-token.js'
import { mint } from '../../support/keys.js'
import * as tokens from '../../support/timestamps.js'
import {
  type Authority,
  type Change,
  mintAuthority,
  mintToken,
  OIDS,
  SIGNED,
  type TokenRecipe,
} from '../../support/timestamps.js'

let authority: Authority
let rsa: Authority
let stranger: Authority

beforeAll(async () => {
  authority = await mintAuthority()
  rsa = await mintAuthority({}, tokens.rsaPair(2048))
  stranger = await mintAuthority()
})

async function verify(recipe: Partial<TokenRecipe> = {}, signed = SIGNED) {
  const by = recipe.authority ?? authority
  return await verifyTimestampToken(mintToken({ authority: by, ...recipe }), { signed, anchors: [by.root.certificate] })
}

const refused = { code: 'ERR_TIMESTAMP_INVALID' }

describe('a timestamp token', () => {
  it('proves the time, by the authority’s chain', async () => {
    const timestamp = await verify()

    expect(timestamp).toEqual({
      genTime: new Date('2026-06-01T12:00:00Z'),
      earliest: new Date('2026-06-01T12:00:00Z'),
      latest: new Date('2026-06-01T12:00:00Z'),
      policy: tokens.POLICY,
      chain: [authority.leaf.certificate, authority.intermediate.certificate, authority.root.certificate],
    })
  })

  it.each(['sha256', 'sha384', 'sha512'] as const)('may be by RSA, PKCS #1 v1.5 or PSS, with %s', async (digest) => {
    await expect(verify({ authority: rsa, digest })).resolves.toBeDefined()
    await expect(verify({ authority: rsa, digest, signature: 'RSA-PSS' })).resolves.toBeDefined()
  })

  it.each([
    ['prime256v1', 'sha256'],
    ['secp384r1', 'sha384'],
    ['secp521r1', 'sha512'],
    ['prime256v1', 'sha512'],
  ] as const)('may be by ECDSA on %s with %s', async (curve, digest) => {
    await expect(verify({ authority: await mintAuthority({}, tokens.ecPair(curve)), digest })).resolves.toBeDefined()
  })

  it('may leave the root out', async () => {
    const carried = [authority.intermediate.certificate, authority.leaf.certificate]

    await expect(verify({ carried })).resolves.toMatchObject({ chain: { length: 3 } })
  })

  it('may name its signer’s certificate by SHA-384, with issuer and number', async () => {
    const { certificate } = authority.leaf
    const named = tokens.signingCertificate(certificate, 'sha384', tokens.issuerSerial(certificate))

    await expect(verify({ attributes: with_(OIDS.signingCertificateV2, named) })).resolves.toBeDefined()
  })

  it('may say when it was signed, and have attributes that nobody knows', async () => {
    const time = new UTCTime({ value: '260601120000Z' })
    const more: Change = (attributes) => [...attributes, tokens.attribute('1.2.3.4', new Null())]

    await expect(verify({ attributes: with_(OIDS.signingTime, time) })).resolves.toBeDefined()
    await expect(verify({ attributes: more })).resolves.toBeDefined()
  })

  it('holds by any of its signers', async () => {
    const bad = tokens.mintSigner({ authority, signerInfo: at(0, new Integer({ value: 3 })) }, new Uint8Array())

    await expect(verify({ signers: ([good]) => [bad, good ?? bad] })).resolves.toBeDefined()
    await expect(verify({ signers: ([good]) => [good ?? bad, bad] })).resolves.toBeDefined()
  })

  it('is judged by the certificate that it names, whoever else is in it', async () => {
    const twin = await mint({ name: 'TSA', extensions: tokens.tsaExtensions() }, stranger.intermediate)
    const own = [authority.leaf, authority.intermediate, authority.root].map(({ certificate }) => certificate)

    await expect(verify({ carried: [twin.certificate, stranger.root.certificate, ...own] })).resolves.toMatchObject({
      chain: own,
    })
  })

  it('may be wrapped in BER of indefinite length', async () => {
    const [tag, ...rest] = mintToken({ authority })
    const header = (rest[0] ?? 0) & 0x7f
    const token = Uint8Array.from([tag ?? 0, 0x80, ...rest.slice(1 + header), 0, 0])

    await expect(
      verifyTimestampToken(token, { signed: SIGNED, anchors: [authority.root.certificate] }),
    ).resolves.toBeDefined()
  })
})

describe('a timestamp token is refused', () => {
  const broken: readonly (readonly [string, () => Partial<TokenRecipe>])[] = [
    ['that is over something else', () => ({ signed: new Uint8Array([1]) })],
    ['over a SHA-1 hash', () => ({ tstInfo: at(2, tokens.imprint('sha1', SIGNED)) })],
    [
      'whose message digest is SHA-1',
      () => ({ authority: rsa, digest: 'sha1', tstInfo: at(2, tokens.imprint('sha256', SIGNED)) }),
    ],
    ['whose TSTInfo is of another version', () => ({ tstInfo: at(0, new Integer({ value: 2 })) })],
    ['whose genTime is not in UTC', () => ({ tstInfo: at(4, new GeneralizedTime({ value: '20260601120000+0200' })) })],
    ['whose genTime is local', () => ({ tstInfo: at(4, new GeneralizedTime({ value: '20260601120000' })) })],
    ['whose genTime is no day', () => ({ tstInfo: at(4, new GeneralizedTime({ value: '20260231120000Z' })) })],
    ['with a critical extension', () => ({ tstInfo: (fields) => [...fields, extension(true)] })],
    ['whose TSTInfo goes on', () => ({ tstInfo: (fields) => [...fields, new Null()] })],
    ['without signed attributes', () => ({ attributes: () => [] })],
    ['without contentType', () => ({ attributes: without(0) })],
    ['with another contentType', () => ({ attributes: with_(OIDS.contentType, tokens.oid('1.2.840.113549.1.7.1')) })],
    ['without messageDigest', () => ({ attributes: without(1) })],
    [
      'with another messageDigest',
      () => ({ attributes: with_(OIDS.messageDigest, new OctetString({ valueHex: new Uint8Array(32) })) }),
    ],
    ['with an attribute twice', () => ({ attributes: (all) => [...all, ...all.slice(1, 2)] })],
    [
      'with an attribute of two values',
      () => ({ attributes: with_(OIDS.contentType, tokens.oid(OIDS.tstInfo), tokens.oid(OIDS.tstInfo)) }),
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
    ['that names another certificate', () => ({ attributes: named(essOf('root')) })],
    [
      'that names another issuer',
      () => ({ attributes: named(essOf('leaf', 'sha256', tokens.issuerSerial(authority.root.certificate))) }),
    ],
    [
      'that names the issuer by another kind of name',
      () => ({ attributes: named(essOf('leaf', 'sha256', tokens.issuerSerial(authority.leaf.certificate, 6))) }),
    ],
    ['whose signing-certificate-v2 is damaged', () => ({ attributes: named(new Integer({ value: 1 })) })],
    [
      'whose signing time is no time',
      () => ({ attributes: with_(OIDS.signingTime, new PrintableString({ value: '260601120000Z' })) }),
    ],
    [
      'whose signing time is before its certificate',
      () => ({ attributes: with_(OIDS.signingTime, new UTCTime({ value: '240601120000Z' })) }),
    ],
    ['whose signer is of version 3', () => ({ signerInfo: at(0, new Integer({ value: 3 })) })],
    [
      'whose signer has a key identifier for a name',
      () => ({ signerInfo: at(1, tokens.tagged(0, new OctetString())) }),
    ],
    [
      'whose signer is named as somebody else',
      () => ({ signerInfo: at(1, tokens.issuerAndSerial(authority.root.certificate)) }),
    ],
    ['whose digest algorithm was exchanged', () => ({ signerInfo: at(2, tokens.algorithm(OIDS.sha512)) })],
    [
      'whose signature algorithm is by another hash',
      () => ({ signerInfo: at(4, tokens.algorithm('1.2.840.10045.4.3.4')) }),
    ],
    [
      'whose signature algorithm is for another key',
      () => ({ signerInfo: at(4, tokens.algorithm('1.2.840.113549.1.1.11')) }),
    ],
    ['whose signature algorithm is not known', () => ({ signerInfo: at(4, tokens.algorithm('1.3.101.112')) })],
    ['whose signature is wrong', () => ({ signerInfo: at(5, new OctetString({ valueHex: new Uint8Array(70) })) })],
    ['whose signature is by another key', () => ({ authority: { ...authority, key: stranger.key } })],
    [
      'signed by PSS with another mask hash',
      () => ({ authority: rsa, signature: 'RSA-PSS', signerInfo: at(4, tokens.pssAlgorithm('sha256', 'sha1', 32)) }),
    ],
    [
      'signed by PSS with another salt',
      () => ({ authority: rsa, signature: 'RSA-PSS', signerInfo: at(4, tokens.pssAlgorithm('sha256', 'sha256', 20)) }),
    ],
    [
      'signed by PSS without parameters',
      () => ({ authority: rsa, signature: 'RSA-PSS', signerInfo: at(4, tokens.algorithm('1.2.840.113549.1.1.10')) }),
    ],
    ['without a signer', () => ({ signers: () => [] })],
    [
      'with more signers than anybody has',
      () => ({ signers: ([one]) => Array.from({ length: 9 }, () => one ?? new Null()) }),
    ],
    ['without certificates', () => ({ signedData: without(3) })],
    ['with an empty set of certificates', () => ({ carried: [] })],
    [
      'without its signer’s certificate',
      () => ({ carried: [authority.intermediate.certificate, authority.root.certificate] }),
    ],
    [
      'with a certificate that cannot be read',
      () => ({ signedData: at(3, tokens.tagged(0, new Sequence({ value: [new Null()] }))) }),
    ],
    [
      'with more certificates than anybody has',
      () => ({ carried: Array.from({ length: 31 }, () => authority.leaf.certificate) }),
    ],
    ['whose SignedData is of another version', () => ({ signedData: at(0, new Integer({ value: 1 })) })],
    [
      'that holds other content',
      () => ({ signedData: at(2, new Sequence({ value: [tokens.oid('1.2.840.113549.1.7.1')] })) }),
    ],
    ['whose TSTInfo was exchanged', () => ({ signedData: at(2, otherContent()) })],
    [
      'whose parts are in another order',
      () => ({ signedData: (fields) => [...fields.slice(0, 3), ...fields.slice(3).reverse()] }),
    ],
    ['with parameters of its digest algorithm', () => ({ signerInfo: at(2, withParameters(OIDS.sha256)) })],
    [
      'with parameters of its signature algorithm',
      () => ({ signerInfo: at(4, withParameters('1.2.840.10045.4.3.2')) }),
    ],
    ['that holds no content', () => ({ signedData: at(2, new Sequence({ value: [tokens.oid(OIDS.tstInfo)] })) })],
    ['that is another kind of CMS', () => ({ contentInfo: at(0, tokens.oid('1.2.840.113549.1.7.1')) })],
    ['in a whole response', () => ({ contentInfo: (fields) => [granted(), new Sequence({ value: fields })] })],
  ]

  it.each(broken)('%s', async (_, recipe) => {
    await expect(verify(recipe())).rejects.toMatchObject(refused)
  })

  const wrapped: readonly (readonly [string, (token: Uint8Array) => Uint8Array])[] = [
    ['with bytes after its end', (token) => Uint8Array.from([...token, 0])],
    ['that is cut', (token) => token.subarray(0, -1)],
    ['whose outer length is too small', (token) => token.with(3, (token[3] ?? 0) - 1)],
    ['that is empty', () => new Uint8Array()],
    ['that is no ASN.1', () => new TextEncoder().encode('no token')],
    ['that is larger than any', (token) => Uint8Array.from([...token, ...new Uint8Array(256 * 1024)])],
  ]

  it.each(wrapped)('%s', async (_, change) => {
    const token = change(mintToken({ authority }))

    await expect(
      verifyTimestampToken(token, { signed: SIGNED, anchors: [authority.root.certificate] }),
    ).rejects.toMatchObject(refused)
  })

  it('that nobody trusted made', async () => {
    const token = mintToken({ authority })

    for (const anchors of [
      [],
      [stranger.root.certificate],
      [authority.intermediate.certificate],
      [authority.leaf.certificate],
    ]) {
      await expect(verifyTimestampToken(token, { signed: SIGNED, anchors })).rejects.toMatchObject(refused)
    }
  })
})

function extension(critical: boolean): tokens.Element {
  const value = new OctetString({ valueHex: new Uint8Array([5, 0]) })
  return tokens.tagged(1, new Sequence({ value: [tokens.oid('1.2.3'), new BooleanValue({ value: critical }), value] }))
}

/** The same but for one second. */
function otherContent(): tokens.Element {
  const time = new GeneralizedTime({ value: '20260601120001Z' })
  const fields = [
    new Integer({ value: 1 }),
    tokens.oid(tokens.POLICY),
    tokens.imprint('sha256', SIGNED),
    new Integer({ value: 4711 }),
    time,
  ]
  const content = new OctetString({ valueHex: tokens.encode(new Sequence({ value: fields })) })
  return new Sequence({ value: [tokens.oid(OIDS.tstInfo), tokens.tagged(0, content)] })
}

function withParameters(oid: string): tokens.Element {
  return new Sequence({ value: [tokens.oid(oid), new Integer({ value: 1 })] })
}

function granted(): tokens.Element {
  return new Sequence({ value: [new Integer({ value: 0 })] })
}

function named(value: tokens.Element): Change {
  return with_(OIDS.signingCertificateV2, value)
}

function essOf(who: 'leaf' | 'root', digest: tokens.Digest = 'sha256', issuerSerial?: tokens.Element): tokens.Element {
  return tokens.signingCertificate(authority[who].certificate, digest, issuerSerial)
}

/** RFC 2634: the same by SHA-1, and no way to say another hash. */
function signingCertificateV1(): tokens.Element {
  const v2 = tokens.signingCertificate(authority.leaf.certificate)
  return tokens.attribute(OIDS.signingCertificate, v2)
}

/** Puts another element in one place. */
function at(place: number, element: tokens.Element): Change {
  return (fields) => fields.with(place, element)
}

/** Takes one away. */
function without(place: number): Change {
  return (fields) => fields.toSpliced(place, 1)
}

/** The attributes with another value for one of them, or one more. */
function with_(type: string, ...values: tokens.Element[]): Change {
  const order: readonly string[] = [OIDS.contentType, OIDS.messageDigest, OIDS.signingCertificateV2]
  const place = order.indexOf(type)
  const attribute = tokens.attribute(type, ...values)
  return (attributes) => (place < 0 ? [...attributes, attribute] : attributes.with(place, attribute))
}
