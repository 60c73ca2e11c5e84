import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'

/** What is wrong with a policy, and where, in words that fit into one sentence. */
export interface Mistake {
  /** characters from the beginning of the file */
  readonly offset: number
  /** the member, with those around it: `artifacts[0].from[1]`; empty for the document itself */
  readonly member: string
  readonly expected: string
  readonly found: string
  /** what to do about it */
  readonly next: string
}

/** The text of a policy, and its name in messages. */
export interface PolicyText {
  readonly path: string
  readonly text: string
}

/** Mistakes as one error, in the order in which they stand in the file; the first ones where there are many. */
export function policyInvalid({ path, text }: PolicyText, mistakes: readonly Mistake[]): TransferError {
  const sorted = [...mistakes].sort((a, b) => a.offset - b.offset)
  const details = sorted.slice(0, LIMITS.policyMistakes).map((one) => sentence(one, { path, text }))
  const more = sorted.length - details.length
  if (more > 0) details.push(`${printable(path)}: and ${more} more mistakes`)
  const [first = ''] = details
  const message = details.length === 1 ? first : `${first} (and ${sorted.length - 1} more)`
  return new TransferError('ERR_POLICY_INVALID', message, { side: 'operator', subject: path, details })
}

function sentence({ offset, member, expected, found, next }: Mistake, { path, text }: PolicyText): string {
  const what = member === '' ? '' : `${printable(member, 200)}: `
  return `${printable(path)}:${position(text, offset)}: ${what}expected ${expected}, found ${found}; ${next}`
}

/** `LINE:COLUMN`, both from 1; a column is a UTF-16 unit, as editors count. */
export function position(text: string, offset: number): string {
  const before = text.slice(0, offset)
  return `${before.split('\n').length}:${offset - before.lastIndexOf('\n')}`
}

/** Text of a policy as it is shown in a message. */
export function quoted(text: string): string {
  return JSON.stringify(printable(text, 120))
}
