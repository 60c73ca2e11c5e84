import { revocationJudge } from '../../trust/revocation/judge.js'
import type { Evidence } from '../../trust/revocation/revocation.js'
import type { Subject } from './chain.js'
import { offer } from './fit.js'

/** The certificates about which this evidence decides, for the very judge that the far side will ask. */
export interface Answered {
  /** thumbprints */
  readonly certificates: ReadonlySet<string>
  readonly revoked: readonly Subject[]
}

/**
 * Holds evidence against certificates as the far side will. Where the issuer is not known here, as with the root that a
 * timestamp token leaves out, a list in its name that is in force has to do.
 */
export async function answeredBy(
  evidence: readonly Evidence[],
  subjects: readonly Subject[],
  at: Date,
): Promise<Answered> {
  const judge = revocationJudge(evidence)
  const certificates = new Set<string>()
  const revoked: Subject[] = []
  for (const subject of subjects) {
    if (subject.issuer === undefined) {
      const named = evidence.map((one) => offer(one).match(subject, at))
      if (named.some((fit) => typeof fit !== 'string' && fit.remark === undefined)) {
        certificates.add(subject.certificate.thumbprint)
      }
      continue
    }
    // Also the issuer is judged unless it is a root, and has its own turn here.
    const { certificates: judged } = await judge([subject.certificate, subject.issuer], { now: at })
    const result = judged[0]?.result
    if (result === 'revoked') revoked.push(subject)
    if (result === 'good' || result === 'revoked') certificates.add(subject.certificate.thumbprint)
  }
  return { certificates, revoked }
}
