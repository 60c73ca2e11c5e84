import type { TransferEvent } from '../events.js'
import type { Refusals, Review } from '../import/review/review.js'
import { afterDone, type Filled } from './filled.js'
import type { Audit, ReadsDocuments, WorkEnd } from './means.js'
import { laterTransfer, NO_TRANSFER, nextTransfer, pausedTransfer, type Transfer } from './transfer.js'

export type ScreenName = 'home' | 'first-steps' | 'import' | 'export' | 'audit'

export type WorkKind = 'import' | 'export' | 'audit'

/** A piece of work: nothing, running, waiting for a person, or ended. One at a time. */
export interface Work {
  readonly kind: WorkKind | 'none'
  readonly phase: 'idle' | 'running' | 'review' | 'loading' | 'stopping' | 'ended'
  readonly paused: boolean
  /** from the moment on at which the person is asked */
  readonly review?: Review
  /** what of it can be read */
  readonly documents?: ReadsDocuments
  /** how often: more than once where the target has changed while somebody was reading */
  readonly asked: number
  /** what the person has said so far; nothing of it counts before it is answered */
  readonly refusals: Refusals
  readonly end?: WorkEnd
  /** what lies open to be read, until it is left */
  readonly audit?: Audit
  readonly transfer: Transfer
}

/** Everything that is on the screen, but for what a person is just typing. */
export interface State {
  /** the last one is shown; never empty */
  readonly screens: readonly ScreenName[]
  readonly help: boolean
  readonly work: Work
  readonly filled: Filled
  /** of the last work that was left: the program ends as it did */
  readonly left?: WorkEnd
}

/** What happens: in the work, or because a person pressed something. */
export type Happening =
  | { readonly type: 'transfer'; readonly event: TransferEvent; readonly atMs: number }
  /** time went by; the session says so before everything else that is no event, so that pauses are known exactly */
  | { readonly type: 'tick'; readonly atMs: number }
  | { readonly type: 'work-started'; readonly kind: WorkKind }
  | { readonly type: 'filled-in'; readonly filled: Filled }
  | { readonly type: 'review-asked'; readonly review: Review; readonly documents: ReadsDocuments }
  | { readonly type: 'refused'; readonly root: number; readonly reason: string }
  | { readonly type: 'refusal-taken-back'; readonly root: number }
  | { readonly type: 'review-answered'; readonly refusals: Refusals }
  | { readonly type: 'paused'; readonly paused: boolean }
  | { readonly type: 'stop-asked' }
  | { readonly type: 'work-ended'; readonly end: WorkEnd }
  | { readonly type: 'audit-opened'; readonly audit: Audit }
  | { readonly type: 'work-left' }
  | { readonly type: 'opened'; readonly screen: ScreenName }
  | { readonly type: 'back' }
  | { readonly type: 'help'; readonly shown: boolean }

export const NO_WORK: Work = {
  kind: 'none',
  phase: 'idle',
  paused: false,
  asked: 0,
  refusals: new Map(),
  transfer: NO_TRANSFER,
}

export function startState(screen: ScreenName): State {
  return { screens: screen === 'home' ? ['home'] : ['home', screen], help: false, work: NO_WORK, filled: {} }
}

/** The whole user interface is this fold; a screen is a function of what it gives. Pure. */
export function next(state: State, happening: Happening): State {
  switch (happening.type) {
    case 'opened':
      return { ...state, screens: [...state.screens, happening.screen] }
    case 'back':
      return state.screens.length === 1 ? state : { ...state, screens: state.screens.slice(0, -1) }
    case 'help':
      return { ...state, help: happening.shown }
    case 'filled-in':
      return { ...state, filled: { ...state.filled, ...happening.filled } }
    case 'work-left': {
      const { end, kind } = state.work
      if (end === undefined) return { ...state, work: NO_WORK }
      return { ...state, work: NO_WORK, left: end, filled: end.good ? afterDone(state.filled, kind) : state.filled }
    }
    default: {
      const work = nextWork(state.work, happening)
      return work === state.work ? state : { ...state, work }
    }
  }
}

type WorkHappening = Exclude<Happening, { readonly type: 'opened' | 'back' | 'help' | 'filled-in' | 'work-left' }>

/** Something is under way, or waits for a person. */
export function isRunning({ phase }: Pick<Work, 'phase'>): boolean {
  return phase !== 'idle' && phase !== 'ended'
}

function nextWork(work: Work, happening: WorkHappening): Work {
  switch (happening.type) {
    case 'transfer': {
      const transfer = nextTransfer(work.transfer, happening.event, happening.atMs)
      return transfer === work.transfer ? work : { ...work, transfer }
    }
    case 'tick':
      return isRunning(work) ? { ...work, transfer: laterTransfer(work.transfer, happening.atMs) } : work
    case 'work-started':
      return { ...NO_WORK, kind: happening.kind, phase: 'running' }
    case 'review-asked':
      return {
        ...work,
        phase: 'review',
        review: happening.review,
        documents: happening.documents,
        asked: work.asked + 1,
      }
    case 'refused':
      return { ...work, refusals: new Map(work.refusals).set(happening.root, happening.reason) }
    case 'refusal-taken-back':
      return { ...work, refusals: new Map([...work.refusals].filter(([root]) => root !== happening.root)) }
    case 'review-answered':
      return { ...work, phase: 'loading', refusals: happening.refusals }
    case 'paused':
      return { ...work, paused: happening.paused, transfer: pausedTransfer(work.transfer, happening.paused) }
    case 'stop-asked':
      return { ...work, phase: 'stopping', paused: false, transfer: pausedTransfer(work.transfer, false) }
    case 'work-ended':
      return { ...work, phase: 'ended', paused: false, end: happening.end }
    case 'audit-opened':
      return { ...work, phase: 'ended', paused: false, end: happening.audit.end, audit: happening.audit }
    default:
      return unreachable(happening)
  }
}

function unreachable(value: never): never {
  throw new Error(`not a happening: ${JSON.stringify(value)}`)
}
