import type { Digest } from './oci/digest.js'

/**
 * What the use cases say while they work; the command line, the terminal UI, metrics and logs all read this.
 *
 * One stage is under way at a time. Of a blob comes `blob-started`, then `blob-progress` with so many bytes more, then
 * `blob-ended`. Where a transfer is tried again, `blob-started` comes again, and what was counted of it counts no more.
 * What need not be moved, and small things, only have `blob-ended`: all of their size is done then. While bytes are only
 * hashed, only `blob-progress` comes. How many manifests there are is not known before all of them have been `walked`.
 */
export type TransferEvent =
  | { readonly type: 'stage-started'; readonly stage: Stage; readonly total?: Amount }
  | { readonly type: 'stage-ended'; readonly stage: Stage }
  | { readonly type: 'pinned'; readonly reference: string; readonly digest: Digest }
  | { readonly type: 'walked'; readonly digest: Digest }
  | { readonly type: 'blob-started'; readonly digest: Digest; readonly size: number }
  | { readonly type: 'blob-progress'; readonly digest: Digest; readonly bytes: number }
  | {
      readonly type: 'blob-ended'
      readonly digest: Digest
      readonly size: number
      readonly how: 'copied' | 'present' | 'mounted' | 'resumed'
    }
  | { readonly type: 'tagged'; readonly reference: string; readonly digest: Digest }
  | {
      readonly type: 'checked'
      readonly check: string
      readonly subject: string
      readonly result: 'pass' | 'fail' | 'logged' | 'not-applicable'
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | { readonly type: 'retrying'; readonly what: string; readonly waitMs: number; readonly reason: string }

export type Stage =
  | 'pin'
  | 'walk'
  | 'evidence'
  | 'write'
  | 'seal'
  | 'open'
  | 'verify'
  | 'look'
  | 'base'
  | 'load'
  | 'tag'

/** What the work is doing, as people read it: on lines and on screens. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  open: 'opening',
  pin: 'resolving names',
  walk: 'looking at what is there',
  evidence: 'asking about revocation',
  write: 'writing',
  seal: 'flushing to the disk',
  verify: 'verifying',
  look: 'asking the target what its names mean',
  base: 'asking the target for what the bundle builds on',
  load: 'loading',
  tag: 'setting tags',
}

export interface Amount {
  readonly blobs: number
  readonly bytes: number
}

export type Emit = (event: TransferEvent) => void
