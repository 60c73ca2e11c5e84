import type { Root } from '../bundle/document.js'
import type { CallOptions, ContentSink, ContentSource } from '../content/store.js'
import type { Emit } from '../events.js'
import type { Repository } from '../oci/reference.js'
import type { RollbackOptions } from './checks/rollback.js'
import { type Decision, decide } from './decide.js'
import type { JournalState } from './journal/fold.js'
import type { Journal, Journals } from './journal/journal.js'
import { type LastWord, withLastWord } from './last-word/last-word.js'
import type { ImporterMemory } from './memory/memory.js'
import { goneBack, type RememberedPlace, requirePlace, takePlace } from './memory/remember.js'
import { type Placed, type Placing, placeRoots } from './names/names.js'
import { settled, withPlaces } from './names/placed.js'
import { type AskPerson, isSame, reviewed, takenAway } from './review/ask-person.js'
import { withTarget } from './review/with-target.js'
import { afterLook } from './target/after-look.js'
import { doAtTarget } from './target/at-target.js'
import { type BaseFindings, withBase } from './target/base.js'
import type { LoadOptions, LoadReport } from './target/load.js'
import { type Outlook, type OutlookOptions, outlook } from './target/outlook.js'
import type { LateName } from './target/roll-forward.js'
import type { Verification } from './verification.js'

/** A repository of the target: to write to, and to read what is there. */
export type OpenTarget = (repository: Repository) => Promise<ContentSource & ContentSink>

export interface ImportOptions extends CallOptions, Placing {
  readonly memory: ImporterMemory
  /** what the verification was made against */
  readonly rollback: RollbackOptions
  /** Asked for the first time when everything is decided. */
  readonly open: OpenTarget
  readonly now: () => Date
  readonly emit: Emit
  /** Pushes in flight. */
  readonly concurrency: number
  /** the importer's own signature on each root */
  readonly countersign?: LoadOptions['signRoot']
  readonly journals: Journals
  /** tags that never move at the target, for what comes from a root */
  readonly immutableTags: OutlookOptions['immutableTags']
  /** ask the target for everything again, also where it had all of it before */
  readonly recheck: boolean
  /** look, and write nothing anywhere */
  readonly dryRun: boolean
  /** asked when everything else is decided, and before the target is */
  readonly lastWord?: LastWord
  /** asked when all of it is known, and nothing is written */
  readonly review?: AskPerson
  /** holds the load back while somebody has paused it */
  readonly ready?: LoadOptions['ready']
}

/** What an import came to. */
export interface ImportResult {
  readonly verification: Verification
  readonly decision: Decision
  /** absent where nothing was loaded */
  readonly report?: LoadReport
  /** what was remembered; absent for a bundle without a stream, and where nothing was loaded */
  readonly place?: RememberedPlace
  /** why somebody let pass what the check `rollback` refused */
  readonly goneBackFor?: string
  /** what was found at the target; absent where it was not asked */
  readonly outlook?: Outlook
  /** names that an earlier import had left, and that were finished first */
  readonly late?: readonly LateName[]
}

/**
 * Imports what was verified: decides, loads, and remembers. Nobody is asked anything before the decision, and nothing is
 * written where it refuses. What is remembered is written when all content is there, before the first name: a crash
 * leaves names that are finished by the next run, and never a state that lets something older in.
 * @throws what the target, the memory and the medium throw; run again it goes on
 */
export async function runImport(judged: Verification, given: ImportOptions): Promise<ImportResult> {
  return settled(await decideAndLoad(judged, given))
}

async function decideAndLoad(judged: Verification, given: ImportOptions): Promise<ImportResult> {
  const placed = placeRoots(judged.bundle.document.roots, given)
  const named = withPlaces(judged, placed, given)
  const decided = { verification: named, decision: decide(named, placed) }
  const { verification, decision } = await withLastWord(decided, { ...given, placed, lastWord: given.lastWord })
  const result = { verification, decision, ...allowedBy(verification, given) }
  const { registry } = given.destination
  const looking = { ...result, placed }
  if (!admits(decision)) return await shown(result, given)
  requirePlace(verification, given)
  if (given.dryRun) return await lookedAt(looking, await given.journals.read(registry), given)
  if (given.review === undefined) {
    return await underLock(given, async (journal) => {
      const seen = await lookedAt(looking, journal.state, given)
      return admits(seen.decision) ? await carriedOut(seen, journal, given) : seen
    })
  }
  // Nobody's import waits for a lock because a person reads: what was seen is looked at once more when the lock is held.
  return await reviewed(withTarget(given.review, given), {
    first: async () => await lookedAt(looking, await given.journals.read(registry), given),
    // Why somebody did not want it stays said, whatever refuses it by now.
    refused: (refusals, asked) => ({ ...asked, decision: takenAway(asked, refusals, given) }),
    again: async (refusals, asked) =>
      await underLock(given, async (journal) => {
        const seen = await lookedAtNames(looking, journal.state, given)
        if (!isSame(seen, asked)) return { changed: await withBaseOf(seen, looking, given) }
        return { done: await withoutRefused(seen, refusals, { looking, journal, given }) }
      }),
  })
}

