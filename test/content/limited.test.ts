import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { limited } from '../../src/content/limited.js'

function options(limit: number, signal = new AbortController().signal) {
  return { limit, signal }
}

describe('limited', () => {
  it('works on every item', async () => {
    const done: number[] = []

    await limited([1, 2, 3, 4, 5], options(2), async (item) => {
      await wait(1)
      done.push(item)
    })

    expect(done.sort()).toEqual([1, 2, 3, 4, 5])
  })

  it('never works on more than the limit, and does reach it', async () => {
    let running = 0
    let most = 0

    await limited(Array.from({ length: 20 }), options(3), async () => {
      running += 1
      most = Math.max(most, running)
      await wait(1)
      running -= 1
    })

    expect(most).toBe(3)
  })

  it('does not take items from an iterator before there is room for them', async () => {
    let taken = 0
    let done = 0
    let ahead = 0
    function* items() {
      for (let at = 0; at < 10; at += 1) {
        taken += 1
        ahead = Math.max(ahead, taken - done)
        yield at
      }
    }

    await limited(items(), options(2), async () => {
      await wait(1)
      done += 1
    })

    expect(ahead).toBeLessThanOrEqual(3)
  })

  it('ends at once for no items', async () => {
    await expect(limited([], options(2), () => Promise.reject(new Error('never')))).resolves.toBeUndefined()
  })

  it('throws the first failure unchanged, after every sibling has ended', async () => {
    const failure = new Error('the second one')
    const ended: number[] = []

    const running = limited([1, 2, 3], options(3), async (item) => {
      await wait(item === 2 ? 1 : 10)
      if (item === 2) throw failure
      ended.push(item)
    })

    await expect(running).rejects.toBe(failure)
    expect(ended.sort()).toEqual([1, 3])
  })

  it('tells siblings of a failure, and begins nothing more', async () => {
    const begun: number[] = []
    const told: boolean[] = []

    const running = limited([1, 2, 3, 4, 5, 6], options(2), async (item, signal) => {
      begun.push(item)
      await wait(1)
      if (item === 1) throw new Error('stop')
      await wait(5)
      told.push(signal.aborted)
    })

    await expect(running).rejects.toThrow('stop')
    expect(begun.length).toBeLessThanOrEqual(3)
    expect(told.every((aborted) => aborted)).toBe(true)
  })

  it('waits for what is running when the iterator fails', async () => {
    let ended = false
    async function* items() {
      yield 1
      throw new Error('the walk failed')
    }

    const running = limited(items(), options(4), async () => {
      await wait(5)
      ended = true
    })

    await expect(running).rejects.toThrow('the walk failed')
    expect(ended).toBe(true)
  })

  it('treats work that throws before its first wait like any other failure', async () => {
    const running = limited([1], options(1), () => {
      throw new Error('at once')
    })

    await expect(running).rejects.toThrow('at once')
  })

  it('throws the reason of an abort, after what is running has ended', async () => {
    const stop = new AbortController()
    let ended = 0

    const running = limited([1, 2, 3, 4], options(2, stop.signal), async () => {
      stop.abort(new Error('cancelled'))
      await wait(2)
      ended += 1
    })

    await expect(running).rejects.toThrow('cancelled')
    expect(ended).toBe(1)
  })

  it('begins nothing when it is cancelled already', async () => {
    let begun = 0

    const running = limited([1, 2], options(2, AbortSignal.abort(new Error('cancelled'))), async () => {
      begun += 1
    })

    await expect(running).rejects.toThrow('cancelled')
    expect(begun).toBe(0)
  })
})
