import { hash, type KeyObject, X509Certificate as NodeCertificate } from 'node:crypto'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { parsePem } from '../pem.js'
import { type CertificateExtensions, readExtensions } from './extensions.js'
import { readFields } from './fields.js'
import { type DistinguishedName, readName } from './names.js'
import { X509Certificate } from './x509.js'

/** An X.509 certificate as far as the Notary rules look at it. Nothing here says that it is trusted. */
export interface Certificate extends CertificateExtensions {
  readonly der: Uint8Array
  /** SHA-256 of the DER, lower-case hexadecimal */
  readonly thumbprint: string
  /** the subject, safe to print */
  readonly subject: string
  readonly issuer: string
  /** the names as they stand in the certificate: only equal bytes are one name */
  readonly subjectDer: Uint8Array
  readonly issuerDer: Uint8Array
  readonly subjectRdns: DistinguishedName
  /** the content of its INTEGER, lower-case hexadecimal: a leading `00` belongs to it */
  readonly serialNumber: string
  /** the first and the last moment at which it is valid */
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: KeyObject
  /** how the issuer signed it: the scheme, and its hash where it has one */
  readonly signedWith: { readonly scheme: string; readonly hash: string | undefined }
}

/** Whose fault an unreadable certificate is: the trust store's, the operator's file's, or the signature's. */
export type CertificateFault = 'ERR_TRUST_STORE_INVALID' | 'ERR_CONFIG_INVALID' | 'ERR_SIGNATURE_INVALID'

/**
 * Parses one DER certificate, nothing before or after it.
 * @param what names it in the error, which has the code `fault`
 */
export function parseCertificate(der: Uint8Array, what: string, fault: CertificateFault): Certificate {
  if (der.byteLength > LIMITS.certificateBytes) throw invalid(what, fault, 'is larger than any certificate')
  const thumbprint = hash('sha256', der, 'hex')
  const known = seen.get(thumbprint)
  if (known !== undefined) return known
  try {
    // The caller's bytes may be a view of a large file, or change later.
    const certificate = read(Uint8Array.from(der), thumbprint)
    if (der.byteLength <= SMALL) remember(certificate)
    return certificate
  } catch (cause) {
    throw new TransferError(fault, `${what} is not an X.509 certificate that can be read`, { cause, subject: what })
  }
}

// A bundle has a thousand signatures of one signer: the certificates are read, and their links verified, once. What a
// certificate says follows from its bytes, so what is remembered of one can never be wrong.
const seen = new Map<string, Certificate>()
const REMEMBERED = 2_000
const SMALL = 16 * 1024

function remember(certificate: Certificate): void {
  if (seen.size >= REMEMBERED) {
    for (const oldest of seen.keys()) {
      seen.delete(oldest)
      break
    }
  }
  seen.set(certificate.thumbprint, certificate)
}

function read(der: Uint8Array, thumbprint: string): Certificate {
  const native = new NodeCertificate(der)
  // OpenSSL reads the first certificate and ignores what follows; a thumbprint must cover the certificate and only it.
  if (Buffer.compare(native.raw, der) !== 0) throw new Error('not exactly one DER certificate')
  const parsed = new X509Certificate(der)
  const { notBefore, notAfter, signatureAlgorithm } = parsed
  // Every comparison with an invalid date is false, and so would be "it has expired".
  if (Number.isNaN(notBefore.getTime()) || Number.isNaN(notAfter.getTime())) throw new Error('its dates are no dates')
  const { serialNumber, subjectDer, issuerDer, extensions } = readFields(der)
  const { name, hash: digest } = signatureAlgorithm as { name: string; hash?: { name: string } }
  return {
    der,
    thumbprint,
    subject: printable(parsed.subject),
    issuer: printable(parsed.issuer),
    subjectDer,
    issuerDer,
    subjectRdns: readName(subjectDer),
    serialNumber,
    notBefore,
    notAfter,
    publicKey: native.publicKey,
    signedWith: { scheme: name, hash: digest?.name },
    ...readExtensions(extensions),
  }
}

/** True if `issuer` is named by, and its key verifies the signature of, `certificate`. Says nothing of `issuer`'s rights. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (Buffer.compare(certificate.issuerDer, issuer.subjectDer) !== 0) return false
  const answers = links.get(certificate) ?? new WeakMap<Certificate, boolean>()
  links.set(certificate, answers)
  const known = answers.get(issuer)
  if (known !== undefined) return known
  const answer = new NodeCertificate(certificate.der).verify(issuer.publicKey)
  answers.set(issuer, answer)
  return answer
}

// By the objects: what is forgotten of a certificate takes its links with it.
const links = new WeakMap<Certificate, WeakMap<Certificate, boolean>>()

/** Tested by verifying the signature: a leaf and its root may well have one and the same name. */
export function isSelfSigned(certificate: Certificate): boolean {
  return isIssuedBy(certificate, certificate)
}

/**
 * The certificates of a PEM text, in its order; at least one. Anything else in it is refused, a private key above all.
 * @param what names the text in the error, which has the code `fault`
 */
export function parsePemCertificates(text: string, what: string, fault: CertificateFault): readonly Certificate[] {
  if (text.length > LIMITS.certificateBytes)
    throw invalid(what, fault, `has more than ${LIMITS.certificateBytes} bytes`)
  const blocks = parsePem(text, (why) => {
    throw invalid(what, fault, `is damaged: ${why}`)
  })
  if (blocks.length === 0) throw invalid(what, fault, 'holds no certificate')
  return blocks.map(({ label, bytes }, at) => {
    if (label.endsWith('PRIVATE KEY'))
      throw invalid(what, fault, 'holds a private key, which belongs nowhere but with its owner')
    if (label !== 'CERTIFICATE') throw invalid(what, fault, `holds a PEM block ${label} beside certificates`)
    return parseCertificate(bytes, `certificate ${at + 1} of ${what}`, fault)
  })
}

/**
 * The certificates of a file's bytes: PEM, or DER with one certificate after the other.
 * @param what names the file in the error, which has the code `fault`
 */
export function parseCertificateFile(bytes: Uint8Array, what: string, fault: CertificateFault): readonly Certificate[] {
  if (bytes.byteLength > LIMITS.certificateBytes) {
    throw invalid(what, fault, `has more than ${LIMITS.certificateBytes} bytes`)
  }
  // PEM is ASCII; text between the blocks may be in any encoding and is not looked at.
  if (bytes[0] !== 0x30) return parsePemCertificates(Buffer.from(bytes).toString('latin1'), what, fault)
  const certificates: Certificate[] = []
  for (let at = 0; at < bytes.byteLength; ) {
    const der = bytes.slice(at, at + elementLength(bytes.subarray(at)))
    certificates.push(parseCertificate(der, `certificate ${certificates.length + 1} of ${what}`, fault))
    at += der.byteLength
  }
  return certificates
}

/** Bytes of the DER element that begins here; for a damaged one everything, which then does not parse. */
function elementLength(bytes: Uint8Array): number {
  const first = bytes[1] ?? 0
  if (first < 0x80) return 2 + first
  const count = first & 0x7f
  if (count > 4) return bytes.byteLength
  return 2 + count + bytes.subarray(2, 2 + count).reduce((length, byte) => length * 256 + byte, 0)
}

function invalid(what: string, fault: CertificateFault, why: string): TransferError {
  return new TransferError(fault, `${what} ${why}`, { subject: what })
}
