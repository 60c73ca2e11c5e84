import { refuseExisting } from '../bundle/partial-file.js'
import { TransferError } from '../errors.js'
import type { IssuedReceipt } from '../import/receipt/issue-receipt.js'
import { formatRepository } from '../oci/reference.js'
import type { SigningOptions } from '../sign/signing-options.js'
import type { CommandContext } from './context.js'
import { requireFolder, writeNewFile } from './new-file.js'
import { qrLines } from './render/qr.js'

/** What the command line of an import says about its receipt. */
export interface ReceiptWords {
  readonly receipt?: string
  readonly qr?: boolean
  readonly dryRun?: boolean
}

/**
 * Finds what is wrong with the wishes for a receipt before anything else is done.
 * @throws ERR_USAGE, ERR_FILE_EXISTS
 */
export async function checkReceiptWords(words: ReceiptWords, signing: SigningOptions | undefined): Promise<void> {
  const { receipt, qr, dryRun } = words
  if (receipt === undefined && qr !== true) return
  if (signing === undefined)
    throw usage('a receipt is signed: --receipt and --qr need the importer’s key, --key and --cert')
  if (dryRun === true) throw usage('--dry-run does nothing of which there could be a receipt')
  if (receipt !== undefined) await requireNewReceipt(receipt)
  if (qr === true && 'sealPayload' in signing.signer)
    throw usage('--qr needs a key that signs by itself; this plugin makes whole signatures only')
}

/**
 * Requires that a receipt can be written there.
 * @throws ERR_USAGE, ERR_FILE_EXISTS, ERR_MEDIUM
 */
export async function requireNewReceipt(path: string): Promise<void> {
  if (path === '') throw usage('--receipt names no file')
  await refuseExisting(path)
  await requireFolder(path)
}

/**
 * Writes the receipt's file, where one is asked for.
 * @throws ERR_FILE_EXISTS, ERR_DISK_FULL, ERR_MEDIUM, with the word that the content is loaded, where it is
 */
export async function writeReceipt(issued: IssuedReceipt | undefined, { receipt: path }: ReceiptWords): Promise<void> {
  if (issued === undefined || path === undefined) return
  try {
    await writeNewFile(path, issued.bytes)
  } catch (cause) {
    if (!(cause instanceof TransferError) || issued.repository === undefined) throw cause
    const message = `everything is loaded, and the receipt hangs in ${formatRepository(issued.repository)}; only its file is missing: ${cause.message}; the same command, with another name, writes it`
    throw new TransferError(cause.code, message, { cause, side: 'operator', subject: path })
  }
}

/** The receipt in the document of an import. */
export function receiptOutput(issued: IssuedReceipt | undefined, { receipt: path }: ReceiptWords) {
  if (issued === undefined) return {}
  const { digest, repository, added, compact } = issued
  return {
    receipt: {
      digest,
      ...(repository === undefined ? {} : { repository: formatRepository(repository) }),
      ...(path === undefined ? {} : { path }),
      added,
      ...(compact === undefined ? {} : { compact }),
    },
  }
}

/** The same in lines, and with `--qr` the code. */
export function issuedLines(
  issued: IssuedReceipt | undefined,
  { receipt: path, qr }: ReceiptWords,
  context: Pick<CommandContext, 'terminal'>,
): string[] {
  if (issued === undefined) return []
  const { digest, repository, added, compact } = issued
  const where = repository === undefined ? '' : `${formatRepository(repository)}@`
  return [
    `receipt ${where}${digest}${added ? '' : ' (there already)'}${path === undefined ? '' : ` in ${path}`}`,
    ...(qr === true && compact !== undefined ? compactLines(compact, context) : []),
  ]
}

/** A compact receipt as a code, and as the text that is in it. */
export function compactLines(compact: string, { terminal = false }: Pick<CommandContext, 'terminal'>): string[] {
  return [...qrLines(compact, { terminal }), compact]
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