/** What is refused anyway is shown: an answer changes nothing. */
async function shown(result: Decided, given: ImportOptions): Promise<Decided> {
  if (given.review !== undefined) await withTarget(given.review, given)(result)
  return result
}

async function underLock<T>(given: ImportOptions, use: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await given.journals.take(given.destination.registry)
  try {
    return await use(journal)
  } finally {
    await journal.close()
  }
}

function admits({ rulings }: Decision): boolean {
  return rulings.some(({ kind }) => kind === 'admit')
}

type Decided = Pick<ImportResult, 'verification' | 'decision' | 'goneBackFor'>
type Looking = Decided & { readonly placed: Placed }
type Seen = Decided & { readonly outlook: Outlook; readonly base?: BaseFindings['places'] }

/** Looks at the target, for names and for what the bundle does not carry: still before anything is written. */
async function lookedAt(looking: Looking, journal: JournalState, given: ImportOptions): Promise<Seen> {
  return await withBaseOf(await lookedAtNames(looking, journal, given), looking, given)
}

async function withBaseOf(seen: Seen, { placed }: Looking, given: ImportOptions): Promise<Seen> {
  if (!admits(seen.decision) || seen.outlook.nothingToDo) return seen
  return { ...seen, ...(await withBase(seen, { ...given, placed })) }
}

/** Loads what a person has not refused, with what the target means for that alone. */
async function withoutRefused(
  seen: Seen,
  refusals: ReadonlyMap<Root, string>,
  { looking, journal, given }: { readonly looking: Looking; readonly journal: Journal; readonly given: ImportOptions },
): Promise<ImportResult> {
  const decision = takenAway(seen, refusals, given)
  if (!admits(decision)) return { ...seen, decision }
  const { registry } = given.destination
  const left = refusals.size === 0 ? seen.outlook : await outlook(decision, journal.state, { ...given, registry })
  const ready = await withBaseOf({ ...seen, decision, outlook: left }, looking, given)
  return admits(ready.decision) ? await carriedOut(ready, journal, given) : ready
}

/** Decides once more where something at the target is in the way. */
async function lookedAtNames(decided: Looking, journal: JournalState, given: ImportOptions): Promise<Seen> {
  const { placed, ...before } = decided
  const options = { ...given, registry: given.destination.registry }
  // A target that does not answer is waited for: whoever looks on must not take that for a verification.
  given.emit({ type: 'stage-started', stage: 'look' })
  const first = await outlook(before.decision, journal, options)
  given.emit({ type: 'stage-ended', stage: 'look' })
  const { findings } = first.look
  if (findings.length === 0) return { ...before, outlook: first }
  for (const { name, subject, result } of findings) given.emit({ type: 'checked', check: name, subject, result })
  const { verification, decision } = afterLook(before, findings, placed)
  const again = admits(decision) ? await outlook(decision, journal, options) : first
  return { verification, decision, ...allowedBy(verification, given), outlook: again }
}

async function carriedOut(seen: Seen, journal: Journal, given: ImportOptions): Promise<ImportResult> {
  const { registry } = given.destination
  const remembering = await takePlace(seen.verification, given)
  try {
    const done = await doAtTarget(seen.decision, seen.outlook, {
      ...given,
      signRoot: given.countersign,
      registry,
      journal,
      remembering,
      base: seen.base,
    })
    return { ...seen, ...done }
  } finally {
    await remembering?.close()
  }
}

function allowedBy(verification: Verification, { rollback: { allow } }: ImportOptions) {
  return goneBack(verification) && allow !== undefined ? { goneBackFor: allow } : {}
}
