import { printable } from '../encoding/printable.js'
import type { Amount, Stage, TransferEvent } from '../events.js'
import type { Digest } from '../oci/digest.js'
import { movedPace, NO_PACE, type Pace, pausedPace, speedOf, startedPace } from './pace.js'

/**
 * The work as a whole, folded from its events. Bounded, whatever comes: what has ended is counted, and not kept. What it
 * is made of is small, because a part of it is made anew for each of ten thousand events a second.
 */
export interface Transfer {
  readonly stage: Stage | undefined
  /** in the order in which they ended; each once */
  readonly endedStages: readonly Stage[]
  /** of the stage, where that is known before */
  readonly total: Amount | undefined
  /** of the stage; never above the total */
  readonly done: Amount
  /** bytes of the stage, as they were counted; what is sent anew is taken back */
  readonly counted: number
  /** bytes that the verification has hashed; stays for what comes after it */
  readonly hashed: number
  /** what is under way, the oldest first: as many as there are pushes in flight, and at most so many */
  readonly active: readonly ActiveBlob[]
  readonly counts: Counts
  /** by the check's name */
  readonly checks: ReadonlyMap<string, CheckCounts>
  /** what failed, and what would have if it were not only logged: the first of them */
  readonly findings: readonly SeenCheck[]
  /** the newest last */
  readonly notes: readonly Note[]
  readonly tagged: number
  /** manifests that were read to find out what there is */
  readonly walked: number
  readonly retries: number
  readonly pace: Pace
}

export interface ActiveBlob {
  readonly digest: Digest
  readonly size: number
  /** never above the size */
  readonly bytes: number
}

/** Blobs and manifests by what became of them. */
export interface Counts {
  readonly copied: number
  readonly present: number
  readonly mounted: number
  readonly resumed: number
}

type CheckResult = Extract<TransferEvent, { readonly type: 'checked' }>['result']
export type CheckCounts = Readonly<Record<CheckResult, number>>

/** Printable. */
export interface SeenCheck {
  readonly check: string
  readonly subject: string
  readonly result: 'fail' | 'logged'
}

/** A warning, or why something is tried again. Printable. */
export interface Note {
  readonly kind: 'warning' | 'retry'
  readonly text: string
  /** how often it was said, one after the other */
  readonly times: number
}

export const NO_TRANSFER: Transfer = {
  stage: undefined,
  endedStages: [],
  total: undefined,
  done: { blobs: 0, bytes: 0 },
  counted: 0,
  hashed: 0,
  active: [],
  counts: { copied: 0, present: 0, mounted: 0, resumed: 0 },
  checks: new Map(),
  findings: [],
  notes: [],
  tagged: 0,
  walked: 0,
  retries: 0,
  pace: NO_PACE,
}

const NO_CHECKS: CheckCounts = { pass: 0, fail: 0, logged: 0, 'not-applicable': 0 }
const KEPT_NOTES = 50
const KEPT_FINDINGS = 200
const KEPT_ACTIVE = 64
const KEPT_CHECK_NAMES = 32

/** One event more. Pure; costs the same however many came before it. */
export function nextTransfer(state: Transfer, event: TransferEvent, atMs: number): Transfer {
  switch (event.type) {
    case 'stage-started':
      return stageStarted(state, event, atMs)
    case 'stage-ended':
      return { ...state, endedStages: [...state.endedStages.filter((stage) => stage !== event.stage), event.stage] }
    case 'blob-started':
      return blobStarted(state, event, atMs)
    case 'blob-progress':
      return state.stage === 'verify' ? blobHashed(state, event.bytes, atMs) : blobMoved(state, event, atMs)
    case 'blob-ended':
      return blobEnded(state, event, atMs)
    case 'checked':
      return checked(state, event)
    case 'walked':
      return { ...state, walked: state.walked + 1, pace: movedPace(state.pace, 0, atMs) }
    case 'tagged':
      return { ...state, tagged: state.tagged + 1 }
    case 'warning':
      return noted(state, 'warning', `${event.message} (${event.code})`)
    case 'retrying':
      return noted({ ...state, retries: state.retries + 1 }, 'retry', `${event.what}: ${event.reason}`)
    case 'pinned':
      return state
    default:
      return unreachable(event)
  }
}

/** Time went by. */
export function laterTransfer(state: Transfer, atMs: number): Transfer {
  return { ...state, pace: movedPace(state.pace, 0, atMs) }
}

/** A person holds the work, or lets it go on. */
export function pausedTransfer(state: Transfer, paused: boolean): Transfer {
  const pace = pausedPace(state.pace, paused)
  return pace === state.pace ? state : { ...state, pace }
}

/** Whole percent of the stage, 100 only where nothing is left; undefined where nobody knows. */
export function percentOf({ total, done }: Transfer): number | undefined {
  if (total === undefined) return undefined
  if (total.bytes > 0) return Math.floor((100 * done.bytes) / total.bytes)
  return total.blobs > 0 ? Math.floor((100 * done.blobs) / total.blobs) : 100
}

