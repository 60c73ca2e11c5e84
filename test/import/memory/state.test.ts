import { describe, expect, it } from 'vitest'
import { changesOf, foldRecords } from '../../../src/import/memory/state.js'
import { EMPTY_LOG } from '../../../src/state/log-lines.js'
import { aRecord, digestFor, folded, waybillOf } from '../../support/streams.js'

const named = (name: string, what: string) => ({ name, digest: digestFor(what) })

describe('foldRecords', () => {
  it('has nothing of a stream that was never seen', () => {
    expect(foldRecords([], EMPTY_LOG.head)).toBeUndefined()
  })

  it('keeps the highest number whatever was loaded last', () => {
    const state = folded([aRecord(1), aRecord(5), aRecord(3, { reason: 'because' })])

    expect(state.highest).toEqual({ sequence: 5, waybill: waybillOf(5) })
    expect(state.last.sequence).toBe(3)
    expect([...state.accepted.keys()].sort()).toEqual([1, 3, 5])
  })

  it('raises the floor of every name that a bundle still has, and keeps those of names that went away', () => {
    const state = folded([
      aRecord(1, { tags: [named('a:1', 'a'), named('b:1', 'b')], createdAt: '2026-01-01T00:00:00Z' }),
      aRecord(2, { gone: ['b:1'], createdAt: '2026-01-02T00:00:00Z' }),
    ])

    expect(state.floors.get('a:1')).toEqual({
      digest: digestFor('a'),
      sequence: 2,
      createdAt: '2026-01-02T00:00:00Z',
    })
    expect(state.floors.get('b:1')).toEqual({
      digest: digestFor('b'),
      sequence: 1,
      createdAt: '2026-01-01T00:00:00Z',
    })
    expect([...state.present]).toEqual(['a:1'])
  })

  it('knows no earlier time than any that was believed', () => {
    const late = aRecord(1, { at: '2026-05-05T00:00:00Z' })
    const made = aRecord(2, { at: '2026-05-05T00:00:01Z', createdAt: '2026-05-05T00:30:00Z' })

    expect(folded([late, aRecord(2, { at: '2026-05-04T23:50:00Z', createdAt: '2026-01-01T00:00:00Z' })])).toMatchObject(
      { trustedTime: '2026-11-20T10:00:00Z' },
    )
    expect(folded([made]).trustedTime).toBe('2026-05-05T00:30:00Z')
  })
})

describe('changesOf', () => {
  const names = [named('a:1', 'a'), named('b:1', 'b')]

  it('is everything at first, and nothing for the same again', () => {
    const first = changesOf(names, undefined)

    expect(first).toEqual({ tags: names, gone: [] })
    expect(changesOf(names, folded([aRecord(1, first)]))).toEqual({ tags: [], gone: [] })
  })

  it('gives back, folded, what each bundle had', () => {
    const bundles = [names, [named('b:1', 'c')], [], [named('a:1', 'a'), named('b:1', 'c')]]
    const records = [aRecord(1, changesOf(bundles[0] ?? [], undefined))]
    for (const [at, bundle] of bundles.entries()) {
      if (at === 0) continue
      records.push(aRecord(at + 1, changesOf(bundle, folded(records))))

      const state = folded(records)
      const has = [...state.present].sort().map((name) => ({ name, digest: state.floors.get(name)?.digest }))
      expect(has).toEqual(bundle)
    }
  })
})
