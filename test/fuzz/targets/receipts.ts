import { COMPACT_PREFIX, compactOf, formatCompact, parseCompact, toBeSigned } from '../../../src/receipt/compact.js'
import { parseReceipt } from '../../../src/receipt/parse-receipt.js'
import { formatReceipt } from '../../../src/receipt/receipt.js'
import { formatReceiptFile, parseReceiptFile } from '../../../src/receipt/receipt-file.js'
import { verifyCompact } from '../../../src/receipt/verify-compact.js'
import { verifyReceipt } from '../../../src/receipt/verify-receipt.js'
import { fixedSigner } from '../../support/keys-fixed.js'
import { aReceipt, aReceiptFile, aRefusal, trusting } from '../../support/receipts.js'
import { CALL } from '../../support/tmp.js'
import { believed, type FuzzTarget } from '../target.js'

const document: FuzzTarget = {
  name: 'receipt document',
  codes: ['ERR_RECEIPT_INVALID'],
  shape: 'json',
  words: ['refused', 'admitted', 'partial', 'held', 'because', 'sequence', 'stream', '__proto__'],
  prepare: async () => ({
    seeds: [formatReceipt(aReceipt()), formatReceipt(aRefusal({ allowedRollback: 'why' }))],
    read: (bytes) => {
      const receipt = parseReceipt(bytes)
      if (Buffer.compare(formatReceipt(receipt), bytes) !== 0) believed('a receipt in a second spelling')
    },
  }),
}

const file: FuzzTarget = {
  name: 'receipt file',
  codes: ['ERR_RECEIPT_INVALID'],
  shape: 'bytes',
  words: ['\n', '{"envelope":""}', 'application/cose'],
  share: 30,
  prepare: async () => {
    const signer = fixedSigner()
    const seed = await aReceiptFile(aReceipt(), signer)
    const said = Buffer.from(parseReceiptFile(seed).document)
    const context = trusting(signer.chain.slice(-1))
    return {
      seeds: [seed],
      read: async (bytes) => {
        const found = parseReceiptFile(bytes)
        if (Buffer.compare(formatReceiptFile(found), bytes) !== 0) believed('a file in a second spelling')
        const { verdict } = await verifyReceipt(found, context)
        if (verdict === 'verified' && Buffer.compare(found.document, said) !== 0) believed('another receipt')
      },
    }
  },
}

const compact: FuzzTarget = {
  name: 'compact receipt',
  codes: ['ERR_RECEIPT_INVALID'],
  shape: 'bytes',
  words: [COMPACT_PREFIX, 'AAAAAAAA', '77777777'],
  prepare: async () => {
    const signer = fixedSigner()
    const receipt = aReceipt()
    const said = compactOf(receipt, formatReceipt(receipt), signer.chain[0]?.thumbprint ?? '')
    const seed = formatCompact(said, await signer.sign(toBeSigned(said), CALL))
    const context = trusting(signer.chain.slice(-1))
    return {
      seeds: [Buffer.from(seed)],
      read: async (bytes) => {
        const read = parseCompact(Buffer.from(bytes).toString('latin1'))
        if (formatCompact(read.compact, read.signature) !== Buffer.from(bytes).toString('latin1'))
          believed('a compact receipt in a second spelling')
        const { verdict } = await verifyCompact(read, signer.chain, context)
        if (verdict === 'verified' && Buffer.compare(read.toBeSigned, toBeSigned(said)) !== 0)
          believed('another compact receipt')
      },
    }
  },
}

export const RECEIPTS: readonly FuzzTarget[] = [document, file, compact]
