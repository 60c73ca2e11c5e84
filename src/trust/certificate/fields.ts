import { type DerElement, derElement, derElements } from '../der.js'
import { readOid } from './names.js'

/** An extension as it stands in a certificate. */
export interface RawExtension {
  readonly critical: boolean
  /** the DER inside the extension's OCTET STRING */
  readonly value: Uint8Array
  /** the whole Extension, with its identifier */
  readonly bytes: Uint8Array
}

/** What must be compared byte by byte, as it stands in the certificate. */
export interface CertificateFields {
  /** the content of the INTEGER, lower-case hexadecimal: a leading `00` belongs to it */
  readonly serialNumber: string
  readonly issuerDer: Uint8Array
  readonly subjectDer: Uint8Array
  readonly extensions: ReadonlyMap<string, RawExtension>
}

const EXTENSIONS = 0xa3

/**
 * Reads a Certificate (RFC 5280 §4.1).
 * @throws Error if it is none, or has an extension twice
 */
export function readFields(der: Uint8Array): CertificateFields {
  const [tbs] = derElements(derElement(der).content)
  const fields = derElements(tbs?.content ?? der)
  // [0] is the version; one that is not written down is the first.
  const [serial, , issuer, , subject, , ...more] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields
  if (serial?.tag !== 0x02 || issuer?.tag !== 0x30 || subject?.tag !== 0x30) throw new Error('not a certificate')
  return {
    serialNumber: Buffer.from(serial.content).toString('hex'),
    issuerDer: issuer.bytes,
    subjectDer: subject.bytes,
    extensions: readExtensionList(more.find(({ tag }) => tag === EXTENSIONS)),
  }
}

function readExtensionList(list: DerElement | undefined): ReadonlyMap<string, RawExtension> {
  const found = new Map<string, RawExtension>()
  if (list === undefined) return found
  for (const { bytes, content } of derElements(derElement(list.content).content)) {
    const parts = derElements(content)
    const [oid, ...others] = parts
    const value = others.at(-1)
    if (oid?.tag !== 0x06 || value?.tag !== 0x04 || others.length > 2) throw new Error('not an extension')
    const type = readOid(oid.content)
    // RFC 5280 §4.2. Of two basicConstraints one reader takes the first, another the last.
    if (found.has(type)) throw new Error(`the extension ${type} is there twice`)
    const critical = others.length === 2 && others[0]?.tag === 0x01 && others[0].content[0] !== 0
    found.set(type, { critical, value: value.content, bytes })
  }
  return found
}
