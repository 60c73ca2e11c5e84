import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { damaged, type LinePlace, type Log } from '../../state/log-lines.js'
import { type FinishedImport, type ImportIdentity, type JournalEntry, parseEntry } from './entries.js'
import type { PlannedName } from './planned-name.js'

/** An import that was begun at a target, and neither ended nor abandoned. */
export interface UnfinishedImport {
  readonly begun: Extract<JournalEntry, { readonly step: 'begun' }>
  /** repositories that have all of their content */
  readonly content: ReadonlySet<string>
  readonly steps: ReadonlySet<JournalEntry['step']>
  /** Every name that was to be set, where it came so far: all content is there then, and remembered. */
  readonly naming?: readonly PlannedName[]
}

/** What a journal says. */
export interface JournalState {
  /** as they are written, oldest first; no more than are kept */
  readonly history: readonly Finished[]
  readonly unfinished?: UnfinishedImport
}

export type Finished = Extract<JournalEntry, { readonly step: 'ended' | 'abandoned' }>

interface Building {
  readonly begun: UnfinishedImport['begun']
  readonly content: Set<string>
  readonly steps: Set<JournalEntry['step']>
  naming?: readonly PlannedName[]
}

/**
 * Puts together what the lines of a journal say.
 * @throws ERR_STATE_DAMAGED
 */
export function foldJournal(
  log: Log,
  { path, registry }: { readonly path: string; readonly registry: string },
): JournalState {
  const history: Finished[] = []
  let building: Building | undefined
  for (const [at, json] of log.entries.entries()) {
    const where = { path, line: at + 1 }
    const entry = parseEntry(json, where)
    // A file under another name would be rolled forward at another registry.
    if ('registry' in entry && entry.registry !== registry) throw damaged(where, `it is about ${entry.registry}`)
    if (isFinished(entry)) history.push(entry)
    building = isFinished(entry) ? undefined : goneOn(building, entry, where)
  }
  const kept = history.slice(-LIMITS.journalHistory)
  return { history: kept, ...(building === undefined ? {} : { unfinished: building }) }
}

function goneOn(building: Building | undefined, entry: Exclude<JournalEntry, Finished>, where: LinePlace): Building {
  if (entry.step === 'begun') {
    if (building !== undefined) throw damaged(where, 'another import was not ended before')
    return { begun: entry, content: new Set(), steps: new Set(['begun']) }
  }
  if (building === undefined) throw damaged(where, 'no import was begun before')
  building.steps.add(entry.step)
  if (entry.step === 'content') building.content.add(entry.repository)
  if (entry.step === 'naming') building.naming = entry.set
  return building
}

function isFinished(entry: JournalEntry): entry is Finished {
  return entry.step === 'ended' || entry.step === 'abandoned'
}

export function isSameImport(one: ImportIdentity, other: ImportIdentity): boolean {
  return one.waybill === other.waybill && one.names === other.names
}

/** Whether an import was ended here, with everything that belongs to it. */
export function hasEnded({ history }: JournalState, identity: ImportIdentity): boolean {
  return history.some((one) => one.step === 'ended' && isSameImport(one, identity))
}

/** What is kept of an import when nothing is left to do of it. */
export function finishedOf(
  { waybill, names, registry }: ImportIdentity & { readonly registry: string },
  at: string,
): FinishedImport {
  return { waybill, names, registry, at }
}

/** Says what to do about a journal that cannot be read: it guards no content, so it may be put aside by whoever knows. */
export function explainDamage(cause: unknown, path: string): unknown {
  if (!(cause instanceof TransferError) || cause.code !== 'ERR_STATE_DAMAGED') return cause
  const message = `${cause.message}; it is a journal of imports: docs/operator.md says under “When an import was interrupted” what to do`
  return new TransferError('ERR_STATE_DAMAGED', message, { cause, side: 'operator', subject: path })
}
