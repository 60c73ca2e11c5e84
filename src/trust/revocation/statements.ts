import type { Certificate } from '../certificate/certificate.js'
import { KeyUsageFlags } from '../certificate/x509.js'
import { isAbout } from './cert-id.js'
import type { Crl } from './crl.js'
import { checkEntries, entriesOf } from './crl-entries.js'
import { type EvidenceIndex, indexEvidence } from './evidence-index.js'
import { whySilent } from './issuing-distribution-point.js'
import type { OcspAnswer, OcspResponse } from './ocsp.js'
import { type Responder, responderOf } from './responder.js'
import type { Evidence } from './revocation.js'
import type { Revoked } from './revoked.js'
import { isAccepted, isSignedBy } from './signed.js'
import { revocationSources } from './sources.js'

/** What one list, signed by the certificate's issuer, says about it. */
export interface CrlStatement {
  readonly crl: Crl
  readonly listed: readonly Revoked[]
  /** why it proves nothing that the certificate is not listed; undefined where it proves that it is not revoked */
  readonly silent: string | undefined
}

/** What one OCSP response says about a certificate. */
export interface OcspStatement extends Omit<OcspAnswer, 'id'> {
  readonly producedAt: Date
  readonly responder: Responder
  /** what lists say about the delegate that signed it */
  readonly responderLists: readonly CrlStatement[]
}

/** Everything authentic that the evidence says about one certificate, whatever the time: the time is asked later. */
export interface Statements {
  readonly ocsp: readonly OcspStatement[]
  readonly crls: readonly CrlStatement[]
  /** the certificate says that there are delta lists: without one a list is not the last word */
  readonly namesDelta: boolean
  /** why evidence that seems to be about it is not used, a sentence each */
  readonly refused: readonly string[]
}

const FRESHEST_CRL = '2.5.29.46'

/**
 * Opens evidence for questions about any number of certificates: each piece is read once, each signature verified once for
 * an issuer. What belongs to a certificate is found by issuer and signature; addresses are the carrier's word.
 */
export function openEvidence(evidence: readonly Evidence[]): (about: Certificate, issuer: Certificate) => Statements {
  const index = indexEvidence(evidence)
  const lists = new ListsOf(index)
  const known = new Map<string, Statements>()
  return (certificate, issuer) => {
    const key = `${certificate.thumbprint} ${issuer.thumbprint}`
    const found = known.get(key) ?? statementsAbout(certificate, { issuer, index, lists })
    known.set(key, found)
    return found
  }
}

interface Given {
  readonly issuer: Certificate
  readonly index: EvidenceIndex
  readonly lists: ListsOf
}

function statementsAbout(certificate: Certificate, given: Given): Statements {
  const { issuer, index, lists } = given
  const refused: string[] = []
  const crls = lists.about(certificate, issuer, refused)
  const ocsp = index.responsesAbout(certificate).flatMap((response) => answersIn(response, certificate, given))
  if (ocsp.length === 0 && index.responsesAbout(certificate).length > 0) {
    refused.push(
      'an OCSP response about its number is not of its issuer, nor of a responder that the issuer made one (OCSPSigning)',
    )
  }
  const { undecidable } = revocationSources(certificate)
  return {
    ocsp,
    crls,
    namesDelta: certificate.extension(FRESHEST_CRL) !== undefined,
    refused: [...(undecidable === undefined ? [] : [undecidable]), ...refused, ...index.unreadable],
  }
}

function answersIn(response: OcspResponse, certificate: Certificate, { issuer, lists }: Given): OcspStatement[] {
  const answers = response.answers.filter(({ id }) => id !== undefined && isAbout(id, certificate, issuer))
  if (answers.length === 0) return []
  const responder = responderOf(response, issuer)
  if (responder === undefined) return []
  const { delegate, noCheck } = responder
  const responderLists = delegate === undefined || noCheck ? [] : lists.about(delegate, issuer, [])
  return answers.map(({ status, thisUpdate, nextUpdate }) => {
    return { status, thisUpdate, nextUpdate, producedAt: response.producedAt, responder, responderLists }
  })
}

/** The lists of issuers, each checked once: its signature, and all of its entries. */
class ListsOf {
  readonly #index: EvidenceIndex
  readonly #checked = new Map<Crl, Map<string, string | undefined>>()

  constructor(index: EvidenceIndex) {
    this.#index = index
  }

  about(certificate: Certificate, issuer: Certificate, refused: string[]): readonly CrlStatement[] {
    const serialNumber = shortest(Buffer.from(certificate.serialNumber, 'hex'))
    return this.#index.listsOf(issuer.subjectDer).flatMap((crl) => {
      const fault = this.#fault(crl, issuer)
      if (fault !== undefined) refused.push(`a list of its issuer is not used: it ${fault}`)
      if (fault !== undefined) return []
      try {
        const listed = crl.entries === undefined ? [] : entriesOf(crl.entries, serialNumber)
        return [{ crl, listed, silent: whySilent(crl.scope, certificate) }]
      } catch (cause) {
        refused.push(`a list of its issuer is not used: ${cause instanceof Error ? cause.message : 'it is damaged'}`)
        return []
      }
    })
  }

  #fault(crl: Crl, issuer: Certificate): string | undefined {
    const checked = this.#checked.get(crl) ?? new Map<string, string | undefined>()
    this.#checked.set(crl, checked)
    if (checked.has(issuer.thumbprint)) return checked.get(issuer.thumbprint)
    const fault = faultOf(crl, issuer)
    checked.set(issuer.thumbprint, fault)
    return fault
  }
}

/** Why a list is not used as one of this issuer; undefined where it is. */
function faultOf(crl: Crl, issuer: Certificate): string | undefined {
  if (!isAccepted(crl.signed.algorithm)) return 'is signed with an algorithm that is not accepted'
  if (!isSignedBy(crl.signed, issuer.publicKey)) return 'is not signed by its key'
  // RFC 5280 §4.2.1.3: a CA that says what its key is for must say that it signs lists.
  const { keyUsage } = issuer
  if (keyUsage !== undefined && (keyUsage.usages & KeyUsageFlags.cRLSign) === 0) {
    return 'is signed with a key that is not for signing lists'
  }
  if (crl.scope?.indirect === true) return 'is an indirect list, which is not supported'
  try {
    if (crl.entries !== undefined) checkEntries(crl.entries, crl.baseNumber !== undefined)
    return undefined
  } catch (cause) {
    return `cannot be read: ${cause instanceof Error ? cause.message : 'it is damaged'}`
  }
}

/** A number without the octets that do not change it; a certificate may have some, an entry must not. */
function shortest(number: Uint8Array): Uint8Array {
  let from = 0
  for (; from + 1 < number.byteLength; from += 1) {
    const [first, second = 0] = number.subarray(from, from + 2)
    const padded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)
    if (!padded) break
  }
  return number.subarray(from)
}
