import type { ErrorCode } from '../../errors.js'
import type { ValidationOutcome } from '../outcome.js'
import type { Action } from '../policy/trust-policy.js'

/** What a validation found, before the policy says what that means. */
export interface Judged {
  readonly result: ValidationOutcome['result']
  readonly detail: string
  readonly looked?: readonly string[]
  readonly code?: ErrorCode
  /** `stale`, and the policy lets it count all the same */
  readonly staleAllowed?: boolean
}

export function fail(code: ErrorCode, detail: string, looked: readonly string[] = []): Judged {
  return { result: 'fail', code, detail, looked }
}

export function pass(detail: string, looked: readonly string[] = []): Judged {
  return { result: 'pass', detail, looked }
}

/** What the policy makes of a finding. Stale evidence that it allows is recorded, as `log` is; it never turns into a pass. */
export function outcome(
  validation: ValidationOutcome['validation'],
  action: Action,
  judged: Judged,
): ValidationOutcome {
  const { result, detail, looked = [], code, staleAllowed } = judged
  return {
    validation,
    action: result === 'stale' && staleAllowed === true && action === 'enforce' ? 'log' : action,
    result,
    detail,
    looked,
    ...(code === undefined || result === 'pass' || result === 'not-made' ? {} : { code }),
  }
}

/** True for a finding that refuses the signature. */
export function refuses({ action, result }: ValidationOutcome): boolean {
  return action === 'enforce' && result !== 'pass'
}

/** True for a finding that would refuse the signature at a stricter level, and is only recorded at this one. */
export function isRecorded({ action, result }: ValidationOutcome): boolean {
  return action === 'log' && (result === 'fail' || result === 'stale')
}
