import { describe, expect, it } from 'vitest'
import { aRecord, digestFor, judged, remembering, STREAM, verdictOn, waybillOf } from '../../support/streams.js'

const KNOWN = remembering([aRecord(6), aRecord(7)])
const NEXT = { stream: STREAM, sequence: 8, previous: waybillOf(7) }
const APP = 'registry.example/app:1'

describe('a bundle of a stream', () => {
  it('is let in where nothing is remembered, at any number', () => {
    expect(verdictOn(new Map(), { stream: STREAM, sequence: 5 })).toEqual(['pass'])
    expect(verdictOn(new Map(), { stream: STREAM, sequence: 5 }, { requireChain: true })).toEqual(['pass'])
  })

  it('is let in as the next one, and as the one that is there already', () => {
    expect(verdictOn(KNOWN, NEXT, { requireChain: true })).toEqual(['pass'])
    expect(verdictOn(KNOWN, { stream: STREAM, sequence: 7 }, { requireChain: true })).toEqual(['pass'])
  })

  it.each([1, 5, 6])('is refused as number %i after number 7', (sequence) => {
    expect(verdictOn(KNOWN, { stream: STREAM, sequence })).toEqual(['fail ERR_ROLLBACK'])
  })

  it.each([6, 7])('raises an alarm as a second number %i with other bytes', (sequence) => {
    const twin = { stream: STREAM, sequence, waybill: digestFor('twin') }

    expect(verdictOn(KNOWN, twin)).toEqual(['fail ERR_EQUIVOCATION'])
    expect(verdictOn(KNOWN, twin, { allow: 'I know better' })).toEqual(['fail ERR_EQUIVOCATION'])
  })

  it.each([
    ['leaves a gap', { ...NEXT, sequence: 10, previous: waybillOf(9) }],
    ['follows another bundle', { ...NEXT, previous: digestFor('other') }],
    ['does not say what it follows', { stream: STREAM, sequence: 8 }],
  ])('that %s is let in and said, and refused where the chain is required', (_what, next) => {
    const [said] = judged(KNOWN, next)

    expect(said?.result).toBe('pass')
    expect(said?.detail).not.toBe(judged(KNOWN, NEXT)[0]?.detail)
    expect(verdictOn(KNOWN, next, { requireChain: true })).toEqual(['fail ERR_CHAIN_BROKEN'])
    expect(verdictOn(KNOWN, next, { requireChain: true, allow: 'no' })).toEqual(['fail ERR_CHAIN_BROKEN'])
  })

  it('knows nothing of other streams’ numbers', () => {
    expect(verdictOn(KNOWN, { stream: 'acme/weekly', sequence: 1 })).toEqual(['pass'])
  })

  it('is said to come from somebody else where another root signs it', () => {
    const [usual, other] = [judged(KNOWN, NEXT)[0], judged(KNOWN, { ...NEXT, signers: ['b'.repeat(64)] })[0]]

    expect(other?.result).toBe('pass')
    expect(other?.detail).toContain(usual?.detail)
    expect(other?.detail).not.toBe(usual?.detail)
  })
})

describe('going back on purpose', () => {
  it('is let pass for a reason, and stays visible with its code and the reason', () => {
    const [check] = judged(KNOWN, { stream: STREAM, sequence: 6 }, { allow: 'number 7 does not start' })

    expect(check).toMatchObject({ name: 'rollback', result: 'logged', code: 'ERR_ROLLBACK' })
    expect(check?.detail).toContain('number 7 does not start')
  })

  it('lowers nothing: afterwards older bundles are refused as before', () => {
    const back = remembering([aRecord(6), aRecord(7), aRecord(6, { reason: 'number 7 does not start' })])

    expect(verdictOn(back, { stream: STREAM, sequence: 6 })).toEqual(['fail ERR_ROLLBACK'])
    expect(verdictOn(back, { stream: STREAM, sequence: 7 })).toEqual(['pass'])
    expect(verdictOn(back, NEXT, { requireChain: true })).toEqual(['pass'])
  })

  it('changes nothing for a bundle that needs no leave', () => {
    expect(judged(KNOWN, NEXT, { allow: 'to be sure' })).toEqual(judged(KNOWN, NEXT))
  })
})

describe('a bundle without a stream', () => {
  it('is let in, and it is said that its exporter has streams', () => {
    const [plain, said] = [judged(new Map(), {})[0], judged(KNOWN, {})[0]]

    expect(plain?.result).toBe('not-applicable')
    expect(said?.result).toBe('not-applicable')
    expect(said?.detail).toContain(STREAM)
    expect(judged(KNOWN, { signers: ['b'.repeat(64)] })[0]?.detail).toBe(plain?.detail)
  })

  it('is refused where a chain is required', () => {
    expect(verdictOn(new Map(), {}, { requireChain: true })).toEqual(['fail ERR_CHAIN_BROKEN'])
  })
})

