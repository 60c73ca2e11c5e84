import { TransferError } from '../../src/errors.js'
import { policyOf } from './policies.js'

/** The sentences about what is wrong with a policy. */
export function mistakesIn(text: string | Uint8Array): readonly string[] {
  try {
    policyOf(text)
  } catch (cause) {
    if (cause instanceof TransferError && cause.code === 'ERR_POLICY_INVALID') return cause.details
    throw cause
  }
  throw new Error('the policy was read')
}
