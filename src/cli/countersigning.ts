import type { ContentSink, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import { type Countersignature, countersign } from '../import/countersign.js'
import type { ImportOptions } from '../import/run.js'
import { formatRepository, type Repository } from '../oci/reference.js'
import type { CommandContext } from './context.js'
import { type EnvelopeFormat, parseSigning, type SigningWords, withSigning } from './signing.js'

/** What the command line of an import says about the importer's own signature. */
export interface CountersignWords extends SigningWords {
  readonly countersign?: boolean
  readonly signFormat?: EnvelopeFormat
}

export interface NamedCountersignature extends Countersignature {
  /** `HOST/NAME` at the target */
  readonly target: string
}

/** The importer's own signatures: what a load is to do, and what has come of it. */
export interface Countersigning {
  readonly made: readonly NamedCountersignature[]
  during(open: (target: Repository) => Promise<ContentSource & ContentSink>): Pick<ImportOptions, 'countersign'>
}

/**
 * Opens the importer's key where it is to sign, and closes it after `use`.
 * @throws ERR_USAGE, and as `withSigning` does
 */
export async function withCountersigning<T>(
  words: CountersignWords,
  context: CommandContext,
  use: (countersigning: Countersigning) => Promise<T>,
): Promise<T> {
  if (words.countersign !== true) {
    requireNothing(words)
    return await use({ made: [], during: () => ({}) })
  }
  const request = parseSigning(words, words.signFormat ?? 'jws')
  return await withSigning(words, { request, context }, async (signing) => {
    const made: NamedCountersignature[] = []
    return await use({
      made,
      during: (open) => ({
        countersign: async (root, target, { signal }) => {
          const done = await countersign(root, await open(target), { ...signing, signal })
          made.push({ target: formatRepository(target), ...done })
        },
      }),
    })
  })
}

function requireNothing({ key, cert, signFormat, expiry, metadata, timestampUrl }: CountersignWords): void {
  const wishes = [key, cert, signFormat, expiry, metadata, timestampUrl]
  if (wishes.every((wish) => wish === undefined)) return
  throw new TransferError('ERR_USAGE', 'options about a key or a signature need --countersign', { side: 'operator' })
}
