import { type ErrorCode, TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { EnvelopeType } from '../envelope/envelope.js'
import { verifyNv2Signature } from '../nv2/verify-as-notary.js'
import type { SignatureOutcome, ValidationOutcome } from '../outcome.js'
import type { TrustStatement } from '../policy/trust-policy.js'
import type { VerificationContext } from './context.js'
import { fail, isRecorded, type Judged, outcome, refuses } from './judged.js'
import { verifySignature } from './verify-signature.js'

/** A signature as it lies beside an artifact; nothing about it has been checked. */
export type CarriedSignature =
  | {
      readonly kind: 'envelope'
      /** where it was found: a digest or a path */
      readonly signature: string
      readonly type: EnvelopeType
      readonly read: () => Promise<Uint8Array>
    }
  /** a JWT of the nv2 prototype */
  | { readonly kind: 'nv2'; readonly signature: string; readonly read: () => Promise<Uint8Array> }
  /** something that says it is a signature, and cannot be one */
  | { readonly kind: 'malformed'; readonly signature: string; readonly why: string }

/** What the policy makes of an artifact. `skipped`: the policy does not ask for a signature, and none was looked at. */
export interface ArtifactOutcome {
  readonly target: Descriptor
  /** the repository whose statement was used */
  readonly scope: string
  readonly statement?: string
  readonly level?: string
  readonly verdict: 'verified' | 'skipped' | 'refused'
  /** one sentence for the operator */
  readonly detail: string
  readonly code?: ErrorCode
  readonly signatures: readonly SignatureOutcome[]
}

export interface ArtifactQuestion {
  readonly target: Descriptor
  readonly scope: string
  readonly signatures: readonly CarriedSignature[]
}

/**
 * Holds an artifact against the statement that governs it: one signature that the statement accepts suffices
 * (trust-store-trust-policy), all are reported, and none at all is a refusal at every level but `skip`.
 */
export async function verifyArtifact(
  { target, scope, signatures }: ArtifactQuestion,
  context: VerificationContext,
): Promise<ArtifactOutcome> {
  const { statement } = context
  const common = { target, scope, statement: statement.name, level: statement.level.name }
  if (statement.level.name === 'skip') {
    return { ...common, verdict: 'skipped', detail: `the statement ${statement.name} skips signatures`, signatures: [] }
  }
  const refused = (code: ErrorCode, detail: string, found: readonly SignatureOutcome[] = []): ArtifactOutcome => ({
    ...common,
    verdict: 'refused',
    code,
    detail,
    signatures: found,
  })
  if (signatures.length === 0) {
    const wants = `and the statement ${statement.name} (${statement.level.name}) wants one`
    return refused('ERR_SIGNATURE_MISSING', `it has no signature, ${wants}`)
  }
  if (signatures.length > LIMITS.signaturesPerArtifact) {
    const detail = `${signatures.length} signatures; ${LIMITS.signaturesPerArtifact} of one artifact are looked at`
    return refused('ERR_LIMIT_EXCEEDED', detail)
  }
  const found: SignatureOutcome[] = []
  for (const signature of signatures) found.push(await verifyCarried(signature, target, context))
  const [accepted] = byFewest(
    found.filter(({ verdict }) => verdict === 'verified'),
    isRecorded,
  )
  if (accepted !== undefined) {
    return { ...common, verdict: 'verified', detail: whyAccepted(accepted, statement), signatures: found }
  }
  const nearest = byFewest(found, refuses).toSorted((a, b) => distanceOf(a) - distanceOf(b))[0]
  const why = nearest?.validations.find(refuses)
  const detail = why?.detail ?? 'no signature is accepted'
  const among = found.length === 1 ? '' : `none of its ${found.length} signatures is accepted; the nearest: `
  return refused(why?.code ?? 'ERR_SIGNATURE_INVALID', `${among}${detail}`, found)
}

/** What a level that only records lets pass is not "signed by": anybody can put any name into a certificate. */
function whyAccepted({ chain, signature, validations }: SignatureOutcome, { name, level }: TrustStatement): string {
  const recorded = validations.filter(isRecorded).map(({ validation, detail }) => `${validation}: ${detail}`)
  if (recorded.length === 0) return `signed by ${chain[0]?.subject ?? signature}, as the statement ${name} wants`
  return `the statement ${name} (${level.name}) lets it pass, and records ${recorded.join('; ')}`
}

/** How far a signature got: to a trusted signer, to a whole envelope, or not that far. */
function distanceOf({ validations }: SignatureOutcome): number {
  const passed = (name: string) =>
    validations.some(({ validation, result }) => validation === name && result === 'pass') &&
    !validations.some((one) => one.validation === name && refuses(one))
  if (!passed('integrity')) return 2
  return passed('authenticity') ? 0 : 1
}

function byFewest(
  signatures: readonly SignatureOutcome[],
  bad: (validation: ValidationOutcome) => boolean,
): readonly SignatureOutcome[] {
  const count = ({ validations }: SignatureOutcome) => validations.filter(bad).length
  return signatures.toSorted((a, b) => count(a) - count(b))
}

/** Holds one signature as it lies beside an artifact against the statement of the context, whatever else lies there. */
export async function verifyCarried(
  carried: CarriedSignature,
  target: Descriptor,
  context: VerificationContext,
): Promise<SignatureOutcome> {
  if (carried.kind === 'malformed') return unreadable(carried.signature, fail('ERR_SIGNATURE_INVALID', carried.why))
  const { signature } = carried
  const bytes = await readCarried(carried, context)
  if (!(bytes instanceof Uint8Array)) return unreadable(signature, bytes)
  if (carried.kind === 'nv2') return await verifyNv2Signature({ signature, token: bytes, target }, context)
  return await verifySignature({ signature, type: carried.type, target, envelope: bytes }, context)
}

/** One that cannot be had, or is not what its digest says, is refused; the others still get their answer. */
async function readCarried(
  carried: Exclude<CarriedSignature, { readonly kind: 'malformed' }>,
  { signal }: VerificationContext,
): Promise<Uint8Array | Judged> {
  try {
    return await carried.read()
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof TransferError) || cause.code === 'ERR_MEDIUM') throw cause
    return fail(cause.code, cause.message)
  }
}

function unreadable(signature: string, judged: Judged): SignatureOutcome {
  const validations = [outcome('integrity', 'enforce', judged)]
  return { signature, kind: 'other', verdict: 'refused', validations, chain: [], metadata: {} }
}
