import { expect, it } from 'vitest'
import { aBundle, aRelease, judge } from '../support/bundles.js'
import { aPatient, cutAt, flipEach, rearranged, replaceWith, sample } from '../support/bundles-damage.js'

// A sample of what test/faults does to every byte.
it('notices damage wherever it is', async () => {
  const sick = await aPatient(await aBundle(aRelease(2000).all))
  const size = sick.bytes.byteLength

  const admitted = [
    ...(await flipEach(sick, sample(0, size, 131), 0x01)),
    ...(await flipEach(sick, sample(size - 1024, size, 100), 0x40)),
    ...(await cutAt(sick, sample(0, size, 1000))),
    ...(await replaceWith(sick, everyFifth(rearranged(sick.bytes)))),
  ]

  expect(admitted).toEqual([])
  expect(await judge(sick.path)).toEqual({ verdict: 'verified' })
})

async function* everyFifth<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  let at = 0
  for await (const item of items) {
    if (at % 5 === 0) yield item
    at += 1
  }
}
