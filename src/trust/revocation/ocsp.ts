import { LIMITS } from '../../limits.js'
import { readOid } from '../certificate/names.js'
import type { DerElement } from '../der.js'
import { derElement, derElements } from '../der.js'
import { type CertId, readCertId } from './cert-id.js'
import { readEntryExtensions, readReason } from './crl-entries.js'
import { expectTag, readNumber, readTime, sequence } from './der-values.js'
import { readExtensionList, refuseUnknownCritical } from './extension-list.js'
import type { Revoked } from './revoked.js'
import { readSigned, type Signed } from './signed.js'

/** A basic OCSP response (RFC 6960 §4.2). Nothing here says that its signature is good. */
export interface OcspResponse {
  readonly signed: Signed
  readonly responder: ResponderId
  readonly producedAt: Date
  readonly answers: readonly OcspAnswer[]
  /** the DER of the certificates that came with it */
  readonly certificates: readonly Uint8Array[]
}

export type ResponderId =
  | { readonly kind: 'name'; readonly nameDer: Uint8Array }
  | { readonly kind: 'key'; readonly keyHash: Uint8Array }

/** What it says about one certificate. */
export interface OcspAnswer {
  /** undefined where it is named with a hash that is not known */
  readonly id: CertId | undefined
  readonly status: 'good' | 'unknown' | Revoked
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

// RFC 6960 §4.2.1
const STATUS: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
}
const BASIC = '1.3.6.1.5.5.7.48.1.1'

/**
 * Reads an OCSPResponse that was successful and is a basic one.
 * @throws Error with the reason
 */
export function readOcspResponse(der: Uint8Array): OcspResponse {
  if (der.byteLength > LIMITS.ocspBytes) throw new Error('it is larger than any response')
  const [status, body, ...more] = sequence(der)
  const [code = -1] = expectTag(status, 0x0a).content
  // RFC 6960 §4.2.1: anything but 0 is an error without a signature.
  if (code !== 0) throw new Error(`its status is ${STATUS[code] ?? code}, which is no answer`)
  const [type, basic] = sequence(expectTag(body, 0xa0).content)
  if (more.length > 0 || readOid(expectTag(type, 0x06).content) !== BASIC) throw new Error('it is not a basic response')
  const signed = readSigned(expectTag(basic, 0x04).content)
  const [certificates, ...rest] = signed.more
  if (rest.length > 0) throw new Error('something follows its certificates')
  return {
    signed,
    certificates: certificates === undefined ? [] : readCertificates(expectTag(certificates, 0xa0)),
    ...readResponseData(sequence(signed.content)),
  }
}

function readCertificates({ content }: DerElement): readonly Uint8Array[] {
  const found = sequence(content).map(({ bytes }) => bytes)
  if (found.length > LIMITS.chainLength) throw new Error('it has too many certificates')
  return found
}

function readResponseData(parts: readonly DerElement[]): Pick<OcspResponse, 'responder' | 'producedAt' | 'answers'> {
  const [version] = parts
  if (version?.tag === 0xa0 && readNumber(derElement(version.content)) !== 0n) throw new Error('it is not of version 1')
  const [responder, producedAt, answers, extensions, ...more] = version?.tag === 0xa0 ? parts.slice(1) : parts
  if (more.length > 0) throw new Error('it has parts that are not known')
  if (extensions !== undefined) refuseUnknownCritical(readExtensionList(expectTag(extensions, 0xa1).content), [])
  return {
    responder: readResponder(responder),
    producedAt: readTime(producedAt),
    answers: derElements(expectTag(answers, 0x30).content).map(({ bytes }) => readAnswer(sequence(bytes))),
  }
}

function readResponder(element: DerElement | undefined): ResponderId {
  if (element?.tag === 0xa1) return { kind: 'name', nameDer: element.content }
  return { kind: 'key', keyHash: expectTag(derElement(expectTag(element, 0xa2).content), 0x04).content }
}

function readAnswer([id, status, thisUpdate, ...more]: readonly DerElement[]): OcspAnswer {
  const next = more[0]?.tag === 0xa0 ? more[0] : undefined
  const [extensions, ...rest] = next === undefined ? more : more.slice(1)
  if (rest.length > 0) throw new Error('an answer has parts that are not known')
  // RFC 6960 §4.4.5: what an entry of a list may say of a revocation can stand here too.
  const said = readEntryExtensions(extensions === undefined ? NOTHING : expectTag(extensions, 0xa1).content)
  return {
    id: readCertId(expectTag(id, 0x30).bytes),
    status: readStatus(status, said),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: next && readTime(derElement(next.content)),
  }
}

const NOTHING = new Uint8Array()

function readStatus(element: DerElement | undefined, said: Omit<Revoked, 'since'>): OcspAnswer['status'] {
  switch (element?.tag) {
    case 0x80:
      return 'good'
    case 0x82:
      return 'unknown'
    case 0xa1: {
      const [since, reason] = derElements(element.content)
      const given = reason === undefined ? {} : { reason: readReason(expectTag(reason, 0xa0).content) }
      return { ...said, ...given, since: readTime(since) }
    }
    default:
      throw new Error('its status is not known')
  }
}
