import { TransferError } from '../../errors.js'
import type { MemoryWords } from '../memory.js'
import type { PolicyWords } from '../policy.js'
import type { TrustOptions } from '../trust.js'

export interface VerifyCommandOptions extends TrustOptions, PolicyWords, Pick<MemoryWords, 'state'> {
  /** RFC 3339: the clock of an audit */
  readonly at?: string
  /** the repository that stands for an image layout, or for a signature in a file */
  readonly scope?: string
  readonly signature?: string
  readonly subject?: string
  readonly policyName?: string
  readonly metadata?: readonly string[]
  readonly evidence?: readonly string[]
  /** print all of it as a tree */
  readonly review?: boolean
}

const FLAGS = {
  state: '--state',
  policy: '--policy',
  store: '--store',
  policyName: '--policy-name',
  metadata: '--metadata',
  scope: '--scope',
  review: '--review',
} as const

/**
 * Refuses options that would have no effect on what is verified: whoever demands something must not hear VERIFIED without
 * it.
 * @throws ERR_USAGE
 */
export function refuseUnused(
  options: VerifyCommandOptions,
  unused: readonly (keyof typeof FLAGS)[],
  what: string,
): void {
  const given = unused.find((name) => options[name] !== undefined)
  if (given !== undefined) throw usage(`${FLAGS[given]} has no effect on ${what}; leave it out`)
}

export function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
