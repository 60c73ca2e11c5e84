import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { VerificationContext } from '../../trust/notary/context.js'
import { isRecorded, refuses } from '../../trust/notary/judged.js'
import { type CarriedSignature, verifyCarried } from '../../trust/notary/verify-artifact.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import type { CountedSigner, JudgedSignature } from './findings.js'
import type { Acceptance } from './matching.js'
import type { ReadySigner } from './signers.js'

/** Everything that a verdict depends on, but for the statement: each signer brings its own. */
export type SignerContext = Omit<VerificationContext, 'statement'>

export interface SignedThing {
  readonly target: Descriptor
  readonly signatures: readonly CarriedSignature[]
}

/** Holds every signature of something against the statement of each of these signers. */
export async function judgeBySigners(
  { target, signatures }: SignedThing,
  signers: readonly ReadySigner[],
  context: SignerContext,
): Promise<readonly JudgedSignature[]> {
  const judged: JudgedSignature[] = []
  for (const carried of signatures.slice(0, LIMITS.signaturesPerArtifact)) {
    const once = readOnce(carried)
    const outcomes: JudgedSignature['outcomes'][number][] = []
    for (const signer of signers) {
      const outcome = await verifyCarried(once, target, { ...context, statement: signer.statement })
      outcomes.push({ signer: signer.name, outcome, counts: countsFor(signer, outcome) })
    }
    judged.push({ signature: carried.signature, outcomes })
  }
  return judged
}

/** Several signers look at the same bytes. */
function readOnce(carried: CarriedSignature): CarriedSignature {
  if (carried.kind === 'malformed') return carried
  let bytes: Promise<Uint8Array> | undefined
  return {
    ...carried,
    read: () => {
      bytes ??= carried.read()
      return bytes
    },
  }
}

/**
 * Whether a signature is one by this signer: accepted by its statement without anything that is only recorded (a level
 * that records who signed would make anybody the vendor), by a certificate, and of a kind that counts.
 */
export function countsFor({ kinds }: Pick<ReadySigner, 'kinds'>, outcome: SignatureOutcome): boolean {
  const { verdict, kind, validations, chain } = outcome
  if (verdict !== 'verified' || validations.some(isRecorded) || chain.length === 0) return false
  if (kinds.length > 0 && !kinds.some((one) => one === kind)) return false
  return ['integrity', 'authenticity'].every((name) =>
    validations.some(({ validation, result }) => validation === name && result === 'pass'),
  )
}

/** Which signers could count by which keys. */
export function acceptances(judged: readonly JudgedSignature[]): readonly Acceptance[] {
  return judged.flatMap(({ outcomes }) =>
    outcomes.flatMap(({ signer, outcome, counts }) => {
      const key = outcome.chain[0]?.publicKey
      return counts && key !== undefined ? [{ signer, key }] : []
    }),
  )
}

/** The signature by which a signer counts with a key. */
export function countedSigner(judged: readonly JudgedSignature[], { signer, key }: Acceptance): CountedSigner {
  for (const { signature, outcomes } of judged) {
    const leaf = outcomes.find((one) => one.signer === signer && one.counts)?.outcome.chain[0]
    if (leaf?.publicKey === key) return { signer, signature, subject: leaf.subject, thumbprint: leaf.thumbprint }
  }
  throw new Error(`no signature of ${signer} is by the key ${key}`)
}

/** Who signed: in the policy's words where somebody of it did, else as the certificate calls itself. */
export function whoSigned(judged: readonly JudgedSignature[]): string {
  const names = judged.map(({ outcomes }) => {
    const subject = outcomes.find(({ outcome }) => outcome.chain.length > 0)?.outcome.chain[0]?.subject
    if (subject === undefined) return 'one that cannot be read'
    const signers = outcomes.filter(({ counts }) => counts).map(({ signer }) => signer)
    return signers.length === 0 ? `somebody who says ${subject}` : `${subject} (${signers.join(' or ')})`
  })
  const all = [...new Set(names)]
  return all.length > 5 ? `${all.slice(0, 5).join('; ')}; and ${all.length - 5} more` : all.join('; ')
}

/** What keeps a signature by a signer from counting, where one is by it and does not. */
export function nearMiss(judged: readonly JudgedSignature[], signer: string): string | undefined {
  for (const { outcomes } of judged) {
    const one = outcomes.find((each) => each.signer === signer)
    if (one === undefined || one.counts) continue
    const { validations, kind } = one.outcome
    const known = validations.some(({ validation, result }) => validation === 'authenticity' && result === 'pass')
    if (!known) continue
    const why = validations.find(refuses) ?? validations.find(isRecorded)
    return why?.detail ?? `it is of the kind ${kind}`
  }
  return undefined
}
