import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { TransferError } from '../../errors.js'
import { digestOf, encodedOf } from '../../oci/digest.js'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '../certificate/x509.js'
import { formatPem } from '../pem.js'

/** What `waybill keys init` writes. `signingKeyPem` is a secret: it goes into a file with mode 0600 and nowhere else. */
export interface NewSigningKeys {
  readonly caCertPem: string
  /** PKCS#8, not encrypted */
  readonly signingKeyPem: string
  /** leaf first, then the root */
  readonly chainPem: string
  /** SHA-256 of the root's DER, lower-case hexadecimal: what two people compare by telephone */
  readonly rootThumbprint: string
}

const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' }
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,48}[\p{L}\p{N}])?$/u
const DAY_MS = 24 * 60 * 60 * 1000
// Clocks of the two sides differ a little, and the first import may follow within the minute.
const BACKDATED_MS = 60 * 60 * 1000
const ROOT_DAYS = 3650
const LEAF_DAYS = 1095

/**
 * Makes a root CA for one exporter and a code-signing certificate below it, both EC P-256, so that they keep the Notary
 * Project's rules. The subjects are `C=ZZ, ST=-, O=NAME, CN=NAME` (and `CN=NAME root`): trust policies want country,
 * state and organisation, and ZZ is the code for no country. The CA's private key is not kept: it has signed the one
 * certificate that it will ever sign, and cannot be stolen. For a new signing certificate a new root is made and trusted.
 * @throws ERR_USAGE if the name has other than letters, digits, spaces, dots, underscores and hyphens, or more than 50
 */
export async function makeSigningKeys({
  name,
  now,
}: {
  readonly name: string
  readonly now: Date
}): Promise<NewSigningKeys> {
  if (!NAME.test(name)) {
    throw new TransferError(
      'ERR_USAGE',
      'a signer’s name is 1 to 50 letters, digits, spaces, dots, underscores and hyphens',
    )
  }
  const notBefore = new Date(now.getTime() - BACKDATED_MS)
  // The CA's key is not extractable and goes out of reach when this function ends.
  const ca = await webcrypto.subtle.generateKey(EC_P256, false, ['sign', 'verify'])
  const leaf = await webcrypto.subtle.generateKey(EC_P256, true, ['sign', 'verify'])
  const root = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subject(name, `${name} root`),
    issuer: subject(name, `${name} root`),
    notBefore,
    notAfter: new Date(now.getTime() + ROOT_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    publicKey: ca.publicKey,
    signingKey: ca.privateKey,
    extensions: await rootExtensions(ca.publicKey),
  })
  const signing = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subject(name, name),
    issuer: subject(name, `${name} root`),
    notBefore,
    notAfter: new Date(now.getTime() + LEAF_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    publicKey: leaf.publicKey,
    signingKey: ca.privateKey,
    extensions: await leafExtensions(leaf.publicKey, ca.publicKey),
  })
  const rootDer = new Uint8Array(root.rawData)
  const caCertPem = formatPem('CERTIFICATE', rootDer)
  return {
    caCertPem,
    signingKeyPem: KeyObject.from(leaf.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    chainPem: formatPem('CERTIFICATE', new Uint8Array(signing.rawData)) + caCertPem,
    rootThumbprint: encodedOf(digestOf(rootDer)),
  }
}

async function rootExtensions(key: webcrypto.CryptoKey): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(key),
  ]
}

async function leafExtensions(key: webcrypto.CryptoKey, issuer: webcrypto.CryptoKey): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([CODE_SIGNING]),
    await SubjectKeyIdentifierExtension.create(key),
    await AuthorityKeyIdentifierExtension.create(issuer),
  ]
}

function subject(organisation: string, commonName: string) {
  return [{ C: ['ZZ'] }, { ST: ['-'] }, { O: [organisation] }, { CN: [commonName] }]
}

/** 127 random bits, positive, never with a leading zero byte that an encoder would have to drop. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
