import { printable } from '../../encoding/printable.js'
import { LIMITS } from '../../limits.js'
import { parseReceiptFile } from '../../receipt/receipt-file.js'
import type { CommandContext, ExitCode } from '../context.js'
import { readReceiptFile } from '../receipt-file.js'
import { compactLines } from '../receipts.js'
import { receiptDocument, receiptLines } from '../render/receipt.js'
import { usage } from './verify-options.js'

export interface ReceiptShowOptions {
  readonly qr?: boolean
}

/** `receipt show FILE`: what it says, and nothing of whether that is true. */
export async function receiptShow(
  path: string,
  { qr = false }: ReceiptShowOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { receipt, manifest, compact } = parseReceiptFile(await readReceiptFile(path))
  if (qr && compact === undefined) throw usage(`${path} has no compact form: its key makes whole signatures only`)
  context.print(
    {
      schema: 'waybill.receipt.v1',
      verified: false,
      path,
      digest: manifest.descriptor.digest,
      receipt: receiptDocument(receipt),
      ...(compact === undefined ? {} : { compact }),
    },
    [
      ...receiptLines(receipt),
      ...(qr && compact !== undefined ? compactLines(printable(compact, LIMITS.compactReceiptLength), context) : []),
      'NOT VERIFIED: anybody can write this; `waybill receipt verify` says whose word it is',
    ],
  )
  return 0
}
