import { printable } from '../../encoding/printable.js'
import { type Crl, readCrl } from '../../trust/revocation/crl.js'
import { describeEvidence, type EvidenceDescription } from '../../trust/revocation/describe.js'
import { freshestLists } from '../../trust/revocation/freshest.js'
import type { Evidence } from '../../trust/revocation/revocation.js'
import { openEvidence, type Statements } from '../../trust/revocation/statements.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Subject } from './chain.js'

/** Evidence that is about a certificate, and signed by who may sign it. */
export interface Fit {
  /** why it proves nothing at the moment, which does not make it worthless */
  readonly remark?: string
  /** where lists are that are newer than this one */
  readonly newer: readonly string[]
  /** who signed it in place of the issuer, and may be revoked as well */
  readonly delegates: readonly Subject[]
}

/** A piece of evidence, taken apart once for whatever certificates it may be about. */
export interface Offer {
  readonly evidence: Evidence
  /** @returns a sentence where it is not about the certificate, or not by its issuer */
  match(subject: Subject, at: Date): Fit | string
}

/** Takes evidence apart; whoever carries garbage over the gap has carried it for nothing. */
export function offer(evidence: Evidence): Offer {
  const about = openEvidence([evidence])
  let described: EvidenceDescription | undefined
  return {
    evidence,
    match(subject, at) {
      const { certificate, issuer } = subject
      try {
        described ??= describeEvidence(evidence)
        const found =
          issuer === undefined ? byName(evidence, subject) : byIssuer(about(certificate, issuer), { subject, issuer })
        if (typeof found === 'string') return found
        const remark = whyNotNow(described, at)
        return remark === undefined ? found : { ...found, remark }
      } catch (cause) {
        return `it cannot be read: ${printable(cause instanceof Error ? cause.message : '', 200)}`
      }
    },
  }
}

function byIssuer(
  { ocsp, crls, refused }: Statements,
  { subject, issuer }: { readonly subject: Subject; readonly issuer: NonNullable<Subject['issuer']> },
): Fit | string {
  const [answer] = ocsp
  if (answer !== undefined) {
    if (answer.status === 'unknown') return 'the responder does not know the certificate'
    const { delegate, noCheck } = answer.responder
    const delegates = delegate === undefined || noCheck ? [] : [{ certificate: delegate, issuer }]
    return { newer: [], delegates }
  }
  const [list] = crls
  if (list === undefined) return refused.at(0) ?? `it is not about ${subject.certificate.subject}`
  if (list.silent !== undefined && list.listed.length === 0) return `it ${list.silent}`
  return { newer: newerThan(list.crl), delegates: [] }
}

/** Without the issuer's certificate nobody here can tell whether it signed; on the far side there is a root that can. */
function byName({ kind, der }: Evidence, { certificate }: Subject): Fit | string {
  if (kind === 'ocsp') return 'who issued the certificate is not known'
  const crl = readCrl(der)
  const same = Buffer.compare(crl.issuerDer, certificate.issuerDer) === 0
  return same ? { newer: newerThan(crl), delegates: [] } : 'it is a list of another issuer'
}

function newerThan(crl: Crl): readonly string[] {
  return crl.baseNumber === undefined ? freshestLists(crl) : []
}

function whyNotNow({ thisUpdate, nextUpdate }: EvidenceDescription, at: Date): string | undefined {
  if (thisUpdate > at) return `it is not in force before ${formatTimestamp(thisUpdate)}`
  // RFC 6960 §4.2.2.1: then there is always a newer one, for which nobody on the far side can ask.
  if (nextUpdate === undefined) return 'it does not say until when it counts'
  return nextUpdate >= at ? undefined : `it ran out at ${formatTimestamp(nextUpdate)}`
}
