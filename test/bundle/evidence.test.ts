import { describe, expect, it } from 'vitest'
import type { RecordedEvidence } from '../../src/bundle/document.js'
import { evidenceLines, inOneOrder } from '../../src/bundle/evidence.js'
import { LIMITS } from '../../src/limits.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'

function entry(name: string, given: Partial<RecordedEvidence> = {}): RecordedEvidence {
  return {
    type: 'crl',
    fetchedAt: '2026-11-20T10:00:00Z',
    thisUpdate: '2026-11-20T00:00:00Z',
    certificates: ['a'.repeat(64)],
    descriptor: { mediaType: 'application/pkix-crl', digest: digestOf(Buffer.from(name)), size: 7 },
    ...given,
  }
}

describe('the evidence of a document', () => {
  it('has one order, and each entry once', () => {
    const entries = ['c', 'a', 'b'].map((name) => entry(name))
    const missing = ['2', '1'].map((digit) => ({ certificate: digit.repeat(64), subject: '', reason: '' }))

    const one = inOneOrder({ evidence: [...entries, ...entries], evidenceMissing: [...missing, ...missing] })

    expect(one).toEqual(inOneOrder({ evidence: entries.toReversed(), evidenceMissing: missing.toReversed() }))
    expect(one.evidence).toHaveLength(3)
    expect(one.evidenceMissing?.map(({ certificate }) => certificate[0])).toEqual(['1', '2'])
  })

  it('is not there where there is none', () => {
    expect(inOneOrder({ evidence: [], evidenceMissing: [] })).toEqual({})
    expect(inOneOrder({})).toEqual({})
  })

  it('is refused where nobody would read so much', () => {
    const { descriptor } = entry('a')
    const large = entry('a', { descriptor: { ...descriptor, size: LIMITS.evidenceBytes } })

    expect(() => inOneOrder({ evidence: [large, entry('b')] })).toThrow(
      expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }),
    )
  })
})

describe('the lines of evidence', () => {
  const contentOf = (descriptor: Descriptor) => new Map([[descriptor.digest, { descriptor }]])

  it('are one for each digest, whatever the addresses', () => {
    const lines = evidenceLines([entry('a', { url: 'http://a.example/' }), entry('a'), entry('b')], new Map())

    expect(lines.map(({ digest, role }) => [digest, role])).toEqual([
      [entry('a').descriptor.digest, 'evidence'],
      [entry('b').descriptor.digest, 'evidence'],
    ])
  })

  it('are none for what is content too', () => {
    const { descriptor } = entry('a')

    expect(evidenceLines([entry('a')], contentOf({ ...descriptor, mediaType: 'application/octet-stream' }))).toEqual([])
  })

  it.each([
    ['is a manifest', { mediaType: OCI_MANIFEST }],
    ['has another size', { size: 8 }],
  ])('are refused where content of the same digest %s', (_, change) => {
    const { descriptor } = entry('a')

    expect(() => evidenceLines([entry('a')], contentOf({ ...descriptor, ...change }))).toThrow(
      expect.objectContaining({ code: 'ERR_CONTENT_AMBIGUOUS' }),
    )
  })
})
