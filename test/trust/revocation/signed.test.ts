import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isAccepted, isSignedBy, readSigned, type Signed } from '../../../src/trust/revocation/signed.js'
import { der, integer, oid } from '../../support/revocation.js'

const CONTENT = der(0x30, Buffer.from('what is signed'))
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ED = generateKeyPairSync('ed25519')
const NULL = der(0x05)

type Signer = (key: KeyObject) => Buffer

const pkcs1 =
  (hash: string): Signer =>
  (key) =>
    sign(hash, CONTENT, key)
const pss =
  (hash: string, saltLength: number): Signer =>
  (key) =>
    sign(hash, CONTENT, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })

function pssAlgorithm(hash: string | undefined, mask = hash, salt = 32): Buffer {
  const named = (type: string) => der(0x30, oid(type), NULL)
  return der(
    0x30,
    oid('1.2.840.113549.1.1.10'),
    der(
      0x30,
      ...(hash === undefined ? [] : [der(0xa0, named(hash))]),
      ...(mask === undefined ? [] : [der(0xa1, der(0x30, oid('1.2.840.113549.1.1.8'), named(mask)))]),
      der(0xa2, integer(salt)),
    ),
  )
}

const SHA256 = '2.16.840.1.101.3.4.2.1'
const SHA384 = '2.16.840.1.101.3.4.2.2'
const SHA1 = '1.3.14.3.2.26'

const signed = (algorithm: Buffer, signature: Buffer): Signed =>
  readSigned(der(0x30, CONTENT, algorithm, der(0x03, Buffer.of(0), signature)))

describe('what a CA has signed', () => {
  test.each<[string, KeyObject, KeyObject, Buffer, Signer]>([
    ['RSA with SHA-256', RSA.privateKey, RSA.publicKey, der(0x30, oid('1.2.840.113549.1.1.11'), NULL), pkcs1('sha256')],
    ['RSA with SHA-384', RSA.privateKey, RSA.publicKey, der(0x30, oid('1.2.840.113549.1.1.12'), NULL), pkcs1('sha384')],
    ['RSA with SHA-512', RSA.privateKey, RSA.publicKey, der(0x30, oid('1.2.840.113549.1.1.13'), NULL), pkcs1('sha512')],
    ['RSA-PSS', RSA.privateKey, RSA.publicKey, pssAlgorithm(SHA256), pss('sha256', 32)],
    ['ECDSA with SHA-256', EC.privateKey, EC.publicKey, der(0x30, oid('1.2.840.10045.4.3.2')), pkcs1('sha256')],
    ['ECDSA with SHA-384', EC.privateKey, EC.publicKey, der(0x30, oid('1.2.840.10045.4.3.3')), pkcs1('sha384')],
    ['ECDSA with SHA-512', EC.privateKey, EC.publicKey, der(0x30, oid('1.2.840.10045.4.3.4')), pkcs1('sha512')],
    ['Ed25519', ED.privateKey, ED.publicKey, der(0x30, oid('1.3.101.112')), (key) => sign(null, CONTENT, key)],
  ])('is verified with %s', (_, privateKey, publicKey, algorithm, make) => {
    const good = signed(algorithm, make(privateKey))
    const other = { ...good, content: der(0x30, Buffer.from('something else')) }

    expect(isSignedBy(good, publicKey)).toBe(true)
    expect(isSignedBy(other, publicKey)).toBe(false)
    expect(isSignedBy(good, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)).toBe(false)
  })

  test.each<[string, KeyObject, KeyObject, Buffer, Signer]>([
    ['RSA with SHA-1', RSA.privateKey, RSA.publicKey, der(0x30, oid('1.2.840.113549.1.1.5'), NULL), pkcs1('sha1')],
    ['ECDSA with SHA-1', EC.privateKey, EC.publicKey, der(0x30, oid('1.2.840.10045.4.1')), pkcs1('sha1')],
    [
      'RSA-PSS that leaves its hash to be SHA-1',
      RSA.privateKey,
      RSA.publicKey,
      pssAlgorithm(undefined),
      pss('sha1', 32),
    ],
    ['RSA-PSS with SHA-1', RSA.privateKey, RSA.publicKey, pssAlgorithm(SHA1), pss('sha1', 32)],
    ['RSA-PSS with two hashes', RSA.privateKey, RSA.publicKey, pssAlgorithm(SHA256, SHA384), pss('sha256', 32)],
    [
      'RSA-PSS with another salt than it says',
      RSA.privateKey,
      RSA.publicKey,
      pssAlgorithm(SHA256, SHA256, 20),
      pss('sha256', 32),
    ],
    [
      'an algorithm for another type of key',
      EC.privateKey,
      EC.publicKey,
      der(0x30, oid('1.2.840.113549.1.1.11'), NULL),
      pkcs1('sha256'),
    ],
    [
      'parameters that are not of the algorithm',
      EC.privateKey,
      EC.publicKey,
      der(0x30, oid('1.2.840.10045.4.3.2'), der(0x30)),
      pkcs1('sha256'),
    ],
    ['an algorithm that is none', EC.privateKey, EC.publicKey, der(0x30), pkcs1('sha256')],
  ])('is not accepted with %s', (_, privateKey, publicKey, algorithm, make) => {
    expect(isSignedBy(signed(algorithm, make(privateKey)), publicKey)).toBe(false)
  })

  test('is not accepted with a key that is too weak', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    const [rsa, ecdsa] = [der(0x30, oid('1.2.840.113549.1.1.11'), NULL), der(0x30, oid('1.2.840.10045.4.3.2'))]

    expect(isSignedBy(signed(rsa, sign('sha256', CONTENT, weak.privateKey)), weak.publicKey)).toBe(false)
    expect(isSignedBy(signed(ecdsa, sign('sha256', CONTENT, curve.privateKey)), curve.publicKey)).toBe(false)
  })

  test('is told from what nobody signs any more', () => {
    expect(isAccepted(pssAlgorithm(SHA384))).toBe(true)
    expect(isAccepted(der(0x30, oid('1.2.840.113549.1.1.5'), NULL))).toBe(false)
    expect(isAccepted(der(0x30, oid('1.2.840.10040.4.3')))).toBe(false)
  })

  test.each([
    ['its signature does not fill the last octet', der(0x30, CONTENT, der(0x30), der(0x03, Buffer.of(4, 0x10)))],
    ['its signature is empty', der(0x30, CONTENT, der(0x30), der(0x03))],
    ['it has no signature', der(0x30, CONTENT, der(0x30))],
    ['its content is no sequence', der(0x30, der(0x04), der(0x30), der(0x03, Buffer.of(0)))],
  ])('cannot be read where %s', (_, bytes) => {
    expect(() => readSigned(bytes)).toThrow()
  })

  test('is never verified over other bytes than were received', () => {
    const { content } = signed(der(0x30), createHash('sha256').digest())

    expect(Buffer.from(content)).toEqual(CONTENT)
  })
})
