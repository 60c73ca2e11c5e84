import { describe, expect, it } from 'vitest'
import { isNewNumber, type NumberRecord, nextPlace, parseNumber } from '../../src/export/numbering.js'
import { STREAM as stream, waybillOf } from '../support/streams.js'

function given(...numbers: readonly number[]): NumberRecord[] {
  return numbers.map((sequence) => ({
    stream,
    sequence,
    waybill: waybillOf(sequence),
    createdAt: '2026-11-20T10:00:00Z',
  }))
}

describe('the place of the next bundle', () => {
  it('is number 1 after nothing at first, then one more each time', () => {
    expect(nextPlace({ stream }, [])).toEqual({ stream, sequence: 1 })
    expect(nextPlace({ stream }, given(1))).toEqual({ stream, sequence: 2, previous: waybillOf(1) })
    expect(nextPlace({ stream }, given(1, 7))).toEqual({ stream, sequence: 8, previous: waybillOf(7) })
  })

  it('is the one that the operator names, after the highest below it', () => {
    expect(nextPlace({ stream, sequence: 9 }, given(1, 2))).toEqual({ stream, sequence: 9, previous: waybillOf(2) })
    expect(nextPlace({ stream, sequence: 2 }, given(1, 2, 3))).toEqual({
      stream,
      sequence: 2,
      previous: waybillOf(1),
    })
    expect(nextPlace({ stream, sequence: 5 }, [])).toEqual({ stream, sequence: 5 })
  })

  it('follows the bundle that the operator names, where the books are lost', () => {
    const previous = { waybill: waybillOf(41), sequence: 41 }

    expect(nextPlace({ stream, previous }, [])).toEqual({ stream, sequence: 42, previous: waybillOf(41) })
    expect(nextPlace({ stream, sequence: 50, previous }, [])).toMatchObject({ sequence: 50 })
    expect(nextPlace({ stream, previous: { waybill: waybillOf(3) } }, given(1, 3))).toMatchObject({ sequence: 4 })
  })

  it.each([
    ['a digest of which nobody knows the number', { stream, previous: { waybill: waybillOf(9) } }],
    ['a first bundle after another', { stream, sequence: 1, previous: { waybill: waybillOf(9) } }],
    ['a number after the last there is', { stream, previous: { waybill: waybillOf(9), sequence: 2 ** 53 - 1 } }],
  ])('is not %s', (_what, wanted) => {
    expect(() => nextPlace(wanted, given(1))).toThrowError(expect.objectContaining({ code: 'ERR_USAGE' }))
  })
})

describe('a number', () => {
  it('is recorded once, and stands for the same bundle for ever', () => {
    expect(isNewNumber({ stream, sequence: 3 }, waybillOf(3), given(1, 2))).toBe(true)
    expect(isNewNumber({ stream, sequence: 2 }, waybillOf(2), given(1, 2, 3))).toBe(false)
  })

  it.each([
    ['stands for another bundle', 2],
    ['is below one that was given', 5],
  ])('is not given where it %s', (_what, sequence) => {
    expect(() => isNewNumber({ stream, sequence }, waybillOf(99), given(1, 2, 7))).toThrowError(
      expect.objectContaining({ code: 'ERR_SEQUENCE_USED' }),
    )
  })
})

describe('parseNumber', () => {
  const where = { path: 'x', line: 1, stream }
  const [record] = given(2)
  const parse = (change: object) => parseNumber({ ...record, ...change }, where)

  it('reads what was written', () => {
    expect(parse({})).toEqual(record)
    expect(parse({ previous: waybillOf(1) })).toEqual({ ...record, previous: waybillOf(1) })
  })

  it.each([{ stream: 'other' }, { sequence: 0 }, { waybill: 'x' }, { createdAt: 1 }, { previous: 'x' }])(
    'refuses %j',
    (change) => {
      expect(() => parse(change)).toThrowError(expect.objectContaining({ code: 'ERR_STATE_DAMAGED' }))
    },
  )
})
