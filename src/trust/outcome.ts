import type { ErrorCode } from '../errors.js'
import type { SigningScheme } from './envelope/envelope.js'
import type { Action, Validation } from './policy/trust-policy.js'

/** `stale`: it was in force when the bundle was sealed, and has run out since. Never the same as a pass. */
export type ValidationResult = 'pass' | 'fail' | 'stale' | 'not-made'

/** One validation of one signature, and what the policy makes of it. */
export interface ValidationOutcome {
  readonly validation: Validation | 'plugin'
  readonly action: Action
  readonly result: ValidationResult
  /** one sentence for the operator */
  readonly detail: string
  /** what was looked at: certificates, tokens, lists, each with its window */
  readonly looked: readonly string[]
  readonly code?: ErrorCode
}

export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  readonly thumbprint: string
  /** which key it is of: two certificates of one key have the same */
  readonly publicKey: string
  readonly notBefore: string
  readonly notAfter: string
}

export interface SignatureOutcome {
  /** where it was found: a digest or a path */
  readonly signature: string
  readonly kind: 'jws' | 'cose' | 'nv2' | 'other'
  /** `verified`: no enforced validation failed. A logged failure does not refuse, and stays visible. */
  readonly verdict: 'verified' | 'refused'
  readonly validations: readonly ValidationOutcome[]
  readonly scheme?: SigningScheme
  /** leaf first; only of an envelope that is whole */
  readonly chain: readonly CertificateFacts[]
  readonly signingTime?: string
  readonly expiry?: string
  /** the time a verified token proves, with its accuracy */
  readonly timestamp?: { readonly from: string; readonly to: string; readonly authority: string }
  /** the payload's annotations: what the signer said about the artifact */
  readonly metadata: Readonly<Record<string, string>>
}
