import { hash } from 'node:crypto'
import type { Certificate } from '../certificate/certificate.js'
import { type DerElement, derElement, derElements } from '../der.js'
import { type DigestName, digestOf } from './digests.js'
import { invalidToken } from './fault.js'
import { readAlgorithmOid } from './tst-info.js'

/** The signer's certificate as the signed attribute names it (ESSCertIDv2, RFC 5035 §4). */
export interface EssCertificate {
  readonly digest: DigestName
  readonly value: Uint8Array
  readonly issuerSerial?: { readonly issuerDer: Uint8Array; readonly serialNumber: string }
}

const INTEGER = 0x02
const OCTET_STRING = 0x04
const SEQUENCE = 0x30
const DIRECTORY_NAME = 0xa4

/**
 * Reads a SigningCertificateV2. Its first entry is the signer; further ones and policies would only narrow the search for a
 * chain, which needs no help.
 * @throws ERR_TIMESTAMP_INVALID, or Error where it is damaged
 */
export function readSigningCertificate(der: Uint8Array): EssCertificate {
  const [certificates, policies, ...more] = derElements(sequence(derElement(der)))
  if (more.length > 0 || (policies !== undefined && policies.tag !== SEQUENCE))
    throw new Error('not a SigningCertificateV2')
  const [first] = derElements(sequence(certificates))
  if (first === undefined) throw invalidToken('names no signing certificate in signing-certificate-v2')
  const parts = derElements(sequence(first))
  // hashAlgorithm is left out for its default, SHA-256.
  const [algorithm, value, issuerSerial, ...rest] = parts[0]?.tag === SEQUENCE ? parts : [undefined, ...parts]
  if (value?.tag !== OCTET_STRING || rest.length > 0) throw new Error('not an ESSCertIDv2')
  const digest = algorithm === undefined ? 'sha256' : digestOf(readAlgorithmOid(algorithm))
  if (digest === undefined) throw invalidToken('names its signing certificate by a hash that is not accepted')
  if (issuerSerial === undefined) return { digest, value: value.content }
  return { digest, value: value.content, issuerSerial: readIssuerSerial(issuerSerial) }
}

function readIssuerSerial(element: DerElement): EssCertificate['issuerSerial'] & object {
  const [names, serial, ...more] = derElements(sequence(element))
  const [name, ...otherNames] = derElements(sequence(names))
  // RFC 5035 §5: for a public key certificate exactly one directoryName.
  if (name?.tag !== DIRECTORY_NAME || otherNames.length > 0 || serial?.tag !== INTEGER || more.length > 0) {
    throw invalidToken('names the issuer of its signing certificate otherwise than by one directory name')
  }
  return {
    issuerDer: derElement(name.content).bytes,
    serialNumber: Buffer.from(serial.content).toString('hex'),
  }
}

function sequence(element: DerElement | undefined): Uint8Array {
  if (element?.tag !== SEQUENCE) throw new Error('not a SEQUENCE')
  return element.content
}

/** True if the attribute names this certificate, and no other: by its hash, and by issuer and number where it has them. */
export function isNamedBy({ der, issuerDer, serialNumber }: Certificate, named: EssCertificate): boolean {
  if (Buffer.compare(hash(named.digest, der, 'buffer'), named.value) !== 0) return false
  const { issuerSerial } = named
  if (issuerSerial === undefined) return true
  return issuerSerial.serialNumber === serialNumber && Buffer.compare(issuerSerial.issuerDer, issuerDer) === 0
}
