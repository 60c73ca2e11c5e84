import type { CallOptions } from '../../content/store.js'
import type { RollbackOptions } from '../checks/rollback.js'
import { type FormerOptions, formerContents } from '../target/former-content.js'
import type { AskPerson } from './ask-person.js'
import { type ClaimedSignatures, claimedSignatures } from './claimed-signatures.js'

export interface WithTargetOptions extends FormerOptions, CallOptions {
  readonly rollback: Pick<RollbackOptions, 'state'>
  readonly now: () => Date
}

/**
 * Asks a person who is also told what would be gone: what moved names mean now, and what earlier bundles had; and who
 * claims to have made the signatures that nobody asked for.
 */
export function withTarget(ask: AskPerson, given: WithTargetOptions): AskPerson {
  let claimed: Promise<ClaimedSignatures> | undefined
  return async (seen) => {
    // Of one bundle it is the same, however often a person is asked.
    claimed ??= claimedSignatures(seen.verification, given)
    const facts = { ...seen, remembered: given.rollback.state, claimed: await claimed, now: given.now() }
    const { outlook } = seen
    return await ask(outlook === undefined ? facts : { ...facts, former: await formerContents(outlook.look, given) })
  }
}
