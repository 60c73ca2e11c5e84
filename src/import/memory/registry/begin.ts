import type { CallOptions } from '../../../content/store.js'
import { type ErrorCode, TransferError } from '../../../errors.js'
import type { StreamRecord } from '../stream-record.js'
import type { StateEntry } from './entries.js'
import type { RegistryMemoryOptions } from './registry-memory.js'
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
export async function beginNaming(attempt: Attempt, call: CallOptions): Promise<void> {
  const { stream, record, run, repository, newState } = attempt
  const before = await attempt.viewOf(stream, call)
  refuseNews(before, attempt)
  for (const other of alive(before, attempt)) throw conflict(other, attempt)
  const begin = { kind: 'begin', run, repository: repository.name, record } as const
  const entry = newState === undefined ? begin : { ...begin, newState }
  await attempt.publish(entry, before, call)
  try {
    await waitForOthers(attempt, call, before)
  } catch (cause) {
    const view = await attempt.viewOf(stream, call)
    await attempt.publish({ kind: 'gave-up', run }, view, call)
    throw cause
  }
}

/** Whoever came in between, while this import loaded, has changed what the verification stands on. */
function refuseNews(now: StreamView | undefined, attempt: Attempt): void {
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
  const since = now().getTime() - LEASE_MS - TOLERANCE_MS
  return unfinishedIn(view).filter(
    (other) => other.run !== run && other.record.waybill !== record.waybill && Date.parse(other.record.at) > since,
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
