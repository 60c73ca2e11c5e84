import { hash } from 'node:crypto'
import {
  type AsnType,
  Constructed,
  fromBER,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
  Set as SetOf,
} from 'asn1js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'

export type Digest = 'sha256' | 'sha384' | 'sha512' | 'sha1'
export type Element = AsnType
/** What a test makes of the elements of a token that would be sound. */
export type Change = (fields: Element[]) => Element[]

export const OIDS = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const

export const MGF1 = '1.2.840.113549.1.1.8'

/** The AlgorithmIdentifier of RSASSA-PSS with these parameters, and perhaps a trailer. */
export function pssAlgorithm(
  digest: Digest,
  saltLength: number,
  other: { readonly mask?: Digest; readonly generator?: string; readonly trailer?: number } = {},
): AsnType {
  const generator = new Sequence({ value: [oid(other.generator ?? MGF1), algorithm(OIDS[other.mask ?? digest])] })
  const parameters = [
    tagged(0, algorithm(OIDS[digest])),
    tagged(1, generator),
    tagged(2, new Integer({ value: saltLength })),
    ...(other.trailer === undefined ? [] : [tagged(3, new Integer({ value: other.trailer }))]),
  ]
  return new Sequence({ value: [oid('1.2.840.113549.1.1.10'), new Sequence({ value: parameters })] })
}

/** SigningCertificateV2 with one ESSCertIDv2; the hash is left out for SHA-256. */
export function signingCertificate(
  certificate: Certificate,
  digest: Digest = 'sha256',
  issuerSerial?: AsnType,
): AsnType {
  const parts = [
    ...(digest === 'sha256' ? [] : [algorithm(OIDS[digest])]),
    new OctetString({ valueHex: hash(digest, certificate.der, 'buffer') }),
    ...(issuerSerial === undefined ? [] : [issuerSerial]),
  ]
  return new Sequence({ value: [new Sequence({ value: [new Sequence({ value: parts })] })] })
}

/** How a certificate is named by who issued it. */
export type IssuedAs = Pick<Certificate, 'issuerDer' | 'serialNumber'>

/** IssuerSerial: the issuer as a directoryName, or as names of other kinds. */
export function issuerSerial({ issuerDer, serialNumber }: IssuedAs, tags: readonly number[] = [4]): AsnType {
  const names = new Sequence({ value: tags.map((tag) => tagged(tag, decode(issuerDer))) })
  return new Sequence({ value: [names, new Integer({ valueHex: Buffer.from(serialNumber, 'hex') })] })
}

export function issuerAndSerial({ issuerDer, serialNumber }: IssuedAs): AsnType {
  return new Sequence({ value: [decode(issuerDer), new Integer({ valueHex: Buffer.from(serialNumber, 'hex') })] })
}

export function attribute(type: string, ...values: readonly AsnType[]): AsnType {
  return new Sequence({ value: [oid(type), new SetOf({ value: [...values] })] })
}

export function imprint(digest: Digest, signed: Uint8Array): AsnType {
  return new Sequence({
    value: [algorithm(OIDS[digest]), new OctetString({ valueHex: hash(digest, signed, 'buffer') })],
  })
}

export function oid(value: string): AsnType {
  return new ObjectIdentifier({ value })
}

export function algorithm(value: string, withNull = false): AsnType {
  return new Sequence({ value: [oid(value), ...(withNull ? [new Null()] : [])] })
}

/** A context-specific element around others. */
export function tagged(tagNumber: number, ...value: readonly AsnType[]): AsnType {
  return new Constructed({ idBlock: { tagClass: 3, tagNumber }, value: [...value] })
}

export function encode(element: AsnType): Uint8Array {
  return new Uint8Array(element.toBER())
}

export function decode(der: Uint8Array): AsnType {
  return fromBER(der).result
}

/** Puts another element in one place. */
export function at(place: number, element: Element): Change {
  return (fields) => fields.with(place, element)
}

/** Takes one away. */
export function without(place: number): Change {
  return (fields) => fields.toSpliced(place, 1)
}

/** The signed attributes with another value for one of them, or one more. */
export function withAttribute(type: string, ...values: Element[]): Change {
  const order: readonly string[] = [OIDS.contentType, OIDS.messageDigest, OIDS.signingCertificateV2]
  const place = order.indexOf(type)
  const changed = attribute(type, ...values)
  return (attributes) => (place < 0 ? [...attributes, changed] : attributes.with(place, changed))
}
