import { type Root, rootName } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import type { Emit } from '../../events.js'
import { LIMITS } from '../../limits.js'
import { type Decision, takeAway } from '../decide.js'
import type { Outlook } from '../target/outlook.js'
import type { Verification } from '../verification.js'
import type { Reviewed } from './context.js'

/** What a person is shown. */
export interface Reviewable extends Pick<Reviewed, 'former' | 'remembered' | 'claimed' | 'now'> {
  readonly verification: Verification
  readonly decision: Decision
  /** absent where nothing is admitted: the target is not asked then */
  readonly outlook?: Outlook
}

/**
 * Asks a person, who answers with the roots that are refused, each with a reason. They can take away and never give: what
 * is refused already stays so, whatever the answer is.
 */
export type AskPerson = (seen: Reviewable) => Promise<ReadonlyMap<Root, string>>

type Refusals = Awaited<ReturnType<AskPerson>>

interface Rounds<S extends Reviewable, T> {
  readonly first: () => Promise<S>
  /** What is left of something that is refused as a whole. */
  readonly refused: (refusals: Refusals, asked: S) => S
  /** Carries out what was answered, or gives what is there by now where that is something else than was asked about. */
  readonly again: (refusals: Refusals, asked: S) => Promise<{ readonly done: T } | { readonly changed: S }>
}

const MAX_ROUNDS = 5

/**
 * Asks until what was answered is about what is there.
 * @throws ERR_TARGET_BUSY where the target is never twice the same, and what asking and carrying out throw
 */
export async function reviewed<S extends Reviewable, T>(
  ask: AskPerson,
  { first, refused, again }: Rounds<S, T>,
): Promise<S | T> {
  let asked = await first()
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const refusals = await ask(asked)
    if (!asked.decision.rulings.some(({ kind }) => kind === 'admit')) return refused(refusals, asked)
    const found = await again(refusals, asked)
    if ('done' in found) return found.done
    asked = found.changed
  }
  const message = `names at the target changed ${MAX_ROUNDS} times while somebody was reading the review`
  throw new TransferError('ERR_TARGET_BUSY', message, { side: 'sink' })
}

/** Whether a second look is what the person has seen: the same changes, of the same names, from the same meanings. */
export function isSame(one: Reviewable, other: Reviewable): boolean {
  return facts(one) === facts(other)
}

function facts({ decision, outlook }: Reviewable): string {
  const { look, late, abandons, nothingToDo } = outlook ?? {}
  return JSON.stringify([
    decision.rulings.map(({ kind, root }) => [kind, rootName(root)]),
    look?.roots.map(({ target, change, was }) => [target, change, was]),
    look?.toSet.map(({ repository, tag, descriptor, was }) => [repository, tag, descriptor.digest, was]),
    [late?.waybill, abandons, nothingToDo],
  ])
}

/**
 * A decision without what a person refuses.
 * @throws ERR_USAGE for a refusal without a reason: whoever reads the receipt asks for it
 */
export function takenAway(
  { decision, verification }: Reviewable,
  refusals: Refusals,
  { emit }: { readonly emit: Emit },
): Decision {
  const by = new Map([...refusals].map(([root, reason]) => [root, reasonOf(root, reason)]))
  for (const root of by.keys()) emit({ type: 'checked', check: 'policy', subject: rootName(root), result: 'fail' })
  return takeAway(decision, by, verification)
}

function reasonOf(root: Root, reason: string): string {
  const said = printable(reason.trim().toWellFormed(), LIMITS.reviewReasonLength)
  if (said !== '') return said
  throw new TransferError('ERR_USAGE', `${rootName(root)} is refused without a reason`, { side: 'operator' })
}
