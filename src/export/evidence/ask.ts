import { limited } from '../../content/limited.js'
import { LIMITS } from '../../limits.js'
import { revocationSources } from '../../trust/revocation/sources.js'
import type { Subject } from './chain.js'
import { type Fit, type Offer, offer } from './fit.js'
import { type ObtainOptions, obtain } from './obtain.js'
import { type Asked, listQuestions, type Question, questionsFor } from './question.js'
import type { EvidenceShelf } from './shelf.js'

export interface AskOptions extends Omit<ObtainOptions, 'deadline'> {
  readonly shelf: EvidenceShelf
  /** the moment for which evidence has to be in force */
  readonly now: () => Date
}

const CONCURRENCY = 4
// What one export waits for all answers together.
const TOTAL_MS = 300_000

/**
 * Asks about these certificates; then about what the answers lead to: newer lists, and responders that may be revoked
 * themselves. Each list is fetched once. What comes of it is put down in the order of the questions, so that nothing depends
 * on who answered first.
 */
export async function askAbout(subjects: readonly Subject[], given: AskOptions): Promise<void> {
  const deadline = AbortSignal.timeout(TOTAL_MS)
  const asked = new Set<string>()
  let left: number = LIMITS.evidenceQuestions
  let questions = questionsFor(subjects.map(withSources))
  for (const subject of subjects) noteSilence(withSources(subject), given.shelf)
  while (questions.length > 0) {
    for (const { url } of questions) asked.add(url)
    const taken = questions.slice(0, left)
    left -= taken.length
    const answers = await askAll(taken, { ...given, deadline })
    const leads = questions.flatMap((question) =>
      question.subjects.map((subject) => settle(answers.get(question) ?? TOO_MANY, { question, subject }, given)),
    )
    questions = following(leads).filter(({ url }) => !asked.has(url))
  }
}

const TOO_MANY = `one export asks at most ${LIMITS.evidenceQuestions} questions about revocation`

function withSources(subject: Subject): Asked {
  return { ...subject, sources: revocationSources(subject.certificate) }
}

/** A certificate that says that it can be revoked, and names nobody who can be asked. */
function noteSilence(subject: Asked, shelf: EvidenceShelf): void {
  const { ocsp, crl, delta, revocable, undecidable } = subject.sources
  if (undecidable !== undefined) shelf.miss(subject, undefined, undecidable)
  else if (revocable && ocsp.length + crl.length + delta.length === 0) {
    shelf.miss(subject, undefined, 'it names no address of http at which its revocation can be asked about')
  }
}

async function askAll(
  questions: readonly Question[],
  given: ObtainOptions,
): Promise<ReadonlyMap<Question, readonly Offer[] | string>> {
  const answers = new Map<Question, readonly Offer[] | string>()
  let bytes = 0
  await limited(questions, { limit: CONCURRENCY, signal: given.signal }, async (question, signal) => {
    if (bytes > LIMITS.evidenceBytes) return
    const answer = await obtain(question, { ...given, signal })
    if (typeof answer !== 'string') bytes += answer.reduce((sum, { der }) => sum + der.byteLength, 0)
    answers.set(question, typeof answer === 'string' ? answer : answer.map(offer))
  })
  return answers
}

interface Lead {
  readonly subject: Subject
  readonly fit: Fit
}

/** Puts down what an answer is for one certificate, and what could not be had of it. */
function settle(
  answer: readonly Offer[] | string,
  { question, subject }: { readonly question: Question; readonly subject: Subject },
  { shelf, now }: AskOptions,
): readonly Lead[] {
  if (typeof answer === 'string') {
    shelf.miss(subject, question.url, answer)
    return []
  }
  const fits: Fit[] = []
  const complaints: string[] = []
  for (const one of answer) {
    const fit = one.match(subject, now())
    if (typeof fit === 'string') complaints.push(fit)
    else if (shelf.add(one.evidence, subject)) fits.push(fit)
    else complaints.push(`a bundle has at most ${LIMITS.evidenceBytes} bytes of evidence`)
  }
  complaints.push(...fits.flatMap(({ remark }) => remark ?? []))
  if (!fits.some(({ remark }) => remark === undefined)) shelf.miss(subject, question.url, complaints.join('; '))
  return fits.map((fit) => ({ subject, fit }))
}

/** Lists that others name, and the lists about who signed in place of an issuer. */
function following(leads: readonly (readonly Lead[])[]): readonly Question[] {
  const lists = new Map<string, Asked[]>()
  const enter = (url: string, subject: Asked): void => {
    lists.set(url, [...(lists.get(url) ?? []), subject])
  }
  for (const { subject, fit } of leads.flat()) {
    for (const url of fit.newer) enter(url, withSources(subject))
    for (const delegate of fit.delegates.map(withSources)) {
      for (const url of [...delegate.sources.crl, ...delegate.sources.delta]) enter(url, delegate)
    }
  }
  return listQuestions(lists)
}
