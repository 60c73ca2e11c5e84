import { hash } from 'node:crypto'
import type { Certificate } from '../certificate/certificate.js'
import { readOid } from '../certificate/names.js'
import { type DerElement, derElement, derElements } from '../der.js'
import { expectTag, sequence } from './der-values.js'
import { derOf } from './der-write.js'

type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512'

const SHA1 = Uint8Array.of(0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a)
const HASHES: Readonly<Record<string, Hash>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

/** The CertID (RFC 6960 §4.1.1) of a certificate, with SHA-1. */
export function certId(certificate: Certificate, issuer: Certificate): Uint8Array {
  return derOf(
    0x30,
    derOf(0x30, SHA1, derOf(0x05)),
    derOf(0x04, hash('sha1', issuer.subjectDer, 'buffer')),
    derOf(0x04, hash('sha1', publicKeyBits(issuer), 'buffer')),
    derOf(0x02, Buffer.from(certificate.serialNumber, 'hex')),
  )
}

/** How a response names the certificate that it is about. */
export interface CertId {
  readonly hash: Hash
  readonly nameHash: Uint8Array
  readonly keyHash: Uint8Array
  /** lower-case hexadecimal, as `Certificate.serialNumber` */
  readonly serialNumber: string
}

/**
 * Reads a CertID; undefined for one with a hash that is not known.
 * @throws Error
 */
export function readCertId(der: Uint8Array): CertId | undefined {
  const [algorithm, name, key, serial, ...more] = sequence(der)
  const [oid] = sequence(expectTag(algorithm, 0x30).bytes)
  if (more.length > 0) throw new Error('not a CertID')
  const found = {
    nameHash: expectTag(name, 0x04).content,
    keyHash: expectTag(key, 0x04).content,
    serialNumber: Buffer.from(expectTag(serial, 0x02).content).toString('hex'),
  }
  const known = HASHES[readOid(expectTag(oid, 0x06).content)]
  return known === undefined ? undefined : { hash: known, ...found }
}

/** True if the CertID names this certificate of this issuer: both hashes are made again, whatever they were made with. */
export function isAbout(id: CertId, certificate: Certificate, issuer: Certificate): boolean {
  return (
    id.serialNumber === certificate.serialNumber &&
    Buffer.compare(id.nameHash, hash(id.hash, issuer.subjectDer, 'buffer')) === 0 &&
    Buffer.compare(id.keyHash, hash(id.hash, publicKeyBits(issuer), 'buffer')) === 0
  )
}

/** The bits of the public key as they stand in the certificate, without their count of unused ones (RFC 6960 §4.1.1). */
export function publicKeyBits({ der }: Certificate): Uint8Array {
  const [tbs] = derElements(derElement(der).content)
  const fields = derElements(expectTag(tbs, 0x30).content)
  const key: DerElement | undefined = fields[fields[0]?.tag === 0xa0 ? 6 : 5]
  const [, bits] = sequence(expectTag(key, 0x30).bytes)
  return expectTag(bits, 0x03).content.subarray(1)
}
