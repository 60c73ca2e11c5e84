import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { onAbort } from '../../src/registry/on-abort.js'

it('tells everybody who is still waiting, once', () => {
  const stop = new AbortController()
  const told: string[] = []
  onAbort(stop.signal, () => told.push('a'))
  const release = onAbort(stop.signal, () => told.push('b'))
  onAbort(stop.signal, () => told.push('c'))
  release()

  stop.abort()
  stop.abort()

  expect(told).toEqual(['a', 'c'])
})

it('has one listener for many who wait, and none when nobody does', () => {
  const { signal } = new AbortController()

  const releases = Array.from({ length: 50 }, () => onAbort(signal, () => undefined))
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  for (const release of releases) release()
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)

  onAbort(signal, () => undefined)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
})

it('lets one who is told release another', () => {
  const stop = new AbortController()
  const told: string[] = []
  const releases: (() => void)[] = []
  onAbort(stop.signal, () => {
    told.push('a')
    for (const release of releases) release()
  })
  releases.push(onAbort(stop.signal, () => told.push('b')))

  stop.abort()

  expect(told).toEqual(['a'])
})
