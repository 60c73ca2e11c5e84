import type { Certificate } from '../certificate/certificate.js'
import type { FindPlugin } from '../plugin.js'
import type { TrustStatement, TrustStoreName } from '../policy/trust-policy.js'
import type { RevocationJudgement } from '../revocation/revocation.js'

/** Everything that a verdict depends on beside the signature itself: given, never looked up. */
export interface VerificationContext {
  /** the statement of the trust policy that governs the artifact */
  readonly statement: TrustStatement
  /** @throws ERR_TRUST_STORE_INVALID */
  readonly store: (store: TrustStoreName) => Promise<readonly Certificate[]>
  /** the moment of verification */
  readonly now: Date
  /** when a trusted exporter saw the same signatures: signed by it, and not later than `now` */
  readonly sealedAt?: Date
  readonly judgeRevocation: JudgeRevocation
  /** absent: no plugin can be had */
  readonly findPlugin?: FindPlugin
  /** user metadata without which a signature is refused */
  readonly metadata?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** @param given `signedAt`: a proven time of signing; absent where nothing proves one */
export type JudgeRevocation = (chain: readonly Certificate[], given: RevocationQuestion) => Promise<RevocationJudgement>

export interface RevocationQuestion {
  readonly now: Date
  readonly sealedAt?: Date
  readonly maxStalenessMs?: number
  readonly signedAt?: Date
}

/** The question about revocation that this context asks, whatever the chain. */
export function revocationQuestion(context: VerificationContext, signedAt: Date | undefined): RevocationQuestion {
  const { now, sealedAt, statement } = context
  const { maxStalenessMs } = statement.waybill
  return {
    now,
    ...(sealedAt === undefined ? {} : { sealedAt }),
    ...(maxStalenessMs === undefined ? {} : { maxStalenessMs }),
    ...(signedAt === undefined ? {} : { signedAt }),
  }
}

/** True where the policy lets something count that ran out after the bundle was sealed, and it is not too long ago. */
export function staleAllowed({ now, sealedAt, statement }: VerificationContext): boolean {
  const { maxStalenessMs } = statement.waybill
  if (sealedAt === undefined || maxStalenessMs === undefined) return false
  const age = now.getTime() - sealedAt.getTime()
  return age >= 0 && age <= maxStalenessMs
}
