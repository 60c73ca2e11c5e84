import type { ErrorCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { EnvelopeType } from '../envelope/envelope.js'
import { verifyNv2Signature } from '../nv2/verify-as-notary.js'
import type { SignatureOutcome } from '../outcome.js'
import type { VerificationContext } from './context.js'
import { outcome, refuses } from './judged.js'
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
  if (signatures.length === 0) return refused('ERR_SIGNATURE_MISSING', `${target.digest} has no signature`)
  if (signatures.length > LIMITS.signaturesPerArtifact) {
    const detail = `${signatures.length} signatures; ${LIMITS.signaturesPerArtifact} of one artifact are looked at`
    return refused('ERR_LIMIT_EXCEEDED', detail)
  }
  const found: SignatureOutcome[] = []
  for (const signature of signatures) found.push(await verifyCarried(signature, target, context))
  const good = found.find(({ verdict }) => verdict === 'verified')
  if (good !== undefined) {
    const signer = good.chain[0]?.subject ?? good.signature
    return {
      ...common,
      verdict: 'verified',
      detail: `signed by ${signer}, as the statement ${statement.name} wants`,
      signatures: found,
    }
  }
  const why = found[0]?.validations.find(refuses)
  return refused(why?.code ?? 'ERR_SIGNATURE_INVALID', why?.detail ?? 'no signature is accepted', found)
}

async function verifyCarried(
  carried: CarriedSignature,
  target: Descriptor,
  context: VerificationContext,
): Promise<SignatureOutcome> {
  if (carried.kind === 'malformed') {
    const judged = { result: 'fail', code: 'ERR_SIGNATURE_INVALID', detail: carried.why } as const
    const validations = [outcome('integrity', 'enforce', judged)]
    return { signature: carried.signature, kind: 'other', verdict: 'refused', validations, chain: [], metadata: {} }
  }
  if (carried.kind === 'nv2') {
    const { signature, read } = carried
    return await verifyNv2Signature({ signature, token: await read(), target }, context)
  }
  const { signature, type, read } = carried
  return await verifySignature({ signature, type, target, envelope: await read() }, context)
}
