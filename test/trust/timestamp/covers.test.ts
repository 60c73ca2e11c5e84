import { describe, expect, it } from 'vitest'
import { timestampCovers } from '../../../src/trust/timestamp/covers.js'
import { mint } from '../../support/keys.js'

describe('a timestamp and the chain of the signer', async () => {
  const [from, to] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-06-30T23:59:59Z')]
  const short = (await mint({ name: 'short', notBefore: from, notAfter: to })).certificate
  const long = (await mint({ name: 'long' })).certificate
  const covers = (earliest: string, latest: string) =>
    timestampCovers({ earliest: new Date(earliest), latest: new Date(latest) }, [short, long])

  it('fit where the whole interval lies within each validity, its ends included', () => {
    expect(covers('2026-03-01T00:00:00Z', '2026-03-01T00:00:02Z')).toEqual([])
    expect(covers('2026-01-01T00:00:00Z', '2026-06-30T23:59:59Z')).toEqual([])
  })

  it('do not fit where a part of the interval lies outside of one', () => {
    expect(covers('2026-06-30T23:59:59Z', '2026-06-30T23:59:59.001Z')).toEqual([
      expect.stringMatching(/short: expired at 2026-06-30T23:59:59.000Z/),
    ])
    expect(covers('2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z')).toHaveLength(2)
    expect(covers('2028-06-30T23:59:59Z', '2028-07-01T00:00:00Z')).toHaveLength(2)
  })
})
