import type { CallOptions } from '../../content/store.js'
import type { RollbackOptions } from '../checks/rollback.js'
import { type FormerOptions, formerContents } from '../target/former-content.js'
import type { AskPerson } from './ask-person.js'

export interface WithTargetOptions extends FormerOptions, CallOptions {
  readonly rollback: Pick<RollbackOptions, 'state'>
  readonly now: () => Date
}

/** Asks a person who is also told what would be gone: what moved names mean now, and what earlier bundles had. */
export function withTarget(ask: AskPerson, given: WithTargetOptions): AskPerson {
  return async (seen) => {
    const facts = { ...seen, remembered: given.rollback.state, now: given.now() }
    const { outlook } = seen
    return await ask(outlook === undefined ? facts : { ...facts, former: await formerContents(outlook.look, given) })
  }
}
