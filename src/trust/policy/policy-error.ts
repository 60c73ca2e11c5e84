import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'

/** Where in a policy file something stands. */
export interface Place {
  /** the file */
  readonly path: string
  /** the statement's name, or its number where it has none; absent for the document itself */
  readonly statement?: string
  /** the member's name, with those around it: `signatureVerification.level` */
  readonly member: string
}

/** What is wrong there, in words that fit into one sentence. */
export interface Mistake {
  readonly expected: string
  readonly found: string
  /** what to do about it */
  readonly next: string
}

/** A mistake in a trust policy. One is enough: a policy that is not understood in full decides nothing. */
export function policyError(place: Place, mistake: Mistake, cause?: unknown): TransferError {
  const message = `${describePlace(place)}: expected ${mistake.expected}, found ${mistake.found}; ${mistake.next}`
  return new TransferError('ERR_TRUST_POLICY_INVALID', message, { cause, subject: place.path, side: 'operator' })
}

/** `the trust policy FILE, statement "NAME", MEMBER` */
export function describePlace({ path, statement, member }: Place): string {
  const within = statement === undefined ? [] : [`statement ${statement}`]
  return [`the trust policy ${printable(path)}`, ...within, ...(member === '' ? [] : [printable(member)])].join(', ')
}

/** Text of a policy as it is shown in a message. */
export function quoted(text: string): string {
  return JSON.stringify(printable(text, 120))
}
