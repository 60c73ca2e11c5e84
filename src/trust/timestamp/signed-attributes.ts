import { hash } from 'node:crypto'
import { readOid } from '../certificate/names.js'
import { type DerElement, derElement, derElements } from '../der.js'
import { parseTimestamp } from '../timestamps.js'
import type { DigestName } from './digests.js'
import { invalidToken, readPart } from './fault.js'
import { type EssCertificate, readSigningCertificate } from './signing-certificate.js'

/** What a signer of a token says under its signature (RFC 5652 §11, RFC 5816). */
export interface TokenAttributes {
  readonly signingCertificate: EssCertificate
  /** the signer's own word; the time that counts is genTime */
  readonly signingTime?: Date
}

export const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'

const OID = 0x06
const OCTET_STRING = 0x04
const SEQUENCE = 0x30
const SET = 0x31
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

/**
 * Reads the signed attributes of one signer and holds them against the content that they vouch for.
 * @param der the attributes as they were received, with the tag of a SET OF; what the signature is over
 * @throws ERR_TIMESTAMP_INVALID
 */
export function checkSignedAttributes(
  der: Uint8Array,
  { content, digest }: { readonly content: Uint8Array; readonly digest: DigestName },
): TokenAttributes {
  return readPart('signed attributes', () => {
    const attributes = readAttributes(der)
    const type = one(attributes, CONTENT_TYPE, 'contentType')
    if (type.tag !== OID || readOid(type.content) !== TST_INFO) throw invalidToken('was not signed as a TSTInfo')
    const sum = one(attributes, MESSAGE_DIGEST, 'messageDigest')
    if (sum.tag !== OCTET_STRING || Buffer.compare(sum.content, hash(digest, content, 'buffer')) !== 0) {
      throw invalidToken('was signed over another content')
    }
    // notary: signing-certificate (v1) names the signer by SHA-1, and is no substitute (ADR 18).
    const signingCertificate = readSigningCertificate(
      one(attributes, SIGNING_CERTIFICATE_V2, 'signing-certificate-v2').bytes,
    )
    if (!attributes.has(SIGNING_TIME)) return { signingCertificate }
    return { signingCertificate, signingTime: readSigningTime(one(attributes, SIGNING_TIME, 'signingTime')) }
  })
}

/** Each attribute's values, by object identifier. Of two attributes of one type a reader could take either. */
function readAttributes(der: Uint8Array): ReadonlyMap<string, readonly DerElement[]> {
  const found = new Map<string, readonly DerElement[]>()
  for (const attribute of derElements(derElement(der).content)) {
    const [type, values, ...more] = derElements(attribute.content)
    if (attribute.tag !== SEQUENCE || type?.tag !== OID || values?.tag !== SET || more.length > 0) {
      throw new Error('not an attribute')
    }
    const name = readOid(type.content)
    if (found.has(name)) throw invalidToken(`has the signed attribute ${name} twice`)
    found.set(name, derElements(values.content))
  }
  return found
}

function one(attributes: ReadonlyMap<string, readonly DerElement[]>, oid: string, name: string): DerElement {
  const [value, ...more] = attributes.get(oid) ?? []
  if (value === undefined) throw invalidToken(`has no signed attribute ${name}`)
  if (more.length > 0) throw invalidToken(`has more than one value of the signed attribute ${name}`)
  return value
}

const SIGNING_TIME_TEXT = /^(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** RFC 5652 §11.3: UTCTime up to 2049, then GeneralizedTime; seconds and Z always written. */
function readSigningTime({ tag, content }: DerElement): Date {
  const length = tag === UTC_TIME ? 13 : tag === GENERALIZED_TIME ? 15 : 0
  const text = content.byteLength === length ? Buffer.from(content).toString('latin1') : ''
  const [, year = '', month, day, hour, minute, second] = SIGNING_TIME_TEXT.exec(text) ?? []
  const century = year.length === 4 ? '' : year < '50' ? '20' : '19'
  const time = parseTimestamp(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (time === undefined) throw invalidToken('has a signingTime that is none')
  return time
}