/** Milliseconds that the stage still takes at the speed that it has; undefined where nobody knows, and in a pause. */
export function leftMs({ total, done, pace }: Transfer): number | undefined {
  const speed = speedOf(pace)
  if (total === undefined || pace.pausedAt !== undefined || !speed) return undefined
  return ((total.bytes - done.bytes) / speed) * 1000
}

type Event<Type extends TransferEvent['type']> = Extract<TransferEvent, { readonly type: Type }>

function stageStarted(state: Transfer, { stage, total }: Event<'stage-started'>, atMs: number): Transfer {
  const { done, counted, active } = NO_TRANSFER
  const endedStages = state.endedStages.filter((one) => one !== stage)
  const hashed = stage === 'verify' ? 0 : state.hashed
  return { ...state, stage, endedStages, total, done, counted, active, hashed, pace: startedPace(state.pace, atMs) }
}

/** A blob that is started again starts at its first byte: what was counted of it is taken back. */
function blobStarted(state: Transfer, { digest, size }: Event<'blob-started'>, atMs: number): Transfer {
  const at = indexOf(state.active, digest)
  const before = state.active[at]
  const pace = movedPace(state.pace, 0, atMs)
  if (before === undefined) {
    // More at once than are shown: they are counted when they end.
    if (state.active.length >= KEPT_ACTIVE) return { ...state, pace }
    return { ...state, pace, active: [...state.active, { digest, size, bytes: 0 }] }
  }
  const active = state.active.with(at, { digest, size, bytes: 0 })
  return { ...counted({ ...state, active }, -before.bytes), pace }
}

function blobMoved(state: Transfer, event: Event<'blob-progress'>, atMs: number): Transfer {
  const at = indexOf(state.active, event.digest)
  const blob = state.active[at]
  const bytes = positive(event.bytes)
  const pace = movedPace(state.pace, bytes, atMs)
  if (blob === undefined) return { ...state, pace }
  const after = Math.min(blob.size, blob.bytes + bytes)
  const active = state.active.with(at, { digest: blob.digest, size: blob.size, bytes: after })
  return { ...counted(state, after - blob.bytes), active, pace }
}

/** A verification says of each blob once how many bytes it hashed, and neither that it began nor that it ended. */
function blobHashed(state: Transfer, bytes: number, atMs: number): Transfer {
  const more = positive(bytes)
  const after = counted(state, more, 1)
  return { ...after, hashed: after.done.bytes, pace: movedPace(state.pace, more, atMs) }
}

function blobEnded(state: Transfer, { digest, size, how }: Event<'blob-ended'>, atMs: number): Transfer {
  const blob = state.active[indexOf(state.active, digest)]
  const rest = positive(size) - (blob?.bytes ?? 0)
  const active = blob === undefined ? state.active : state.active.filter((one) => one !== blob)
  // What is at the target already is done, and tells nothing about the speed.
  const moved = how === 'copied' ? positive(rest) : 0
  return {
    ...counted(state, rest, 1),
    active,
    counts: { ...state.counts, [how]: state.counts[how] + 1 },
    pace: movedPace(state.pace, moved, atMs),
  }
}

function counted(state: Transfer, bytes: number, blobs = 0): Transfer {
  const { total } = state
  const sum = state.counted + bytes
  const done = {
    blobs: Math.min(total?.blobs ?? Number.POSITIVE_INFINITY, state.done.blobs + blobs),
    bytes: Math.min(total?.bytes ?? Number.POSITIVE_INFINITY, sum),
  }
  return { ...state, counted: sum, done }
}

function checked(state: Transfer, { check, subject, result }: Event<'checked'>): Transfer {
  const before = state.checks.get(check)
  if (before === undefined && state.checks.size >= KEPT_CHECK_NAMES) return state
  const checks = new Map(state.checks).set(check, { ...NO_CHECKS, ...before, [result]: (before?.[result] ?? 0) + 1 })
  const kept = (result === 'fail' || result === 'logged') && state.findings.length < KEPT_FINDINGS
  if (!kept) return { ...state, checks }
  return { ...state, checks, findings: [...state.findings, { check, subject: printable(subject), result }] }
}

function noted(state: Transfer, kind: Note['kind'], said: string): Transfer {
  const text = printable(said)
  const last = state.notes.at(-1)
  if (last?.kind === kind && last.text === text) {
    return { ...state, notes: state.notes.with(-1, { kind, text, times: last.times + 1 }) }
  }
  return { ...state, notes: [...state.notes.slice(1 - KEPT_NOTES), { kind, text, times: 1 }] }
}

function indexOf(active: readonly ActiveBlob[], digest: Digest): number {
  return active.findIndex((blob) => blob.digest === digest)
}

/** Nothing, where it is no number that can be counted. */
function positive(bytes: number): number {
  return Number.isFinite(bytes) ? Math.max(0, bytes) : 0
}

function unreachable(value: never): never {
  throw new Error(`not an event: ${JSON.stringify(value)}`)
}
