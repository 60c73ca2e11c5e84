import { beforeAll, describe, expect, it } from 'vitest'
import { canonicalJson } from '../../src/encoding/canonical-json.js'
import { TransferError } from '../../src/errors.js'
import { parseReceipt } from '../../src/receipt/parse-receipt.js'
import { formatReceipt, type Receipt } from '../../src/receipt/receipt.js'
import { parseReceiptFile, readReceipt } from '../../src/receipt/receipt-file.js'
import { verifyReceipt } from '../../src/receipt/verify-receipt.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { mintChain, signerOf } from '../support/keys.js'
import { aReceipt, aReceiptFile, aRefusal, trusting } from '../support/receipts.js'
import { digestFor } from '../support/streams.js'

const INVALID = expect.objectContaining({ code: 'ERR_RECEIPT_INVALID' })
let signer: Signer
let roots: readonly Certificate[]

beforeAll(async () => {
  signer = signerOf(await mintChain())
  roots = signer.chain.slice(-1)
})

describe('the document of a receipt', () => {
  it.each<[string, Receipt]>([
    ['that was loaded', aReceipt()],
    ['that was refused', aRefusal()],
    ['without a stream', aReceipt({ bundle: { createdAt: '2026-11-20T10:00:00Z', signers: [] } })],
    ['with a rollback', aReceipt({ allowedRollback: '1.4 broke the payment terminals' })],
  ])('%s is read as it was written', (_, receipt) => {
    expect(parseReceipt(formatReceipt(receipt))).toEqual(receipt)
  })

  const plain = JSON.parse(canonicalJson(aReceipt())) as Record<string, unknown>
  const refusal = JSON.parse(canonicalJson(aRefusal())) as Record<string, unknown>
  const [root] = aReceipt().roots
  it.each<[string, Record<string, unknown>]>([
    ['of another version', { ...plain, version: 2 }],
    ['with a member that nobody knows', { ...plain, note: '' }],
    ['with a waybill that is no digest', { ...plain, waybill: { digest: 'sha256:00', size: 1 } }],
    [
      'with a sequence and no stream',
      { ...plain, bundle: { createdAt: '2026-11-20T10:00:00Z', sequence: 1, signers: [] } },
    ],
    ['with a day that no calendar has', { ...plain, finishedAt: '2026-02-30T00:00:00Z' }],
    ['whose result is not that of its roots', { ...plain, result: 'refused' }],
    ['that admits what it does not hold', { ...plain, held: [digestFor('layer')] }],
    ['that holds something twice', { ...plain, held: [digestFor('root'), digestFor('root')] }],
    ['that refuses everything, and holds something', { ...refusal, held: [digestFor('root')] }],
    [
      'that refuses without a reason',
      { ...refusal, roots: [{ source: 'x', digest: digestFor('root'), ruling: 'refused', because: [] }] },
    ],
    [
      'that refuses, and names a target',
      { ...refusal, roots: [{ ...root, ruling: 'refused', because: [{ detail: 'no' }] }] },
    ],
    ['without roots', { ...plain, roots: [] }],
    ['with a text that is too long', { ...plain, generator: 'x'.repeat(4001) }],
    ['with a host that is none', { ...plain, target: { registry: 'a b' } }],
  ])('%s is refused', (_, json) => {
    expect(() => parseReceipt(Buffer.from(canonicalJson(json)))).toThrow(INVALID)
  })

  it('is refused in any other spelling', () => {
    expect(() => parseReceipt(Buffer.from(JSON.stringify(plain, undefined, 1)))).toThrow(INVALID)
    expect(() => parseReceipt(Buffer.from('not JSON'))).toThrow(INVALID)
  })
})

describe('the file of a receipt', () => {
  it('is two lines of JSON, and is verified by the root of the importer alone', async () => {
    const bytes = await aReceiptFile(aReceipt(), signer)

    const outcome = await verifyReceipt(parseReceiptFile(bytes), trusting(roots))

    expect(
      Buffer.from(bytes)
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) => typeof JSON.parse(line)),
    ).toEqual(['object', 'object'])
    expect(readReceipt(bytes)).toEqual(aReceipt())
    expect(outcome.verdict).toBe('verified')
    expect(outcome.chain[0]?.thumbprint).toBe(signer.chain[0]?.thumbprint)
  })

  it('by somebody else is not the importer’s', async () => {
    const bytes = await aReceiptFile(aReceipt(), signerOf(await mintChain()))

    const outcome = await verifyReceipt(parseReceiptFile(bytes), trusting(roots))

    expect(outcome.verdict).toBe('refused')
    expect(outcome.validations).toContainEqual(expect.objectContaining({ code: 'ERR_SIGNER_UNKNOWN' }))
  })

  it('whose signature is about another receipt is refused', async () => {
    const [other] = Buffer.from(await aReceiptFile(aRefusal(), signer))
      .toString()
      .split('\n')
    const [, signature] = Buffer.from(await aReceiptFile(aReceipt(), signer))
      .toString()
      .split('\n')

    const outcome = await verifyReceipt(parseReceiptFile(Buffer.from(`${other}\n${signature}\n`)), trusting(roots))

    expect(outcome.verdict).toBe('refused')
  })

  it('that ends early is refused, wherever it ends', async () => {
    const bytes = await aReceiptFile(aReceipt(), signer)

    for (let end = 0; end < bytes.byteLength; end += 1)
      expect(() => parseReceiptFile(bytes.subarray(0, end)), `${end} bytes`).toThrow(INVALID)
  })

  it('never says anything else, whichever byte of it is changed', async () => {
    const bytes = Buffer.from(await aReceiptFile(aReceipt(), signer))
    const firstLine = bytes.indexOf('\n')

    for (let at = 0; at < bytes.byteLength; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      const found = await judged(changed)
      // What an envelope says beside its signature, such as the program that made it, is no part of the receipt.
      if (found === 'verified') expect(at, 'a byte of the document').toBeGreaterThan(firstLine)
    }
  }, 60_000)

  async function judged(bytes: Uint8Array): Promise<string> {
    try {
      const file = parseReceiptFile(bytes)
      const { verdict } = await verifyReceipt(file, trusting(roots))
      if (verdict === 'verified') expect(file.receipt).toEqual(aReceipt())
      return verdict
    } catch (cause) {
      expect(cause).toBeInstanceOf(TransferError)
      return 'refused'
    }
  }
})
