import type { ContentSink, ContentSource } from '../content/store.js'
import type { ImportOptions } from '../import/run.js'
import { type Countersignature, countersign } from '../import/target/countersign.js'
import { formatRepository, type Repository } from '../oci/reference.js'
import type { SigningOptions } from '../sign/signing-options.js'
import type { ImporterKeyWords } from './importer-key.js'

export interface NamedCountersignature extends Countersignature {
  /** `HOST/NAME` at the target */
  readonly target: string
}

/** The importer's own signatures: what a load is to do, and what has come of it. */
export interface Countersigning {
  readonly made: readonly NamedCountersignature[]
  during(open: (target: Repository) => Promise<ContentSource & ContentSink>): Pick<ImportOptions, 'countersign'>
}

/** The importer's own signatures on what is loaded, where they are wanted and there is a key. */
export function countersigningWith(
  signing: SigningOptions | undefined,
  { countersign: wanted }: Pick<ImporterKeyWords, 'countersign'>,
): Countersigning {
  if (signing === undefined || wanted !== true) return { made: [], during: () => ({}) }
  const made: NamedCountersignature[] = []
  return {
    made,
    during: (open) => ({
      countersign: async (root, target, { signal }) => {
        const done = await countersign(root, await open(target), { ...signing, signal })
        made.push({ target: formatRepository(target), ...done })
      },
    }),
  }
}
