import type { CallOptions } from '../../../content/store.js'
import { type ErrorCode, TransferError } from '../../../errors.js'
import type { StreamRecord } from '../stream-record.js'
import type { StateEntry } from './entries.js'
import type { RegistryMemoryOptions } from './options.js'
import { type BeginEntry, beginsIn, type StreamView, unfinishedIn } from './view.js'

export interface Attempt extends Pick<RegistryMemoryOptions, 'run' | 'now' | 'sleep' | 'newState' | 'repository'> {
  readonly stream: string
  /** what the verification stands on */
  readonly view: StreamView | undefined
  readonly record: StreamRecord
  /** Adds an entry to what has been read. */
  readonly publish: (entry: StateEntry, view: StreamView | undefined, call: CallOptions) => Promise<void>
  /** Reads the stream's state anew. */
  readonly viewOf: (stream: string, call: CallOptions) => Promise<StreamView | undefined>
}

/** How long after its begin an import may set names, and is taken to be alive. Names are set in seconds. */
export const LEASE_MS = 15 * 60_000

const TOLERANCE_MS = 5 * 60_000

/** How long is waited for one that is setting names. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 1_000

/**
 * Says that this import is about to set names, and makes sure that no other one does. Everybody writes first and reads
 * then, so that of two at least one sees the other. Of two the one with the lower number gives way; an import that began
 * before this one could be seen is waited for. Imports of the same bundle set the same names, and do not disturb each other.
 * @throws ERR_STATE_BUSY, ERR_EQUIVOCATION, and what the registry throws; nothing was named then
 */
export async function beginNaming(attempt: Attempt, before: StreamView | undefined, call: CallOptions): Promise<void> {
  const { record, run, repository, newState } = attempt
  for (const other of alive(before, attempt)) throw conflict(other, attempt)
  const begin = { kind: 'begin', run, repository: repository.name, record } as const
  const entry = newState === undefined ? begin : { ...begin, newState }
  await attempt.publish(entry, before, call)
  try {
    await waitForOthers(attempt, call, before)
  } catch (cause) {
    await giveUp(attempt)
    throw cause
  }
}

const LAST_WORD_MS = 30_000

/** Also for an import that was interrupted, or the others would wait for it. Where it fails they do, and no longer. */
async function giveUp({ stream, run, viewOf, publish }: Attempt): Promise<void> {
  const call = { signal: AbortSignal.timeout(LAST_WORD_MS) }
  await viewOf(stream, call)
    .then((view) => publish({ kind: 'gave-up', run }, view, call))
    .catch(() => undefined)
}

/**
 * Whoever came in between, while this import loaded, has changed what the verification stands on.
 * @throws ERR_STATE_BUSY, ERR_EQUIVOCATION
 */
export function refuseNews(now: StreamView | undefined, attempt: Attempt): void {
  const known = new Set(beginsIn(attempt.view?.entries ?? []).map(({ run }) => run))
  const news = beginsIn(now?.entries ?? []).find(
    ({ run, record }) => !known.has(run) && record.waybill !== attempt.record.waybill,
  )
  if (news !== undefined) throw conflict(news, attempt)
}

/** Others that may be setting names of another bundle at this moment. */
function alive(view: StreamView | undefined, { record, run, now }: Attempt): readonly BeginEntry[] {
  if (view === undefined) return []
  // Clocks of two importers differ, and the announcement itself took a while.
  const isNow = (at: number): boolean => Math.abs(now().getTime() - at) < LEASE_MS + TOLERANCE_MS
  return unfinishedIn(view).filter(
    (other) => other.run !== run && other.record.waybill !== record.waybill && isNow(Date.parse(other.record.at)),
  )
}

async function waitForOthers(attempt: Attempt, call: CallOptions, before: StreamView | undefined): Promise<void> {
  const known = new Set(beginsIn(before?.entries ?? []).map(({ run }) => run))
  for (let waited = 0; ; waited += PAUSE_MS) {
    const view = await attempt.viewOf(attempt.stream, call)
    const others = alive(view, attempt).filter(({ run }) => !known.has(run))
    const [first] = others
    if (first === undefined) return
    const ahead = others.find(({ record }) => record.sequence >= attempt.record.sequence)
    if (ahead !== undefined) throw conflict(ahead, attempt)
    // It is older, and may not have seen this one: it ends, or gives way.
    if (waited >= PATIENCE_MS) throw conflict(first, attempt)
    await attempt.sleep(PAUSE_MS, call.signal)
  }
}

function conflict({ record }: BeginEntry, { stream, record: mine, repository }: Attempt): TransferError {
  const twin = record.sequence === mine.sequence
  const code: ErrorCode = twin ? 'ERR_EQUIVOCATION' : 'ERR_STATE_BUSY'
  const message = twin
    ? `number ${mine.sequence} of ${stream} is ${mine.waybill}, and another import, of ${record.at}, has it as ${record.waybill}`
    : `another import, of ${record.at}, brings number ${record.sequence} of ${stream} while this one brings number ${mine.sequence}`
  return new TransferError(code, message, { side: 'sink', subject: repository.name })
}
