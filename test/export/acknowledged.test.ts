import { describe, expect, it } from 'vitest'
import { acknowledgements, type VerifiedReceipt } from '../../src/export/acknowledged.js'
import type { Receipt } from '../../src/receipt/receipt.js'
import { aReceipt, aRefusal } from '../support/receipts.js'
import { digestFor } from '../support/streams.js'

function verified(path: string, receipt: Receipt): VerifiedReceipt {
  return { path, digest: digestFor(path), receipt }
}

const [ROOT] = aReceipt().roots

describe('what importers have acknowledged', () => {
  it('is what they hold, by the repositories of the roots that they let in', () => {
    if (ROOT === undefined) throw new Error('no root')
    const because = [{ detail: 'no' }]
    const roots = [
      { ...ROOT, source: `registry.example/b/tool@${ROOT.digest}` },
      ROOT,
      { source: 'registry.example/refused:1', digest: digestFor('refused'), ruling: 'refused', because } as const,
    ]

    const { held, passedOver } = acknowledgements([verified('one', aReceipt({ result: 'partial', roots }))])

    expect(passedOver).toEqual([])
    expect(held).toEqual([
      {
        base: {
          kind: 'acknowledged',
          receipt: digestFor('one'),
          waybill: digestFor('waybill'),
          repositories: ['registry.example/app', 'registry.example/b/tool'],
          target: 'registry.acme.example/mirror',
        },
        digests: new Set(aReceipt().held),
      },
    ])
  })

  it('is nothing where an import was refused, and nothing of another target than the first', () => {
    const elsewhere = aReceipt({ target: { registry: 'registry.acme.example' } })
    const receipts = [verified('one', aReceipt()), verified('two', aRefusal()), verified('three', elsewhere)]

    const { held, passedOver } = acknowledgements(receipts)

    expect(held).toHaveLength(1)
    expect(passedOver).toEqual([
      'two is about an import that was refused: nothing is there',
      'three is of registry.acme.example, and the first receipt of registry.acme.example/mirror',
    ])
  })

  it('refuses a receipt whose names are none', () => {
    if (ROOT === undefined) throw new Error('no root')
    const odd = aReceipt({ roots: [{ ...ROOT, source: '../../etc' }] })

    expect(() => acknowledgements([verified('one', odd)])).toThrow(
      expect.objectContaining({ code: 'ERR_RECEIPT_INVALID' }),
    )
  })
})
