import type { Stage, TransferEvent } from '../events.js'
import type { Digest } from '../oci/digest.js'

/** The work as a whole, folded from its events. Bounded: what has ended is counted, and not kept. */
export interface Transfer {
  readonly stage?: Stage
  /** milliseconds, of the session's clock */
  readonly startedAt?: number
  readonly total?: { readonly blobs: number; readonly bytes: number }
  readonly done: { readonly blobs: number; readonly bytes: number }
  /** what is under way, by digest; as many as there are pushes in flight */
  readonly active: ReadonlyMap<Digest, ActiveBlob>
  readonly counts: {
    readonly copied: number
    readonly present: number
    readonly mounted: number
    readonly resumed: number
  }
  /** the newest last */
  readonly checks: readonly SeenCheck[]
  readonly notes: readonly Note[]
  readonly tagged: number
  readonly retries: number
  /** moments and bytes, for speed: the newest last */
  readonly samples: readonly (readonly [atMs: number, bytes: number])[]
}

export interface ActiveBlob {
  readonly size: number
  readonly bytes: number
}

export interface SeenCheck {
  readonly check: string
  readonly subject: string
  readonly result: 'pass' | 'fail' | 'logged' | 'not-applicable'
}

/** A warning, or why something is tried again. Foreign text: shown through `printable`. */
export interface Note {
  readonly kind: 'warning' | 'retry'
  readonly text: string
}

export const NO_TRANSFER: Transfer = {
  done: { blobs: 0, bytes: 0 },
  active: new Map(),
  counts: { copied: 0, present: 0, mounted: 0, resumed: 0 },
  checks: [],
  notes: [],
  tagged: 0,
  retries: 0,
  samples: [],
}

const KEPT_NOTES = 50
const KEPT_CHECKS = 200

/** One event more. Pure; costs the same however many came before it. */
export function nextTransfer(state: Transfer, event: TransferEvent, atMs: number): Transfer {
  switch (event.type) {
    case 'stage-started':
      return {
        ...state,
        stage: event.stage,
        startedAt: atMs,
        done: NO_TRANSFER.done,
        active: NO_TRANSFER.active,
        samples: [[atMs, 0]],
        ...(event.total === undefined ? {} : { total: event.total }),
      }
    case 'blob-started':
      return { ...state, active: new Map(state.active).set(event.digest, { size: event.size, bytes: 0 }) }
    case 'checked': {
      const { check, subject, result } = event
      return { ...state, checks: [...state.checks, { check, subject, result }].slice(-KEPT_CHECKS) }
    }
    case 'tagged':
      return { ...state, tagged: state.tagged + 1 }
    case 'warning':
      return noted(state, { kind: 'warning', text: `${event.message} (${event.code})` })
    case 'retrying':
      return noted({ ...state, retries: state.retries + 1 }, { kind: 'retry', text: `${event.what}: ${event.reason}` })
    default:
      return state
  }
}

function noted(state: Transfer, note: Note): Transfer {
  return { ...state, notes: [...state.notes, note].slice(-KEPT_NOTES) }
}
