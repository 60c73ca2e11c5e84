import { Integer, Null, UTCTime } from 'asn1js'
import { beforeAll, describe, expect, it } from 'vitest'
import { verifyTimestampToken } from '../../../src/trust/timestamp/verify-token.js'
import { mint } from '../../support/keys.js'
import {
  at,
  attribute,
  type Change,
  issuerSerial,
  OIDS,
  signingCertificate,
  withAttribute,
} from '../../support/timestamp-parts.js'
import {
  type Authority,
  ecPair,
  mintAuthority,
  mintSigner,
  mintToken,
  POLICY,
  rsaPair,
  SIGNED,
  type TokenRecipe,
  tsaExtensions,
} from '../../support/timestamps.js'

let authority: Authority
let rsa: Authority
let stranger: Authority

beforeAll(async () => {
  authority = await mintAuthority()
  rsa = await mintAuthority({}, rsaPair(2048))
  stranger = await mintAuthority()
})

async function verify(recipe: Partial<TokenRecipe> = {}, signed = SIGNED) {
  const by = recipe.authority ?? authority
  return await verifyTimestampToken(mintToken({ authority: by, ...recipe }), { signed, anchors: [by.root.certificate] })
}

describe('a timestamp token', () => {
  it('proves the time, by the authority’s chain', async () => {
    const timestamp = await verify()

    expect(timestamp).toEqual({
      genTime: new Date('2026-06-01T12:00:00Z'),
      earliest: new Date('2026-06-01T12:00:00Z'),
      latest: new Date('2026-06-01T12:00:00Z'),
      policy: POLICY,
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
    await expect(verify({ authority: await mintAuthority({}, ecPair(curve)), digest })).resolves.toBeDefined()
  })

  it('may leave the root out', async () => {
    const carried = [authority.intermediate.certificate, authority.leaf.certificate]

    await expect(verify({ carried })).resolves.toMatchObject({ chain: { length: 3 } })
  })

  it('may name its signer’s certificate by SHA-384, with issuer and number', async () => {
    const { certificate } = authority.leaf
    const named = signingCertificate(certificate, 'sha384', issuerSerial(certificate))

    await expect(verify({ attributes: withAttribute(OIDS.signingCertificateV2, named) })).resolves.toBeDefined()
  })

  it('may say when it was signed, and have attributes that nobody knows', async () => {
    const time = new UTCTime({ value: '260601120000Z' })
    const more: Change = (attributes) => [...attributes, attribute('1.2.3.4', new Null())]

    await expect(verify({ attributes: withAttribute(OIDS.signingTime, time) })).resolves.toBeDefined()
    await expect(verify({ attributes: more })).resolves.toBeDefined()
  })

  it('holds by any of its signers', async () => {
    const bad = mintSigner({ authority, signerInfo: at(0, new Integer({ value: 3 })) }, new Uint8Array())

    await expect(verify({ signers: ([good]) => [bad, good ?? bad] })).resolves.toBeDefined()
    await expect(verify({ signers: ([good]) => [good ?? bad, bad] })).resolves.toBeDefined()
  })

  it('is judged by the certificate that it names, whoever else is in it', async () => {
    const twin = await mint({ name: 'TSA', extensions: tsaExtensions() }, stranger.intermediate)
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
