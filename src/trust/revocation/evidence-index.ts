import type { Certificate } from '../certificate/certificate.js'
import { type Crl, readCrl } from './crl.js'
import { type OcspResponse, readOcspResponse } from './ocsp.js'
import type { Evidence } from './revocation.js'

/** Evidence by what it is about. */
export interface EvidenceIndex {
  /** the lists that name this issuer */
  listsOf(issuerDer: Uint8Array): readonly Crl[]
  /** the responses with an answer about a certificate of this number, of whatever issuer */
  responsesAbout(certificate: Certificate): readonly OcspResponse[]
  /** why pieces of it cannot be read, a sentence each */
  readonly unreadable: readonly string[]
}

/** Reads every piece of evidence. What cannot be read is named: it may have been what decides. */
export function indexEvidence(evidence: readonly Evidence[]): EvidenceIndex {
  const lists = new Map<string, Crl[]>()
  const responses = new Map<string, OcspResponse[]>()
  const unreadable: string[] = []
  for (const { kind, der } of new Map(evidence.map((one) => [one.der, one])).values()) {
    try {
      if (kind === 'crl') addList(lists, readCrl(der))
      else addResponse(responses, readOcspResponse(der))
    } catch (cause) {
      const what = kind === 'crl' ? 'a CRL' : 'an OCSP response'
      unreadable.push(`${what} cannot be read: ${cause instanceof Error ? cause.message : 'it is damaged'}`)
    }
  }
  return {
    listsOf: (issuerDer) => lists.get(hex(issuerDer)) ?? [],
    responsesAbout: ({ serialNumber }) => responses.get(serialNumber) ?? [],
    unreadable,
  }
}

function addList(lists: Map<string, Crl[]>, crl: Crl): void {
  const issuer = hex(crl.issuerDer)
  lists.set(issuer, [...(lists.get(issuer) ?? []), crl])
}

function addResponse(responses: Map<string, OcspResponse[]>, response: OcspResponse): void {
  for (const number of new Set(response.answers.flatMap(({ id }) => (id === undefined ? [] : [id.serialNumber])))) {
    responses.set(number, [...(responses.get(number) ?? []), response])
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
