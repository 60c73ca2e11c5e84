import { describe, expect, it } from 'vitest'
import { gatherEvidence } from '../../../src/export/evidence/gather.js'
import { EvidenceShelf } from '../../../src/export/evidence/shelf.js'
import { LIMITS } from '../../../src/limits.js'
import type { Exchange } from '../../../src/web/exchange.js'
import { MADE_AT } from '../../support/clock.js'
import { aSigner } from '../../support/evidence.js'
import { ocspSource } from '../../support/revocation.js'
import { CALL } from '../../support/tmp.js'

describe('what strangers can make an export do', () => {
  it('is to ask so many questions and no more, a few at a time', async () => {
    const { certificates } = await aSigner([ocspSource('http://ca.example/ocsp')])
    const [leaf, root] = certificates
    if (leaf === undefined || root === undefined) throw new Error('no chain')
    // As if somebody had issued a certificate for each of very many signatures.
    const many = Array.from({ length: LIMITS.evidenceQuestions + 5 }, (_, at) => ({
      ...leaf,
      thumbprint: at.toString(16).padStart(64, '0'),
    }))
    let asked = 0
    let running = 0
    let most = 0
    const exchange: Exchange = async () => {
      asked += 1
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return { status: 404, body: new Uint8Array() }
    }

    const given = {
      exchange,
      files: [],
      required: false,
      now: () => MADE_AT,
      createdAt: () => MADE_AT,
      emit: () => undefined,
      ...CALL,
    }
    const { evidenceMissing } = await gatherEvidence([{ from: 'many', certificates: [...many, root] }], given)

    expect(asked).toBe(LIMITS.evidenceQuestions)
    expect(most).toBe(4)
    expect(evidenceMissing).toHaveLength(many.length)
    expect(evidenceMissing.filter(({ reason }) => reason.includes('at most'))).toHaveLength(5)
  })

  it('is to carry so many bytes and no more', async () => {
    const { leaf } = await aSigner([])
    const subject = { certificate: leaf.certificate }
    const shelf = new EvidenceShelf()
    const list = (fill: number) => ({ kind: 'crl' as const, der: Buffer.alloc(LIMITS.crlBytes, fill) })

    const added = [1, 2, 3, 4, 5, 1].map((fill) => shelf.add(list(fill), subject))

    expect(added).toEqual([true, true, true, true, false, true])
  })
})
