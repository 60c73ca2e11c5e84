import { TransferError } from '../errors.js'
import type { SigningOptions } from '../sign/signing-options.js'
import type { CommandContext } from './context.js'
import { type EnvelopeFormat, parseSigning, type SigningWords, withSigning } from './signing.js'

/** What the command line of an import says about the importing organisation's own key. */
export interface ImporterKeyWords extends SigningWords {
  readonly countersign?: boolean
  readonly signFormat?: EnvelopeFormat
}

/**
 * Opens the importer's key where one is named, and closes it after `use`. It signs what the importer answers for: receipts,
 * its state in a registry, and with `--countersign` what is loaded.
 * @param use gets undefined where no key is named
 * @throws ERR_USAGE, and as `withSigning` does
 */
export async function withImporterKey<T>(
  words: ImporterKeyWords,
  context: CommandContext,
  use: (signing: SigningOptions | undefined) => Promise<T>,
): Promise<T> {
  if (words.key === undefined) {
    requireNothing(words)
    return await use(undefined)
  }
  const request = parseSigning(words, words.signFormat ?? 'jws')
  return await withSigning(words, { request, context }, use)
}

function requireNothing(words: ImporterKeyWords): void {
  if (words.countersign === true) throw usage('--countersign needs the key to sign with: --key, and --cert')
  const { cert, signFormat, expiry, metadata, timestampUrl, timestampRoot, keyId, pluginConfig, passwordFile } = words
  const wishes = [cert, signFormat, expiry, metadata, timestampUrl, timestampRoot, keyId, pluginConfig, passwordFile]
  if (wishes.some((wish) => wish !== undefined)) throw usage('options about a key or a signature need --key')
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
