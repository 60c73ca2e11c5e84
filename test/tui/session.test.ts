import { afterEach, describe, expect, test, vi } from 'vitest'
import { speedOf } from '../../src/tui/pace.js'
import { createSession, type Session } from '../../src/tui/session.js'
import { startState } from '../../src/tui/state.js'
import { digestNo } from '../support/transfers.js'

afterEach(() => {
  vi.useRealTimers()
})

/** A session on a clock that only the test moves, and how often it was drawn. */
function running(): { readonly session: Session; readonly pictures: () => number } {
  vi.useFakeTimers()
  const session = createSession(startState('import'), { now: () => Date.now() })
  let pictures = 0
  session.tell({ type: 'work-started', kind: 'import' })
  session.subscribe(() => {
    pictures += 1
  })
  return { session, pictures: () => pictures }
}

describe('a session', () => {
  test('draws what was done by a person at once, and a flood of events a few times a second', () => {
    const { session, pictures } = running()

    for (let ms = 0; ms < 1000; ms += 1) {
      for (let at = 0; at < 10; at += 1) session.emit({ type: 'tagged', reference: 'a', digest: digestNo(at) })
      vi.advanceTimersByTime(1)
    }
    const flooded = pictures()
    session.tell({ type: 'paused', paused: true })

    expect(flooded).toBeGreaterThanOrEqual(4)
    expect(flooded).toBeLessThanOrEqual(15)
    expect(pictures()).toBe(flooded + 1)
    expect(session.shown().work.transfer.tagged).toBe(10_000)
  })

  test('shows nothing of an event before its picture', () => {
    const { session, pictures } = running()
    const before = session.shown()

    session.emit({ type: 'tagged', reference: 'a', digest: digestNo(1) })

    expect(session.shown()).toBe(before)
    vi.advanceTimersByTime(300)
    expect(session.shown().work.transfer.tagged).toBe(1)
    expect(pictures()).toBe(1)
  })

  test('shows that work stands still, and counts no pause', () => {
    const { session } = running()
    session.emit({ type: 'stage-started', stage: 'load', total: { blobs: 1, bytes: 1e9 } })
    session.emit({ type: 'blob-started', digest: digestNo(1), size: 1e9 })
    const speed = (): number | undefined => speedOf(session.shown().work.transfer.pace)

    for (let at = 0; at < 40; at += 1) {
      vi.advanceTimersByTime(100)
      session.emit({ type: 'blob-progress', digest: digestNo(1), bytes: 1000 })
    }
    session.tell({ type: 'paused', paused: true })
    vi.advanceTimersByTime(600_000)
    session.tell({ type: 'paused', paused: false })
    const held = speed()
    vi.advanceTimersByTime(15_000)

    expect(held).toBeCloseTo(10_000, -2)
    expect(speed()).toBe(0)
  })

  test('draws nothing more, and waits for nothing, when it is closed', () => {
    const { session, pictures } = running()
    session.emit({ type: 'tagged', reference: 'a', digest: digestNo(1) })

    session.close()
    session.emit({ type: 'tagged', reference: 'b', digest: digestNo(2) })

    expect(vi.getTimerCount()).toBe(0)
    expect(pictures()).toBe(0)
  })
})
