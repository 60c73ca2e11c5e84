import { describe, expect, it } from 'vitest'
import type { BundleBase } from '../../../src/bundle/base.js'
import type { OpenedBundle } from '../../../src/bundle/reader.js'
import { sayBase } from '../../../src/import/checks/base.js'
import { aRecord, digestFor, remembering, waybillOf } from '../../support/streams.js'

const FACTS = { repositories: ['registry.example/app'] }
const RECEIPT: BundleBase = {
  ...{ kind: 'acknowledged', waybill: waybillOf(1), receipt: digestFor('receipt'), target: 'acme.example/mirror' },
  ...FACTS,
}
const ASSUMED: BundleBase = { kind: 'assumed', waybill: waybillOf(2), ...FACTS }

function said(base: readonly BundleBase[] | undefined, state?: Parameters<typeof sayBase>[1]): string | undefined {
  const expected = base === undefined ? {} : { expected: { blobs: 3, bytes: 99 } }
  const document = { ...(base === undefined ? {} : { base }), totals: { blobs: 9, bytes: 999, ...expected } }
  const bundle = { document, waybill: { descriptor: { digest: waybillOf(3) } } } as unknown as OpenedBundle
  const [check] = sayBase(bundle, state)
  expect(check?.result ?? 'not-applicable').toBe('not-applicable')
  return check?.detail
}

describe('sayBase', () => {
  it('says nothing of a full bundle', () => {
    expect(said(undefined)).toBeUndefined()
  })

  it('says what is not here, and why it should be at the target', () => {
    expect(said([RECEIPT, ASSUMED])).toBe(
      `3 blobs, 99 bytes, are expected at the target, by the bundle ${waybillOf(1)}, which acme.example/mirror has ` +
        `acknowledged; the bundle ${waybillOf(2)}, which is only ASSUMED to have arrived`,
    )
  })

  it('says which of them this importer does not remember', () => {
    const state = remembering([aRecord(1)])

    expect(said([RECEIPT, ASSUMED], state)).toMatch(/acknowledged; .* arrived, which this importer does not remember$/)
    expect(said([RECEIPT], state)).not.toContain('remember')
    expect(said([RECEIPT], new Map())).toContain('does not remember')
  })

  it('names a few of very many', () => {
    expect(said(Array.from({ length: 900 }, () => ASSUMED))).toMatch(/; 890 more$/)
  })
})
