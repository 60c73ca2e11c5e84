import { TransferError } from '../errors.js'
import type { ExportOptions } from '../export/run.js'
import { makesEnvelopes, type SigningOptions } from '../sign/signing-options.js'
import { learnAuthority } from '../sign/timestamp.js'
import type { CommandContext } from './context.js'
import { readChain } from './open-signer.js'
import { type EnvelopeFormat, parseSigning, type SigningWords, withSigning } from './signing.js'

/** What the command line of an export says about signatures. */
export interface ExportSigningWords extends SigningWords {
  readonly unsigned?: boolean
  readonly dryRun?: boolean
  /** sign every root as well */
  readonly sign?: boolean
  readonly signFormat?: EnvelopeFormat
}

/** How an export signs; nothing where it does not. */
export interface ExportSigning extends Pick<ExportOptions, 'ownChains' | 'signRoots'> {
  readonly signing?: SigningOptions
}

/**
 * Opens the exporter's key, and closes it after `use`. A dry run signs nothing, and needs no key.
 * @throws ERR_USAGE, and as `withSigning` does
 */
export async function withExportSigning<T>(
  words: ExportSigningWords,
  context: CommandContext,
  use: (given: ExportSigning) => Promise<T>,
): Promise<T> {
  const request = parseSigning(words, words.signFormat ?? 'jws')
  if (words.unsigned === true) requireNoSigning(words)
  else if (words.dryRun !== true) requireKey(words)
  if (words.dryRun === true || words.unsigned === true) return await use({})
  return await withSigning(words, { request, context }, async (signing) => {
    const ownChains = await chainsOf(signing, words, context)
    return await use({ signing, ownChains, ...(words.sign === true ? { signRoots: signing } : {}) })
  })
}

async function chainsOf(signing: SigningOptions, { cert }: ExportSigningWords, context: CommandContext) {
  const { signer, authority, signal } = signing
  const signers = makesEnvelopes(signer) ? (cert === undefined ? [] : await readChain(cert, context)) : signer.chain
  const stamping = authority === undefined ? [] : await learnAuthority(authority, { signal })
  return [
    { from: 'the bundle', certificates: signers },
    { from: 'the timestamp of the bundle', certificates: stamping },
  ]
}

function requireKey({ key }: ExportSigningWords): void {
  if (key === undefined) throw usage('give --key and --cert to sign the bundle, or --unsigned')
}

function requireNoSigning(words: ExportSigningWords): void {
  const { key, cert, sign, signFormat, expiry, metadata, timestampUrl } = words
  const wishes = [key, cert, sign, signFormat, expiry, metadata, timestampUrl]
  if (wishes.some((wish) => wish !== undefined))
    throw usage('--unsigned and options about a signature exclude each other')
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
