import { createHash, X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import {
  isIssuedBy,
  isSelfSigned,
  parseCertificate,
  parseCertificateFile,
  parsePemCertificates,
} from '../../../src/trust/certificate/certificate.js'
import { BasicConstraintsExtension, Extension } from '../../../src/trust/certificate/x509.js'
import { formatPem } from '../../../src/trust/pem.js'
import { caExtensions, leafExtensions, type Minted, type MintedChain, mint, mintChain } from '../../support/keys.js'

const FAULT = 'ERR_CONFIG_INVALID'
let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

test('reads names, dates, thumbprint and the three extensions', () => {
  const { certificate } = chain.intermediate

  expect(certificate.subject).toBe('C=ZZ, ST=-, O=Waybill tests, CN=Acme intermediate')
  expect(certificate.issuer).toBe('C=ZZ, ST=-, O=Waybill tests, CN=Acme root')
  expect(certificate.notBefore.toISOString()).toBe('2026-01-01T00:00:00.000Z')
  expect(certificate.notAfter.toISOString()).toBe('2027-12-31T23:59:59.000Z')
  expect(certificate.thumbprint).toBe(createHash('sha256').update(certificate.der).digest('hex'))
  expect(certificate.basicConstraints).toEqual({ ca: true, pathLength: 0, critical: true })
  expect(certificate.keyUsage).toEqual({ usages: 0x60, critical: true })
  expect(chain.leaf.certificate.extendedKeyUsage).toEqual({ usages: ['1.3.6.1.5.5.7.3.3'], critical: false })
})

test('knows who issued a certificate by the signature, not by the name', async () => {
  const impostor = await mint({ name: 'Acme root', extensions: caExtensions() })

  expect(isIssuedBy(chain.intermediate.certificate, chain.root.certificate)).toBe(true)
  expect(isIssuedBy(chain.intermediate.certificate, impostor.certificate)).toBe(false)
  expect(isIssuedBy(chain.leaf.certificate, chain.root.certificate)).toBe(false)
})

test('does not take a leaf with the name of its root for self-signed', async () => {
  const root = await mint({ name: 'twin', extensions: caExtensions() })
  const leaf = await mint({ name: 'twin', extensions: leafExtensions() }, root)

  expect(isSelfSigned(root.certificate)).toBe(true)
  expect(isSelfSigned(leaf.certificate)).toBe(false)
})

test('does not take a key that signed under another name for the issuer', async () => {
  const renamed = await mint(
    { name: 'renamed', extensions: leafExtensions() },
    { ...chain.root, name: 'somebody else' },
  )

  expect(isIssuedBy(renamed.certificate, chain.root.certificate)).toBe(false)
})

test('refuses bytes after a certificate, which a thumbprint would cover and OpenSSL would ignore', () => {
  const longer = Buffer.concat([chain.leaf.certificate.der, Buffer.from([0])])

  expect(() => parseCertificate(longer, 'x', FAULT)).toThrow(expect.objectContaining({ code: FAULT }))
})

test('refuses every truncated certificate, with the code that the caller chose', () => {
  const { der } = chain.leaf.certificate

  for (let length = 0; length < der.byteLength; length += 7) {
    expect(() => parseCertificate(der.subarray(0, length), 'x', 'ERR_SIGNATURE_INVALID')).toThrow(
      expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' }),
    )
  }
})

test('refuses a certificate with an extension that is there twice', async () => {
  const twice = mint({
    name: 'twice',
    extensions: [new BasicConstraintsExtension(false, undefined, true), new BasicConstraintsExtension(true, 0, true)],
  })

  await expect(twice).rejects.toMatchObject({ code: FAULT })
})

test('refuses a certificate whose basicConstraints are not what they should be', async () => {
  const broken = mint({ name: 'broken', extensions: [new Extension('2.5.29.19', true, Buffer.from([0x04, 0x00]))] })

  await expect(broken).rejects.toMatchObject({ code: FAULT })
})

test('ignores every other extension, even a malformed or unknown critical one', async () => {
  const odd: Minted = await mint({
    name: 'odd',
    extensions: [
      ...leafExtensions(),
      new Extension('2.5.29.17', false, Buffer.from([0xff, 0xff])),
      new Extension('1.2.3.4', true, Buffer.from([0x05, 0x00])),
    ],
  })

  expect(odd.certificate.basicConstraints).toMatchObject({ ca: false })
})

test('makes names harmless to print', async () => {
  const { certificate } = await mint({ name: 'a\u001b[2Jb\u202ec' })

  expect(certificate.subject).not.toMatch(/[\u0000-\u001f\u202e]/)
})

test('reads several certificates of one PEM text in their order', () => {
  const found = parsePemCertificates(`comment\n${chain.chainPem}`, 'chain.pem', FAULT)

  expect(found.map(({ thumbprint }) => thumbprint)).toEqual(chain.certificates.map(({ thumbprint }) => thumbprint))
})

test('reads DER files, one certificate after the other', () => {
  const bytes = Buffer.concat(chain.certificates.map(({ der }) => der))

  const found = parseCertificateFile(bytes, 'chain.der', FAULT)

  expect(found.map(({ thumbprint }) => thumbprint)).toEqual(chain.certificates.map(({ thumbprint }) => thumbprint))
})

test.each([
  ['nothing', () => ''],
  ['text', () => 'hello\n'],
  ['a private key', () => chain.leaf.keyPem],
  ['a private key behind a certificate', () => chain.leaf.pem + chain.leaf.keyPem],
  ['another PEM block', () => chain.leaf.pem + formatPem('X509 CRL', Buffer.from('x'))],
  ['a block that is no certificate', () => formatPem('CERTIFICATE', Buffer.from('x'))],
  ['more bytes than any file of certificates', () => '#'.repeat(1024 * 1024 + 1)],
])('refuses a PEM text with %s', (_what, text) => {
  expect(() => parsePemCertificates(text(), 'x.pem', FAULT)).toThrow(expect.objectContaining({ code: FAULT }))
  expect(() => parseCertificateFile(Buffer.from(text()), 'x.pem', FAULT)).toThrow(
    expect.objectContaining({ code: FAULT }),
  )
})

test.each([
  ['a length beyond the end', [0x30, 0x82, 0xff, 0xff, 0x00]],
  ['a length of five bytes', [0x30, 0x85, 1, 0, 0, 0, 0]],
  ['no length', [0x30]],
  ['a private key', () => Buffer.from(chain.leaf.keyPem.split('\n').slice(1, -2).join(''), 'base64')],
])('refuses a DER file with %s', (_what, bytes) => {
  const file = Buffer.from(typeof bytes === 'function' ? bytes() : bytes)

  expect(() => parseCertificateFile(file, 'x.der', FAULT)).toThrow(expect.objectContaining({ code: FAULT }))
})

test('gives names, serial number and extensions as they stand in the certificate', () => {
  const { certificate } = chain.leaf
  const serial = new X509Certificate(certificate.der).serialNumber

  expect(certificate.subjectRdns.flat()).toMatchObject([
    { type: '2.5.4.6', value: 'ZZ', encoding: 'printable' },
    { type: '2.5.4.8', value: '-' },
    { type: '2.5.4.10', value: 'Waybill tests' },
    { type: '2.5.4.3', value: 'Acme' },
  ])
  expect(certificate.serialNumber.replace(/^00/, '')).toBe(serial.toLowerCase().replace(/^00/, ''))
  expect(certificate.extension('2.5.29.15')).toMatchObject({
    critical: true,
    value: Uint8Array.of(0x03, 0x02, 0x07, 0x80),
  })
  expect(certificate.extension('2.5.29.31')).toBeUndefined()
})

test('reads the key identifiers, and lets malformed ones be', async () => {
  const id = new Extension('2.5.29.14', false, Buffer.from('0403aabbcc', 'hex'))
  const authority = new Extension('2.5.29.35', false, Buffer.from('30058003ddeeff', 'hex'))
  const read = async (...extensions: Extension[]) => (await mint({ name: 'ids', extensions })).certificate

  expect(await read(id, authority)).toMatchObject({
    subjectKeyIdentifier: 'aabbcc',
    authorityKeyIdentifier: 'ddeeff',
  })
  expect(await read(new Extension('2.5.29.14', false, Buffer.from('04ff', 'hex')))).toMatchObject({
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
  })
})

test('reads a certificate once, and keeps its own copy of the bytes', () => {
  const bytes = Uint8Array.from(chain.leaf.certificate.der)

  const first = parseCertificate(bytes, 'x', FAULT)
  bytes.fill(0)

  expect(parseCertificate(Uint8Array.from(first.der), 'y', FAULT)).toBe(first)
  expect(createHash('sha256').update(first.der).digest('hex')).toBe(first.thumbprint)
})