describe('a name that another stream has given a meaning', () => {
  const weekly = aRecord(3, { stream: 'acme/weekly', createdAt: '2026-11-21T00:00:00Z' })
  const state = remembering([aRecord(7)], [{ ...weekly, tags: [{ name: APP, digest: digestFor('new') }] }])

  it('does not go back to what an older bundle says that was held back', () => {
    const held = { ...NEXT, createdAt: '2026-11-20T23:59:59Z' }

    expect(verdictOn(state, { ...held, tags: { '1': 'old' } })).toEqual(['fail ERR_ROLLBACK'])
    expect(verdictOn(state, { ...held, tags: { '1': 'old' } }, { allow: 'yes' })).toEqual(['logged ERR_ROLLBACK'])
    expect(verdictOn(state, { ...held, tags: { '1': 'new' } })).toEqual(['pass'])
    expect(verdictOn(state, { ...held, tags: { '2': 'old' } })).toEqual(['pass'])
  })

  it('goes forward with a newer bundle, and that is said', () => {
    const newer = { ...NEXT, createdAt: '2026-11-21T00:00:01Z' }
    const [check] = judged(state, { ...newer, tags: { '1': 'newer' } })

    expect(check?.result).toBe('pass')
    expect(check?.detail).toContain(APP)
  })

  it('is confirmed by every bundle that has it, not only by the first', () => {
    const confirmed = remembering(
      [aRecord(7)],
      [
        { ...weekly, createdAt: '2026-11-19T00:00:00Z', tags: [{ name: APP, digest: digestFor('new') }] },
        { ...weekly, sequence: 4, waybill: waybillOf(4) },
      ],
    )

    expect(verdictOn(confirmed, { ...NEXT, tags: { '1': 'old' } })).toEqual(['fail ERR_ROLLBACK'])
  })

  it('is only said of a bundle without a stream', () => {
    const [check] = judged(state, { tags: { '1': 'old' } })

    expect(check?.result).toBe('not-applicable')
    expect(check?.detail).toContain(APP)
  })
})

describe('the clock', () => {
  const at = (text: string) => ({ now: new Date(text) })

  it('may be an hour behind what it was, and no more', () => {
    expect(verdictOn(KNOWN, { ...NEXT, ...at('2026-11-22T10:00:00Z') })).toEqual(['pass'])
    expect(verdictOn(KNOWN, { ...NEXT, ...at('2026-11-22T09:59:59Z') })).toEqual(['fail ERR_CLOCK_BACK'])
  })

  it('is compared with the time at which accepted bundles were made, too', () => {
    const state = remembering([aRecord(7, { createdAt: '2026-11-22T11:30:00Z' })])

    expect(verdictOn(state, { ...NEXT, ...at('2026-11-22T10:29:59Z') })).toEqual(['fail ERR_CLOCK_BACK'])
  })

  it('is noticed by other streams, and by bundles without one', () => {
    const night = at('1970-01-01T00:00:00Z')
    const made = { ...night, createdAt: '1970-01-01T00:00:00Z' }

    expect(verdictOn(KNOWN, { stream: 'acme/weekly', sequence: 1, ...made })).toEqual(['fail ERR_CLOCK_BACK'])
    expect(verdictOn(KNOWN, made)).toEqual(['fail ERR_CLOCK_BACK'])
    expect(verdictOn(new Map(), made)).toEqual(['not-applicable'])
  })

  it('refuses a bundle that was made more than an hour from now', () => {
    expect(verdictOn(KNOWN, { ...NEXT, createdAt: '2026-11-22T13:00:00Z' })).toEqual(['pass'])
    expect(verdictOn(KNOWN, { ...NEXT, createdAt: '2026-11-22T13:00:01Z' })).toEqual(['fail ERR_CLOCK_BACK'])
    expect(verdictOn(new Map(), { createdAt: '2026-11-22T13:00:01Z' })).toEqual(['fail ERR_CLOCK_BACK'])
  })

  it('counts from now on where somebody said that it had been wrong', () => {
    const wrong = aRecord(7, { at: '2031-01-01T00:00:00Z' })
    const right = aRecord(8, { reason: 'the clock was in 2031' })

    expect(verdictOn(remembering([wrong]), NEXT)).toEqual(['fail ERR_CLOCK_BACK'])
    expect(verdictOn(remembering([wrong]), NEXT, { allow: 'it was wrong' })).toEqual(['logged ERR_CLOCK_BACK'])
    expect(verdictOn(remembering([wrong, right]), { ...NEXT, sequence: 9, previous: waybillOf(8) })).toEqual(['pass'])
  })
})
