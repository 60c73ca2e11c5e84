import { printable } from '../../encoding/printable.js'
import { LIMITS } from '../../limits.js'
import { buildOcspRequest } from '../../trust/revocation/ocsp-request.js'
import type { RevocationSources } from '../../trust/revocation/sources.js'
import type { ExchangeRequest } from '../../web/exchange.js'
import type { Subject } from './chain.js'

/** A subject, and where its certificate says that its revocation can be asked about. */
export interface Asked extends Subject {
  readonly sources: RevocationSources
}

/** One thing to be fetched, for one or several certificates: each list once, an OCSP response for each certificate. */
export interface Question {
  readonly kind: 'crl' | 'ocsp'
  readonly url: string
  readonly subjects: readonly Asked[]
}

/** What is to be fetched for these certificates, in an order that depends on nothing else. */
export function questionsFor(subjects: readonly Asked[]): readonly Question[] {
  const lists = new Map<string, Asked[]>()
  const questions: Question[] = []
  for (const subject of subjects) {
    for (const url of new Set(subject.sources.ocsp)) questions.push({ kind: 'ocsp', url, subjects: [subject] })
    for (const url of new Set([...subject.sources.crl, ...subject.sources.delta])) {
      lists.set(url, [...(lists.get(url) ?? []), subject])
    }
  }
  return [...listQuestions(lists), ...questions].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

/** One question for each list, by address. */
export function listQuestions(lists: ReadonlyMap<string, readonly Asked[]>): readonly Question[] {
  return [...lists].sort(([a], [b]) => (a < b ? -1 : 1)).map(([url, subjects]) => ({ kind: 'crl', url, subjects }))
}

function sortKey({ kind, url, subjects }: Question): string {
  return `${kind} ${url} ${subjects[0]?.certificate.thumbprint ?? ''}`
}

// A responder signs on demand, and a list is a file: notation gives them 2 and 5 seconds, networks of companies need more.
const OCSP_MS = 10_000
const CRL_MS = 30_000

/** The request for a question; a sentence where it cannot be asked. */
export function requestFor(question: Question): Omit<ExchangeRequest, 'signal'> | string {
  const { kind, url, subjects } = question
  if (kind === 'crl') return { url, method: 'GET', maxBytes: LIMITS.crlBytes, timeoutMs: CRL_MS }
  const [subject] = subjects
  if (subject?.issuer === undefined) return 'who issued the certificate is not known, and a responder must be told'
  try {
    return {
      url,
      method: 'POST',
      body: buildOcspRequest(subject.certificate, subject.issuer),
      contentType: 'application/ocsp-request',
      accept: 'application/ocsp-response',
      maxBytes: LIMITS.ocspBytes,
      timeoutMs: OCSP_MS,
    }
  } catch (cause) {
    return `the question cannot be put: ${printable(cause instanceof Error ? cause.message : '')}`
  }
}
