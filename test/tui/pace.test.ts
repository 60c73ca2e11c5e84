import { expect, test } from 'vitest'
import { elapsedMs, movedPace, NO_PACE, type Pace, pausedPace, speedOf, startedPace } from '../../src/tui/pace.js'

/** So many bytes every 100 ms, from a moment to another. */
function steady(pace: Pace, bytes: number, [from, to]: readonly [number, number]): Pace {
  let after = pace
  for (let at = from + 100; at <= to; at += 100) after = movedPace(after, bytes, at)
  return after
}

test('says no speed before a second has passed', () => {
  const pace = startedPace(NO_PACE, 5000)

  expect(speedOf(steady(pace, 100, [5000, 5900]))).toBeUndefined()
  expect(speedOf(steady(pace, 100, [5000, 6000]))).toBe(1000)
})

test('forgets how fast it was ten seconds ago', () => {
  const fast = steady(startedPace(NO_PACE, 0), 1000, [0, 20_000])

  const slow = steady(fast, 10, [20_000, 30_200])

  expect(speedOf(slow)).toBeCloseTo(100, 5)
})

test('slows down to nothing where only time goes by', () => {
  const pace = steady(startedPace(NO_PACE, 0), 100, [0, 10_000])

  expect(speedOf(steady(pace, 0, [10_000, 15_000]))).toBeCloseTo(500, 5)
  expect(speedOf(steady(pace, 0, [10_000, 21_000]))).toBe(0)
})

test('counts no pause, neither for the speed nor for the time that was taken', () => {
  const before = steady(startedPace(NO_PACE, 0), 100, [0, 5000])

  const held = movedPace(pausedPace(before, true), 0, 95_000)
  const after = steady(pausedPace(held, false), 100, [95_000, 98_000])

  expect(speedOf(held)).toBe(1000)
  expect(elapsedMs(held)).toBe(5000)
  expect(speedOf(after)).toBe(1000)
  expect(elapsedMs(after)).toBe(8000)
})

test('takes a clock that goes back for one that stands still', () => {
  const pace = steady(startedPace(NO_PACE, 0), 100, [0, 2000])

  const back = movedPace(pace, 100, 500)

  expect(back.atMs).toBe(2000)
  expect(speedOf(back)).toBe(1050)
})

test('keeps as many samples as fit into ten seconds, however many events come', () => {
  let pace = startedPace(NO_PACE, 0)
  for (let at = 0; at < 200_000; at += 1) pace = movedPace(pace, 1, at / 2)

  expect(pace.samples.length).toBeLessThanOrEqual(52)
})
