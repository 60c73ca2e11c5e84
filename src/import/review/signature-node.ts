import type { BareDescriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { isRecorded, refuses } from '../../trust/notary/judged.js'
import type { CertificateFacts, SignatureOutcome, ValidationOutcome } from '../../trust/outcome.js'
import type { JudgedSignature } from '../policy/findings.js'
import { certificateNode } from './certificate-node.js'
import type { ClaimedSignature } from './claimed-signatures.js'
import { codeFacts, type Fact, fact, facts, label, shortDigest } from './facts.js'
import type { ReviewNode, ReviewVerdict } from './review.js'

/** One signature, by whoever has judged it. */
export interface ReviewedSignature {
  readonly id: string
  readonly digest: Digest | string
  readonly size?: number
  /** by the statement that governs its subject */
  readonly outcome?: SignatureOutcome
  readonly statement?: string
  readonly level?: string
  /** by the signers of the import policy */
  readonly judged?: JudgedSignature
  /** what it says itself, where nobody has judged it */
  readonly claimed?: ClaimedSignature
  /** what it hangs on */
  readonly subject?: Digest
  /** what hangs on the signature itself */
  readonly hung?: readonly ReviewNode[]
  /** the envelope, to be read */
  readonly envelope?: BareDescriptor | undefined
  /** the moment at which somebody looks: certificates run out */
  readonly now?: Date | undefined
}

const FORMATS: Readonly<Record<SignatureOutcome['kind'], string>> = {
  jws: 'application/jose+json',
  cose: 'application/cose',
  nv2: 'JWT of the nv2 prototype',
  other: 'no envelope that can be read',
}

/** A signature: its validations, then its chain from the signer to the root. */
export function signatureNode(signature: ReviewedSignature): ReviewNode {
  const { id, digest, size, hung = [], envelope, claimed, now } = signature
  const shown = shownOutcome(signature)
  const by = shown?.chain[0]?.subject
  const kind = shown === undefined ? 'signature' : `${shown.kind} signature`
  return {
    id,
    kind: 'signature',
    label: label(
      by === undefined
        ? `${kind} ${shortDigest(digest)}${shown === undefined ? ', judged by nobody' : ''}`
        : `${kind} by ${by}`,
    ),
    verdict: signatureVerdict(signature),
    ...(size === undefined ? {} : { size }),
    details: [...fact('digest', digest), ...outcomeFacts(shown), ...judgedBy(signature), ...claims(signature)],
    children: [
      ...(shown?.validations ?? []).map((one, at) => validationNode(`${id}/v${at}`, one)),
      ...chainOf(signature, shown).map((one, at) => certificateNode(`${id}/c${at}`, one, { at, shown, claimed, now })),
      ...hung,
    ],
    ...(envelope === undefined
      ? {}
      : { document: { digest: envelope.digest, mediaType: label(envelope.mediaType), size: envelope.size } }),
  }
}

/** The one by which it counts, else the one that says most. */
function shownOutcome({ outcome, judged }: ReviewedSignature): SignatureOutcome | undefined {
  const outcomes = judged?.outcomes ?? []
  if (outcome?.verdict === 'verified') return outcome
  return outcomes.find(({ counts }) => counts)?.outcome ?? outcome ?? outcomes[0]?.outcome
}

/** `fail` where nobody accepts it, whatever that means for what it signs. */
function signatureVerdict({ outcome, judged }: ReviewedSignature): ReviewVerdict {
  const outcomes = judged?.outcomes ?? []
  const all = [...(outcome === undefined ? [] : [outcome]), ...outcomes.map((one) => one.outcome)]
  if (all.length === 0) return 'note'
  if (outcomes.some(({ counts }) => counts)) return 'pass'
  const accepted = all.filter(({ verdict }) => verdict === 'verified')
  if (accepted.length === 0) return 'fail'
  return accepted.some(({ validations }) => !validations.some(isRecorded)) ? 'pass' : 'logged'
}

function outcomeFacts(outcome: SignatureOutcome | undefined): readonly Fact[] {
  if (outcome === undefined) return []
  const { kind, scheme, chain, signingTime, expiry, timestamp, metadata } = outcome
  return [
    ...fact('format', FORMATS[kind]),
    ...fact('scheme', scheme),
    ...fact('signer', chain[0]?.subject),
    ...fact('signed', signingTime === undefined ? undefined : `${signingTime} (the signer's clock)`),
    ...fact('expires', expiry),
    ...(timestamp === undefined
      ? []
      : fact('timestamp', `${timestamp.from} to ${timestamp.to} by ${timestamp.authority}`)),
    ...facts(
      'stated',
      Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
      20,
    ),
  ]
}

/** Of a signature that nobody has judged the chain that it claims, which anybody can have made. */
function chainOf({ claimed }: ReviewedSignature, shown: SignatureOutcome | undefined): readonly CertificateFacts[] {
  if (shown !== undefined) return shown.chain
  return claimed === undefined || claimed.kind === 'unread' ? [] : claimed.chain
}

function claims({ claimed, subject }: ReviewedSignature): readonly Fact[] {
  if (claimed === undefined) return []
  if (claimed.kind === 'unread') return fact('not read', claimed.why)
  const { kind, chain, signingTime, expiry, target } = claimed
  return [
    ...fact('format', FORMATS[kind]),
    ...fact('claims', `to be made by ${chain[0]?.subject ?? 'nobody'}; anybody can write this`),
    ...fact('claims', signingTime === undefined ? undefined : `to be made at ${signingTime}`),
    ...fact('claims', expiry === undefined ? undefined : `to end at ${expiry}`),
    ...fact('claims', target === subject ? undefined : `to be about something else: ${target}`),
  ]
}

function judgedBy({ outcome, statement, level, judged }: ReviewedSignature): readonly Fact[] {
  const byPolicy =
    outcome === undefined || statement === undefined
      ? []
      : fact('trust policy', `statement ${statement} (${level ?? 'no level'}): ${outcome.verdict}`)
  const bySigners = (judged?.outcomes ?? []).flatMap(({ signer, counts, outcome: found }) => {
    const why = found.validations.find(refuses) ?? found.validations.find(isRecorded)
    return fact(
      'import policy',
      counts ? `counts as ${signer}` : `is not ${signer}: ${why?.detail ?? 'of another kind'}`,
    )
  })
  const all = [...byPolicy, ...bySigners]
  return all.length > 0 ? all : fact('judged', 'by nobody: no policy asks for signatures of this kind here')
}

function validationNode(id: string, one: ValidationOutcome): ReviewNode {
  const { validation, action, result, detail, looked, code } = one
  return {
    id,
    kind: 'check',
    label: label(`${validation}: ${detail}`),
    verdict: validationVerdict(one),
    details: [
      ...fact('validation', validation),
      ...fact('action', action),
      ...fact('result', result),
      ...fact('found', detail),
      ...codeFacts(code),
      ...facts('looked at', looked, 50),
    ],
    children: [],
  }
}

function validationVerdict(one: ValidationOutcome): ReviewVerdict {
  if (one.result === 'pass') return 'pass'
  // Refused by what was looked at before: the signature says so.
  if (one.result === 'not-made') return 'note'
  if (refuses(one)) return 'fail'
  return isRecorded(one) ? 'logged' : 'note'
}
