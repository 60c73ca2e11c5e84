import type { CallOptions } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import type { Emit } from '../../events.js'
import type { Evidence } from '../../trust/revocation/revocation.js'
import { revocationSources } from '../../trust/revocation/sources.js'
import type { Exchange } from '../../web/exchange.js'
import { answeredBy } from './answered.js'
import { askAbout } from './ask.js'
import { type Chain, type Subject, subjectsOf } from './chain.js'
import { offer } from './fit.js'
import { EvidenceShelf, type GatheredEvidence } from './shelf.js'

/** What the operator says about evidence. */
export interface EvidenceOptions {
  /** Absent: nobody is asked, and the bundle says so. */
  readonly exchange?: Exchange
  /** What the operator brings. It is used first: where it answers for a certificate nobody is asked about that one. */
  readonly files: readonly Evidence[]
  /** Fail where a certificate stays without an answer, rather than let the far side find out. */
  readonly required: boolean
  /** the clock: what evidence has to be in force at. It is asked after each answer: a responder signs while it is asked. */
  readonly now: () => Date
}

export interface GatherOptions extends CallOptions, EvidenceOptions {
  /** when the bundle says that it was made, and so that it has this from; asked when nothing more will come */
  readonly createdAt: () => Date
  readonly emit: Emit
}

/**
 * Obtains CRLs and OCSP responses for every certificate of these chains but roots. What cannot be had is no error: it is in
 * the result, and told as a warning. The same answers give the same result.
 * @throws ERR_EVIDENCE_MISSING where it is required
 */
export async function gatherEvidence(chains: readonly Chain[], given: GatherOptions): Promise<GatheredEvidence> {
  const { now, emit, exchange } = given
  const shelf = new EvidenceShelf()
  const subjects = subjectsOf(chains).filter(({ certificate }) => revocationSources(certificate).revocable)
  useFiles(subjects, shelf, given)
  const { certificates: answered } = await answeredBy(shelf.evidence, subjects, now())
  const open = subjects.filter(({ certificate }) => !answered.has(certificate.thumbprint))
  if (open.length > 0) {
    if (exchange !== undefined) emit({ type: 'stage-started', stage: 'evidence' })
    await askAbout(open, { ...given, shelf })
    if (exchange !== undefined) emit({ type: 'stage-ended', stage: 'evidence' })
  }
  await report(subjects, shelf, given)
  return shelf.gathered(given.createdAt())
}

function useFiles(subjects: readonly Subject[], shelf: EvidenceShelf, { files, now, emit }: GatherOptions): void {
  const unused = files.map(offer).filter(({ evidence, match }) => {
    const about = subjects.filter(
      (subject) => typeof match(subject, now()) !== 'string' && shelf.add(evidence, subject),
    )
    return about.length === 0
  })
  if (unused.length === 0) return
  const message = `${unused.length} of the ${files.length} lists and responses that were given are about no certificate here`
  emit({ type: 'warning', code: 'evidence-unused', message })
}

async function report(subjects: readonly Subject[], shelf: EvidenceShelf, given: GatherOptions): Promise<void> {
  const { now, emit, required, exchange } = given
  // Who asks nobody knows that nothing came; the document says it all the same.
  for (const { subject, url, reason } of exchange === undefined ? [] : shelf.missing) {
    const from = url === undefined ? '' : ` from ${url}`
    emit({ type: 'warning', code: 'evidence-missing', message: `no evidence about ${subject}${from}: ${reason}` })
  }
  const { certificates, revoked } = await answeredBy(shelf.evidence, subjects, now())
  for (const { certificate } of revoked) {
    const message = `${certificate.subject} is revoked: the far side will hardly take what it signed`
    emit({ type: 'warning', code: 'certificate-revoked', message })
  }
  const unanswered = subjects.filter(({ certificate }) => !certificates.has(certificate.thumbprint))
  if (required) requireAnswers(unanswered, shelf)
}

function requireAnswers([first, ...others]: readonly Subject[], shelf: EvidenceShelf): void {
  if (first === undefined) return
  const { subject, thumbprint } = first.certificate
  const why = shelf.missing.find(({ certificate }) => certificate === thumbprint)
  const more = others.length === 0 ? '' : `, nor about ${others.length} more`
  const reason = why === undefined ? 'what came does not answer' : `${why.url ?? 'no address'}: ${why.reason}`
  throw new TransferError(
    'ERR_EVIDENCE_MISSING',
    `nothing says whether the certificate of ${subject} is revoked${more}: ${reason}`,
    { side: 'source', subject: thumbprint },
  )
}
