import fc from 'fast-check'
import jsQR from 'jsqr'
import { beforeAll, describe, expect, it } from 'vitest'
import { qrLines } from '../../src/cli/render/qr.js'
import { decodeBase32, encodeBase32 } from '../../src/receipt/base32.js'
import { compactOf, formatCompact, parseCompact, toBeSigned } from '../../src/receipt/compact.js'
import { formatReceipt, type Receipt } from '../../src/receipt/receipt.js'
import { verifyCompact } from '../../src/receipt/verify-compact.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { mintChain, signerOf } from '../support/keys.js'
import { aReceipt, aRefusal, trusting } from '../support/receipts.js'
import { CALL } from '../support/tmp.js'

const INVALID = expect.objectContaining({ code: 'ERR_RECEIPT_INVALID' })
// Its types say that it is a module with a default; it is the function itself.
const decode = jsQR as unknown as typeof jsQR.default

let signer: Signer
let stranger: Signer

beforeAll(async () => {
  signer = signerOf(await mintChain())
  stranger = signerOf(await mintChain())
})

async function compactText(receipt: Receipt, by = signer): Promise<string> {
  const compact = compactOf(receipt, formatReceipt(receipt), by.chain[0]?.thumbprint ?? '')
  return formatCompact(compact, await by.sign(toBeSigned(compact), CALL))
}

/** What a camera sees of printed lines: black and white pixels, some for each module. */
function scanned(lines: readonly string[]): string | undefined {
  const scale = 4
  const modules = lines.flatMap((line) => [
    [...line].map((mark) => mark === '█' || mark === '▀'),
    [...line].map((mark) => mark === '█' || mark === '▄'),
  ])
  const size = modules[0]?.length ?? 0
  const pixels = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255)
  for (let y = 0; y < size * scale; y += 1) {
    for (let x = 0; x < size * scale; x += 1) {
      const dark = modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true
      pixels.fill(dark ? 0 : 255, (y * size * scale + x) * 4, (y * size * scale + x) * 4 + 3)
    }
  }
  return decode(pixels, size * scale, size * scale)?.data
}

describe('a compact receipt', () => {
  it.each<[string, Receipt]>([
    ['of what was loaded', aReceipt()],
    ['of what was refused', aRefusal()],
    ['of a bundle without a stream', aReceipt({ bundle: { createdAt: '2026-11-20T10:00:00Z', signers: [] } })],
  ])('%s comes off paper as it was signed', async (_, receipt) => {
    const text = await compactText(receipt)

    const read = scanned(qrLines(text, { terminal: false }))

    expect(read).toBe(text)
    const outcome = await verifyCompact(parseCompact(read ?? ''), signer.chain, trusting(signer.chain.slice(-1)))
    expect(outcome).toMatchObject({
      verdict: 'verified',
      compact: { result: receipt.result, finishedAt: receipt.finishedAt },
    })
    expect(outcome.compact.waybill).toBe(receipt.waybill.digest)
  })

  it('fits a code that a telephone reads, also with the longest name and the largest key', () => {
    const bundle = { ...aReceipt().bundle, stream: 'a'.repeat(128), sequence: Number.MAX_SAFE_INTEGER }
    const receipt = aReceipt({ bundle })
    const compact = compactOf(receipt, formatReceipt(receipt), 'b'.repeat(64))

    const text = formatCompact(compact, new Uint8Array(512).fill(255))

    expect(parseCompact(text).compact).toEqual(compact)
    // Version 25 has 117 modules; with its margins 125.
    expect(qrLines(text, { terminal: false })[0]?.length).toBeLessThanOrEqual(125)
    expect(scanned(qrLines(text, { terminal: false }))).toBe(text)
  })

  it('on a terminal is black on white, whatever its colours are', () => {
    const [line = ''] = qrLines('WBR1:A', { terminal: true })

    expect(line.startsWith('\u001b[30;107m')).toBe(true)
    expect(line.endsWith('\u001b[0m')).toBe(true)
  })

  it('without certificates that are known here is nobody’s', async () => {
    const read = parseCompact(await compactText(aReceipt()))

    expect((await verifyCompact(read, [], trusting(signer.chain.slice(-1)))).verdict).toBe('refused')
    expect((await verifyCompact(read, stranger.chain, trusting(signer.chain.slice(-1)))).verdict).toBe('refused')
    expect((await verifyCompact(read, signer.chain, trusting(stranger.chain.slice(-1)))).verdict).toBe('refused')
  })

  it('needs no root in the file of certificates, which the store has', async () => {
    const read = parseCompact(await compactText(aReceipt()))

    const outcome = await verifyCompact(read, signer.chain.slice(0, -1), trusting(signer.chain.slice(-1)))

    expect(outcome.verdict).toBe('verified')
  })

  it('by a certificate that has expired is refused', async () => {
    const read = parseCompact(await compactText(aReceipt()))
    const later = new Date('2090-01-01T00:00:00Z')

    const outcome = await verifyCompact(read, signer.chain, trusting(signer.chain.slice(-1), later))

    expect(outcome.verdict).toBe('refused')
  })

  it('cannot be changed in any letter, and cannot end early', async () => {
    const text = await compactText(aReceipt())
    const anchors = trusting(signer.chain.slice(-1))

    for (let at = 0; at < text.length; at += 1) {
      const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
      expect(await verdictOn(changed), `letter ${at}`).toBe('refused')
      expect(await verdictOn(text.slice(0, at)), `${at} letters`).toBe('refused')
    }
    expect(await verdictOn(`${text}A`)).toBe('refused')

    async function verdictOn(given: string): Promise<string> {
      try {
        return (await verifyCompact(parseCompact(given), signer.chain, anchors)).verdict
      } catch (cause) {
        expect(cause).toEqual(INVALID)
        return 'refused'
      }
    }
  })

  it.each(['', 'WBR1:', 'WBR2:AAAA', 'wbr1:aaaa', `WBR1:${'A'.repeat(3000)}`, `WBR1:${'7'.repeat(300)}`])(
    '%j is none',
    (text) => {
      expect(() => parseCompact(text)).toThrow(INVALID)
    },
  )
})

describe('base32', () => {
  it('has one text for each value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes)
      }),
    )
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'), maxLength: 40 }),
        (text) => {
          const bytes = decodeBase32(text)
          if (bytes !== undefined) expect(encodeBase32(bytes)).toBe(text)
        },
      ),
    )
  })

  it('is that of the RFC, without its padding', () => {
    expect(encodeBase32(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
    expect(encodeBase32(Buffer.from('foob'))).toBe('MZXW6YQ')
    expect(decodeBase32('MZXW6YR')).toBeUndefined()
    expect(decodeBase32('mzxw6yq')).toBeUndefined()
  })
})
