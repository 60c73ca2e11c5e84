import type { CallOptions, ContentSink, ContentSource } from '../../content/store.js'
import type { Emit } from '../../events.js'
import type { Repository } from '../../oci/reference.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Decision } from '../decide.js'
import type { Journal } from '../journal/journal.js'
import type { RememberedPlace, Remembering } from '../memory/remember.js'
import { type LoadOptions, type LoadReport, load } from './load.js'
import { lookAtTarget, requireNone } from './look.js'
import { rootsAtTarget } from './names-at-target.js'
import type { Outlook, OutlookOptions } from './outlook.js'
import { type LateName, rollForward } from './roll-forward.js'

export interface AtTargetOptions extends CallOptions, OutlookOptions {
  readonly open: (repository: Repository) => Promise<ContentSource & ContentSink>
  readonly journal: Journal
  readonly remembering: Remembering | undefined
  readonly now: () => Date
  readonly emit: Emit
  readonly signRoot: LoadOptions['signRoot']
  readonly base?: LoadOptions['base']
  readonly ready?: LoadOptions['ready']
}

/** What an import has done at the target. */
export interface DoneAtTarget {
  readonly report: LoadReport
  /** absent for a bundle without a stream */
  readonly place?: RememberedPlace
  /** the names of an earlier import that were finished first */
  readonly late: readonly LateName[]
}

/**
 * Writes: what an earlier import has left, then content, then signatures, what is remembered, and names. Every step is in
 * the journal when its promise is kept, and before the next one: stopped anywhere, the same command goes on, and another
 * bundle is never mixed with half of this one. Memory comes before the journal's word that names are set: whoever rolls
 * them forward later may do so from the journal alone.
 * @throws what the target, the memory, the medium and the journal's disk throw; run again it goes on
 */
export async function doAtTarget(
  decision: Decision,
  { identity, late, abandons, nothingToDo }: Outlook,
  given: AtTargetOptions,
): Promise<DoneAtTarget> {
  const { journal, remembering } = given
  const at = (): string => formatTimestamp(given.now())
  const finished = late === undefined ? [] : await rollForward(late.names, given)
  if (late !== undefined) await journal.settle('ended', at())
  if (abandons !== undefined) await journal.settle('abandoned', at())
  if (nothingToDo) return { ...(await nothing(decision, given)), late: finished }
  await journal.begin({ ...identity, bundle: decision.bundle.path, at: at(), roots: rootsAtTarget(decision) })
  let place: RememberedPlace | undefined
  const report = await load(decision, {
    ...given,
    steps: {
      content: ({ name }) => journal.content(name),
      naming: async () => {
        await journal.reached('signed')
        // Loading takes hours: what has come under a name meanwhile is looked at again before anything is promised.
        const { toSet, findings } = await lookAtTarget(decision, given)
        requireNone(findings)
        place = await remembering?.begin(toSet.length > 0)
        await journal.reached('remembered')
        await journal.naming(toSet)
        return toSet
      },
      name: () => remembering?.requireHeld(),
      named: () => journal.reached('named'),
    },
  })
  await remembering?.end()
  await journal.settle('ended', at())
  return { report, late: finished, ...(place === undefined ? {} : { place }) }
}

/** All of it was done before: only what is remembered and signed is held against what it should be. */
async function nothing(decision: Decision, given: AtTargetOptions): Promise<Omit<DoneAtTarget, 'late'>> {
  let place: RememberedPlace | undefined
  const report = await load(decision, {
    ...given,
    contentThere: true,
    steps: {
      content: async () => {},
      naming: async () => {
        place = await given.remembering?.begin(false)
        return []
      },
      name: () => {},
      named: async () => {},
    },
  })
  await given.remembering?.end()
  return { report, ...(place === undefined ? {} : { place }) }
}
