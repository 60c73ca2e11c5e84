import type { ImportOptions } from '../../import/run.js'

/** Whoever has the last word, ready to be asked. */
export interface OpenedLastWord {
  readonly asked: Pick<ImportOptions, 'lastWord'>
  /** A connection is made when something is asked, and not before. */
  close(): Promise<void>
}
