import type { Repository } from '../../../oci/reference.js'
import type { SigningOptions } from '../../../sign/signing-options.js'
import type { RecordsStore, SnapshotOptions } from './snapshots.js'

/** What an importer has that remembers in a registry. */
export interface RegistryMemoryOptions {
  readonly repository: Repository
  readonly open: () => Promise<RecordsStore>
  /** how the importers' own signatures are judged */
  readonly verification: () => Promise<SnapshotOptions['verification']>
  /** the importer's key; undefined where nothing is to be remembered */
  readonly signing: SigningOptions | undefined
  /** this import, told from all others: 32 hexadecimal digits that nobody else draws */
  readonly run: string
  readonly now: () => Date
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** refuse to begin where nothing is remembered yet, of any stream or of the bundle's */
  readonly requireState: boolean
  /** why to begin anew where there are records and no state */
  readonly newState?: string
}
