import { describe, expect, it } from 'vitest'
import type { BundleDocument } from '../../../src/bundle/document.js'
import { checkFreshness } from '../../../src/import/checks/freshness.js'

function document(expiresAt?: string): BundleDocument {
  return {
    version: 1,
    kind: 'full',
    createdAt: '2026-11-20T10:00:00Z',
    generator: 'waybill/1',
    roots: [],
    lookups: [],
    omissions: [],
    totals: { blobs: 0, bytes: 0 },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

describe('checkFreshness', () => {
  it.each([
    ['2026-11-22T11:59:59.999Z', 'pass', undefined],
    ['2026-11-22T12:00:00Z', 'fail', 'ERR_BUNDLE_STALE'],
    ['2030-01-01T00:00:00Z', 'fail', 'ERR_BUNDLE_STALE'],
  ])('at %s gives %s for a bundle that ends at noon', (now, result, code) => {
    const check = checkFreshness(document('2026-11-22T12:00:00Z'), new Date(now), 'sha256:1')

    expect([check.result, check.code]).toEqual([result, code])
  })

  it('has nothing to say of a bundle without an end', () => {
    expect(checkFreshness(document(), new Date(), 'sha256:1').result).toBe('not-applicable')
  })

  it('fails under a clock that shows no time', () => {
    expect(checkFreshness(document('2026-11-22T12:00:00Z'), new Date(Number.NaN), 'x').result).toBe('fail')
  })
})
