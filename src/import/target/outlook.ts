import type { Digest } from '../../oci/digest.js'
import type { Decision } from '../decide.js'
import type { ImportIdentity } from '../journal/entries.js'
import { hasEnded, isSameImport, type JournalState } from '../journal/fold.js'
import { type Look, type LookOptions, lookAtTarget } from './look.js'
import { identityOf } from './names-at-target.js'
import { type LateName, pendingMeanings, planRollForward, type RollForwardOptions } from './roll-forward.js'

export interface OutlookOptions extends Omit<LookOptions, 'open' | 'pending'>, RollForwardOptions {
  /** ask for everything again, whatever the journal says */
  readonly recheck: boolean
}

/** What an import will meet at the target, and do there; known before anything is written. */
export interface Outlook {
  readonly look: Look
  readonly identity: ImportIdentity
  /** an earlier import that had begun to set names: they are finished first */
  readonly late?: { readonly waybill: Digest; readonly names: readonly LateName[] }
  /** an earlier import that had not come so far: it is given up */
  readonly abandons?: Digest
  /** the same import was interrupted before: it goes on */
  readonly goesOn: boolean
  /** the same import has ended here before, and every name means what it says */
  readonly nothingToDo: boolean
}

/**
 * Looks at the target, and at what the journal says of it. An import that was interrupted while it set names is finished
 * before another one begins: its content is there, and remembered, and half of its names would be neither the old release
 * nor the new one. The look at the names is made as if that were done. Only asks, and writes nothing.
 * @throws what the target throws; ERR_COLLISION
 */
export async function outlook(decision: Decision, journal: JournalState, given: OutlookOptions): Promise<Outlook> {
  const { unfinished } = journal
  const identity = identityOf(decision)
  const names = unfinished?.naming === undefined ? [] : await planRollForward(unfinished.naming, given)
  const look = await lookAtTarget(decision, { ...given, pending: pendingMeanings(names) })
  const again = unfinished !== undefined && isSameImport(unfinished.begun, identity)
  const waybill = unfinished?.begun.waybill
  const isLate = unfinished?.naming !== undefined
  const ended = isLate && again ? true : unfinished !== undefined && again ? false : hasEnded(journal, identity)
  const same = look.toSet.length === 0 && look.roots.every(({ change }) => change === 'same')
  return {
    look,
    identity,
    ...(isLate && waybill !== undefined ? { late: { waybill, names } } : {}),
    ...(!isLate && !again && waybill !== undefined ? { abandons: waybill } : {}),
    goesOn: again && !isLate,
    nothingToDo: ended && same && !given.recheck,
  }
}
