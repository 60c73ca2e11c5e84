import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TransferEvent } from '../../src/events.js'
import {
  laterTransfer,
  leftMs,
  NO_TRANSFER,
  nextTransfer,
  pausedTransfer,
  percentOf,
  type Transfer,
} from '../../src/tui/transfer.js'
import { digestNo, transferOf } from '../support/transfers.js'

const [A, B] = [digestNo(1), digestNo(2)]

function loading(blobs: number, bytes: number): TransferEvent {
  return { type: 'stage-started', stage: 'load', total: { blobs, bytes } }
}
function started(digest = A, size = 100): TransferEvent {
  return { type: 'blob-started', digest, size }
}
function progress(bytes: number, digest = A): TransferEvent {
  return { type: 'blob-progress', digest, bytes }
}
function ended(how: 'copied' | 'present' | 'mounted' | 'resumed' = 'copied', digest = A, size = 100): TransferEvent {
  return { type: 'blob-ended', digest, size, how }
}

describe('the bytes of a load', () => {
  test('are counted as they are sent, and what was sent is not counted again when the blob ends', () => {
    const half = transferOf([loading(2, 300), started(), progress(30), progress(30)])
    const whole = transferOf([loading(2, 300), started(), progress(30), progress(30), ended()])

    expect(half.done).toEqual({ blobs: 0, bytes: 60 })
    expect(half.active).toEqual([{ digest: A, size: 100, bytes: 60 }])
    expect(whole.done).toEqual({ blobs: 1, bytes: 100 })
    expect(whole.active).toEqual([])
    expect(percentOf(whole)).toBe(33)
  })

  test('are counted when a blob ends that nobody saw begin', () => {
    const state = transferOf([loading(3, 300), ended('present'), ended('mounted', B)])

    expect(state.done).toEqual({ blobs: 2, bytes: 200 })
    expect(state.counts).toEqual({ copied: 0, present: 1, mounted: 1, resumed: 0 })
  })

  test('of a blob that is sent anew are taken back', () => {
    const state = transferOf([loading(2, 300), started(), progress(90), started()])
    const after = transferOf([loading(2, 300), started(), progress(90), started(), progress(40)])

    expect(state.done.bytes).toBe(0)
    expect(after.done.bytes).toBe(40)
    expect(after.active).toEqual([{ digest: A, size: 100, bytes: 40 }])
  })

  test('never are more than the blob has', () => {
    const state = transferOf([loading(2, 300), started(), progress(90), progress(90)])

    expect(state.done.bytes).toBe(100)
  })

  test('tell nothing about the speed where the target had them', () => {
    const state = transferOf([loading(2, 1e12), ended('present', A, 1e11), started(B, 10_000), progress(2000, B)], 1000)

    expect(state.pace.moved).toBe(2000)
    expect(leftMs(state)).toBeGreaterThan(1e9)
  })
})

describe('a verification', () => {
  const verifying: TransferEvent = { type: 'stage-started', stage: 'verify', total: { blobs: 2, bytes: 300 } }

  test('counts each blob when it has been hashed, and remembers how much was while it is loaded', () => {
    const state = transferOf([verifying, progress(100), progress(200, B)])
    const later = transferOf([verifying, progress(100), progress(200, B), loading(2, 300)])

    expect(state.done).toEqual({ blobs: 2, bytes: 300 })
    expect(later.done.bytes).toBe(0)
    expect(later.hashed).toBe(300)
  })

  test('counts what passes, and keeps what fails, printable', () => {
    const checked = (result: 'pass' | 'fail' | 'logged', subject: string): TransferEvent => {
      return { type: 'checked', check: 'policy', subject, result }
    }

    const state = transferOf([checked('pass', 'a'), checked('fail', 'b\u001b[2J'), checked('logged', 'c')])

    expect(state.checks.get('policy')).toEqual({ pass: 1, fail: 1, logged: 1, 'not-applicable': 0 })
    expect(state.findings).toEqual([
      { check: 'policy', subject: 'b\\u{1b}[2J', result: 'fail' },
      { check: 'policy', subject: 'c', result: 'logged' },
    ])
  })
})

describe('notes', () => {
  test('are printable, the newest last, and what is said again is counted', () => {
    const retrying: TransferEvent = { type: 'retrying', what: 'PUT \u202e', waitMs: 1000, reason: 'HTTP 500' }
    const state = transferOf([retrying, retrying, { type: 'warning', code: 'odd', message: 'x'.repeat(10_000) }])

    expect(state.retries).toBe(2)
    expect(state.notes[0]).toEqual({ kind: 'retry', text: 'PUT \\u{202e}: HTTP 500', times: 2 })
    expect(state.notes[1]?.text.length).toBeLessThanOrEqual(301)
  })
})

