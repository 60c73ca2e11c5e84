import { Boolean as BooleanValue, GeneralizedTime, Integer, Null, OctetString, Sequence } from 'asn1js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Certificate } from '../../../src/trust/certificate/certificate.js'
import { verifyTimestampToken } from '../../../src/trust/timestamp/verify-token.js'
import type { Minted } from '../../support/keys.js'
import {
  algorithm,
  at,
  type Element,
  encode,
  type IssuedAs,
  imprint,
  issuerAndSerial,
  OIDS,
  oid,
  pssAlgorithm,
  tagged,
  without,
} from '../../support/timestamp-parts.js'
import {
  type Authority,
  mintAuthority,
  mintToken,
  POLICY,
  rsaPair,
  SIGNED,
  type TokenRecipe,
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

const refused = { code: 'ERR_TIMESTAMP_INVALID' }

describe('a timestamp token is refused', () => {
  const broken: readonly (readonly [string, () => Partial<TokenRecipe>])[] = [
    ['that is over something else', () => ({ signed: new Uint8Array([1]) })],
    ['over a SHA-1 hash', () => ({ tstInfo: at(2, imprint('sha1', SIGNED)) })],
    [
      'whose message digest is SHA-1',
      () => ({ authority: rsa, digest: 'sha1', tstInfo: at(2, imprint('sha256', SIGNED)) }),
    ],
    ['whose TSTInfo is of another version', () => ({ tstInfo: at(0, new Integer({ value: 2 })) })],
    ['with a critical extension', () => ({ tstInfo: (fields) => [...fields, extension(true)] })],
    ['whose TSTInfo goes on', () => ({ tstInfo: (fields) => [...fields, new Null()] })],
    ['whose signer is of version 3', () => ({ signerInfo: at(0, new Integer({ value: 3 })) })],
    ['whose signer has a key identifier for a name', () => ({ signerInfo: at(1, tagged(0, new OctetString())) })],
    [
      'whose signer is named by another issuer',
      () => ({ signerInfo: at(1, issuerAndSerial(issuedAs({ issuer: authority.root }))) }),
    ],
    [
      'whose signer is named by another number',
      () => ({ signerInfo: at(1, issuerAndSerial(issuedAs({ number: authority.root }))) }),
    ],
    ['whose digest algorithm was exchanged', () => ({ signerInfo: at(2, algorithm(OIDS.sha512)) })],
    ['whose signature algorithm is by another hash', () => ({ signerInfo: at(4, algorithm('1.2.840.10045.4.3.4')) })],
    ['whose signature algorithm is for another key', () => ({ signerInfo: at(4, algorithm('1.2.840.113549.1.1.11')) })],
    ['whose signature algorithm is not known', () => ({ signerInfo: at(4, algorithm('1.3.101.112')) })],
    ['whose signature is wrong', () => ({ signerInfo: at(5, new OctetString({ valueHex: new Uint8Array(70) })) })],
    ['whose signature is by another key', () => ({ authority: { ...authority, key: stranger.key } })],
    ['signed by PSS with another mask hash', () => pss(pssAlgorithm('sha256', 32, { mask: 'sha1' }))],
    ['signed by PSS with another salt', () => pss(pssAlgorithm('sha256', 20))],
    // To the library it would mean: as long as the hash.
    ['signed by PSS with a negative salt', () => pss(pssAlgorithm('sha256', -1))],
    ['signed by PSS with another trailer', () => pss(pssAlgorithm('sha256', 32, { trailer: 2 }))],
    ['signed by PSS with another mask', () => pss(pssAlgorithm('sha256', 32, { generator: '1.2.3' }))],
    ['signed by PSS without parameters', () => pss(algorithm('1.2.840.113549.1.1.10'))],
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
      () => ({ signedData: at(3, tagged(0, new Sequence({ value: [new Null()] }))) }),
    ],
    [
      'with more certificates than anybody has',
      () => ({
        carried: [...Array.from({ length: 29 }, () => authority.leaf), authority.intermediate, authority.root].map(
          certificateOf,
        ),
      }),
    ],
    ['whose SignedData is of another version', () => ({ signedData: at(0, new Integer({ value: 1 })) })],
    ['that calls its TSTInfo something else', () => ({ signedData: (fields) => fields.with(2, renamed(fields[2])) })],
    ['that holds other content', () => ({ signedData: at(2, new Sequence({ value: [oid('1.2.840.113549.1.7.1')] })) })],
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
    ['that holds no content', () => ({ signedData: at(2, new Sequence({ value: [oid(OIDS.tstInfo)] })) })],
    ['that is another kind of CMS', () => ({ contentInfo: at(0, oid('1.2.840.113549.1.7.1')) })],
    ['in a whole response', () => ({ contentInfo: (fields) => [granted(), new Sequence({ value: fields })] })],
  ]

  it.each(broken)('%s', async (_, recipe) => {
    await expect(verify(recipe())).rejects.toMatchObject(refused)
  })

  const wrapped: readonly (readonly [string, (token: Uint8Array) => Uint8Array])[] = [
    ['with bytes after its end', (token) => Uint8Array.from([...token, 0])],
    ['that is cut', (token) => token.subarray(0, -1)],
    ['whose outer length is too small', (token) => token.with(3, (token[3] ?? 0) - 1)],
    ['whose first tag is in its long form', (token) => Uint8Array.from([0x3f, 0x10, ...token.subarray(1)])],
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

function extension(critical: boolean): Element {
  const value = new OctetString({ valueHex: new Uint8Array([5, 0]) })
  return tagged(1, new Sequence({ value: [oid('1.2.3'), new BooleanValue({ value: critical }), value] }))
}

/** The same but for one second. */
function otherContent(): Element {
  const time = new GeneralizedTime({ value: '20260601120001Z' })
  const fields = [new Integer({ value: 1 }), oid(POLICY), imprint('sha256', SIGNED), new Integer({ value: 4711 }), time]
  const content = new OctetString({ valueHex: encode(new Sequence({ value: fields })) })
  return new Sequence({ value: [oid(OIDS.tstInfo), tagged(0, content)] })
}

/** The leaf's name, with the issuer or the number of another certificate. */
function issuedAs(other: { readonly issuer?: Minted; readonly number?: Minted }): IssuedAs {
  const { issuerDer, serialNumber } = authority.leaf.certificate
  return {
    issuerDer: other.issuer?.certificate.issuerDer ?? issuerDer,
    serialNumber: other.number?.certificate.serialNumber ?? serialNumber,
  }
}

/** The same content under another name. */
function renamed(encapsulated: Element | undefined): Element {
  const [, content] = encapsulated instanceof Sequence ? encapsulated.valueBlock.value : []
  return new Sequence({ value: [oid('1.2.840.113549.1.7.1'), content ?? new Null()] })
}

function pss(signatureAlgorithm: Element): Partial<TokenRecipe> {
  return { authority: rsa, signature: 'RSA-PSS', signerInfo: at(4, signatureAlgorithm) }
}

function certificateOf({ certificate }: Minted): Certificate {
  return certificate
}

function withParameters(type: string): Element {
  return new Sequence({ value: [oid(type), new Integer({ value: 1 })] })
}

function granted(): Element {
  return new Sequence({ value: [new Integer({ value: 0 })] })
}
