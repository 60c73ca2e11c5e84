import { expect, test } from 'vitest'
import { nextSlots } from '../../../src/tui/components/slots.js'
import { digestNo } from '../../support/transfers.js'

const blob = (number: number, bytes = 0) => ({ digest: digestNo(number), size: 10, bytes })

test('everything keeps its row until it ends, and what is new takes the first that is free', () => {
  const first = nextSlots([], [blob(1), blob(2), blob(3), blob(4)], 3)
  const second = nextSlots(first, [blob(1, 5), blob(3), blob(4)], 3)

  expect(first).toEqual([blob(1), blob(2), blob(3)])
  expect(second).toEqual([blob(1, 5), blob(4), blob(3)])
  expect(nextSlots(second, [blob(3)], 3)).toEqual([undefined, undefined, blob(3)])
})

test('a screen that gets smaller gives those a new row that had one below', () => {
  expect(nextSlots([undefined, undefined, blob(3)], [blob(3)], 2)).toEqual([blob(3), undefined])
})
