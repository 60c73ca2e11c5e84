import type { HeldContent } from '../bundle/base.js'
import { openBundle } from '../bundle/reader.js'
import { TransferError } from '../errors.js'
import { acknowledgements, type VerifiedReceipt } from '../export/acknowledged.js'
import { assumed } from '../export/assume.js'
import { isDigest } from '../oci/digest.js'
import { refuses } from '../trust/notary/judged.js'
import type { SignatureOutcome } from '../trust/outcome.js'
import type { CommandContext } from './context.js'
import { readEvidenceFiles } from './evidence-files.js'
import { trustFolder } from './trust.js'
import { readCopy } from './waybill-copies.js'

/** What the command line of an export says about what the far side has. */
export interface BaseWords {
  readonly base?: readonly string[]
  readonly assume?: readonly string[]
  readonly evidence?: readonly string[]
}

/**
 * What need not be carried: what importers have acknowledged, and what is assumed.
 * @throws ERR_RECEIPT_INVALID, ERR_TRUST_STORE_INVALID, ERR_MEDIUM, and what the reading of a bundle throws
 */
export async function heldAtFarSide(words: BaseWords, context: CommandContext): Promise<readonly HeldContent[]> {
  const { held, passedOver } = acknowledgements(await verifiedReceipts(words, context))
  for (const message of passedOver) context.emit({ type: 'warning', code: 'receipt-stands-for-nothing', message })
  const others: HeldContent[] = []
  for (const word of words.assume ?? [])
    others.push(isDigest(word) ? assumed(await readCopy(word, context)) : await assumedFile(word))
  return [...held, ...others]
}

/** Every receipt that is named has to be good: one that is not would be left out without a word. */
async function verifiedReceipts(
  { base = [], evidence = [] }: BaseWords,
  context: CommandContext,
): Promise<readonly VerifiedReceipt[]> {
  if (base.length === 0) return []
  const { parseReceiptFile } = await import('../receipt/receipt-file.js')
  const { verifyReceipt } = await import('../receipt/verify-receipt.js')
  const { revocationJudge } = await import('../trust/revocation/judge.js')
  const folder = await trustFolder({}, context)
  const judge = revocationJudge(await readEvidenceFiles(evidence, context.emit))
  const receipts: VerifiedReceipt[] = []
  for (const path of base) {
    const file = parseReceiptFile(await context.readFile(path))
    const outcome = await verifyReceipt(file, {
      now: context.now(),
      signal: context.signal,
      store: folder.store,
      judgeRevocation: async (chain, question) => judge(chain, question),
    })
    if (outcome.verdict !== 'verified') throw notVerified(path, outcome)
    receipts.push({ path, digest: file.manifest.descriptor.digest, receipt: file.receipt })
  }
  return receipts
}

function notVerified(path: string, { validations }: SignatureOutcome): TransferError {
  const reason = validations.find(refuses)
  const why = reason === undefined ? '' : `: ${reason.detail}`
  return new TransferError(reason?.code ?? 'ERR_RECEIPT_INVALID', `the receipt ${path} is not verified${why}`, {
    side: 'operator',
    subject: path,
  })
}

async function assumedFile(path: string): Promise<HeldContent> {
  const bundle = await openBundle(path)
  try {
    return assumed(bundle)
  } finally {
    await bundle.close()
  }
}