describe('the time that is left', () => {
  test('falls as long as the speed stays the same', () => {
    let state = transferOf([loading(1, 1_000_000), started(A, 1_000_000)])
    const left: number[] = []
    for (let at = 100; at < 60_000; at += 100) {
      state = nextTransfer(state, progress(1000), at)
      const ms = leftMs(state)
      if (ms !== undefined) left.push(ms)
    }

    expect(left.length).toBeGreaterThan(500)
    expect(left.every((ms, at) => at === 0 || ms < (left[at - 1] ?? 0))).toBe(true)
  })

  test('is unknown in a pause, without a total, and where nothing moves', () => {
    const state = transferOf(
      [loading(1, 1e6), started(A, 1e6), ...Array.from({ length: 30 }, () => progress(1000))],
      100,
    )
    const endless = transferOf([{ type: 'stage-started', stage: 'load' }, started(), progress(10)], 1000)

    expect(leftMs(state)).toBeGreaterThan(0)
    expect(leftMs(pausedTransfer(state, true))).toBeUndefined()
    expect(leftMs(endless)).toBeUndefined()
    expect(percentOf(endless)).toBeUndefined()
    let still = state
    for (let at = 3000; at < 20_000; at += 1000) still = laterTransfer(still, at)
    expect(leftMs(still)).toBeUndefined()
  })
})

const anyEvent: fc.Arbitrary<TransferEvent> = fc.oneof(
  fc.record({
    type: fc.constant('stage-started' as const),
    stage: fc.constantFrom('verify' as const, 'load' as const, 'write' as const),
    total: fc.record({ blobs: fc.nat(20), bytes: fc.nat(2000) }),
  }),
  fc.record({ type: fc.constant('blob-started' as const), digest: fc.nat(90).map(digestNo), size: fc.nat(200) }),
  fc.record({
    type: fc.constant('blob-progress' as const),
    digest: fc.nat(90).map(digestNo),
    bytes: fc.oneof(fc.nat(200), fc.constantFrom(-5, Number.NaN, Number.POSITIVE_INFINITY)),
  }),
  fc.record({
    type: fc.constant('blob-ended' as const),
    digest: fc.nat(90).map(digestNo),
    size: fc.nat(200),
    how: fc.constantFrom('copied' as const, 'present' as const, 'mounted' as const, 'resumed' as const),
  }),
  fc.record({ type: fc.constant('warning' as const), code: fc.string(), message: fc.string() }),
)

describe('whatever comes, in whatever order', () => {
  test('bytes and blobs are never negative, and never more than there are', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 300 }), (events) => {
        let state = NO_TRANSFER
        for (const [at, event] of events.entries()) {
          state = nextTransfer(state, event, at * 50)
          const { done, total, active, pace } = state
          for (const what of ['bytes', 'blobs'] as const) {
            expect(done[what]).toBeGreaterThanOrEqual(0)
            expect(done[what]).toBeLessThanOrEqual(total?.[what] ?? Number.POSITIVE_INFINITY)
          }
          expect(active.filter(({ size, bytes }) => bytes < 0 || bytes > size)).toEqual([])
          expect(pace.moved).toBeGreaterThanOrEqual(0)
          expect(active.length).toBeLessThanOrEqual(64)
        }
      }),
    )
  })

  test('the order in which blobs come changes nothing of what is done in the end', () => {
    const blobs = fc.uniqueArray(fc.record({ number: fc.nat(1000), size: fc.integer({ min: 1, max: 500 }) }), {
      selector: ({ number }) => number,
      maxLength: 40,
    })
    fc.assert(
      fc.property(blobs, fc.infiniteStream(fc.nat()), (all, order) => {
        const events = (list: typeof all): TransferEvent[] => [
          loading(all.length, 1e9),
          ...list.map(({ number, size }) => started(digestNo(number), size)),
          ...list.map(({ number, size }) => progress(size / 2, digestNo(number))),
          ...list.map(({ number, size }) => ended('copied', digestNo(number), size)),
        ]
        const keys = new Map(all.map((blob) => [blob, order.next().value]))
        const mixed = all.toSorted((one, other) => Number(keys.get(one)) - Number(keys.get(other)))

        expect(transferOf(events(mixed)).done).toEqual(transferOf(events(all)).done)
      }),
    )
  })

  test('the state stays as small as it was', () => {
    const flood = (count: number): Transfer => {
      const events = Array.from({ length: count }, (_, at): TransferEvent[] => [
        started(digestNo(at), 10),
        { type: 'checked', check: `check ${at}`, subject: `${at}`, result: 'fail' },
        { type: 'warning', code: 'odd', message: `${at}` },
        { type: 'retrying', what: `${at}`, waitMs: 1, reason: '' },
        { type: 'stage-ended', stage: 'load' },
      ])
      return transferOf(events.flat())
    }
    const size = (state: Transfer): number => JSON.stringify({ ...state, checks: [...state.checks] }).length

    expect(size(flood(5000))).toBeLessThan(size(flood(500)) + 500)
  })
})
