import type { CallOptions, ContentSink, ContentSource } from '../content/store.js'
import type { Emit } from '../events.js'
import type { Repository } from '../oci/reference.js'
import type { RollbackOptions } from './checks/rollback.js'
import { type Decision, decide } from './decide.js'
import { type LastWord, withLastWord } from './last-word.js'
import { type LoadOptions, type LoadReport, load } from './load.js'
import type { ImporterMemory } from './memory.js'
import { type Destination, placeRoots } from './names.js'
import { goneBack, type RememberedPlace, takePlace } from './remember.js'
import type { Verification } from './verification.js'

/** A repository of the target: to write to, and to read what is there. */
export type OpenTarget = (repository: Repository) => Promise<ContentSource & ContentSink>

export interface ImportOptions extends CallOptions {
  readonly destination: Destination
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
  /** asked when everything else is decided, and before the target is */
  readonly lastWord?: LastWord
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
}

/**
 * Imports what was verified: decides, loads, and remembers. Nobody is asked anything before the decision, and nothing is
 * written where it refuses. What is remembered is written when all content is there, before the first name: a crash
 * leaves names that are finished by the next run, and never a state that lets something older in.
 * @throws what the target, the memory and the medium throw; run again it goes on
 */
export async function runImport(verified: Verification, given: ImportOptions): Promise<ImportResult> {
  const placed = placeRoots(verified.bundle.document.roots, given)
  const decided = { verification: verified, decision: decide(verified, placed) }
  const { verification, decision } = await withLastWord(decided, { ...given, placed, lastWord: given.lastWord })
  const result = { verification, decision, ...allowedBy(verification, given) }
  if (!decision.rulings.some(({ kind }) => kind === 'admit')) return result
  const remembering = await takePlace(verification, given)
  try {
    let place: RememberedPlace | undefined
    const report = await load(decision, {
      ...given,
      ...(given.countersign === undefined ? {} : { signRoot: given.countersign }),
      beforeNaming: async () => {
        place = await remembering?.begin()
      },
    })
    await remembering?.end()
    return { ...result, report, ...(place === undefined ? {} : { place }) }
  } finally {
    await remembering?.close()
  }
}

function allowedBy(verification: Verification, { rollback: { allow } }: ImportOptions) {
  return goneBack(verification) && allow !== undefined ? { goneBackFor: allow } : {}
}
