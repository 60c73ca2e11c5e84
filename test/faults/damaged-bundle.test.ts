import { expect, it } from 'vitest'
import { aBundle, aRelease, judge } from '../support/bundles.js'
import { aPatient, cutAt, flipEach, rearranged, replaceWith, sample } from '../support/bundles-damage.js'

/** Some hundred kilobytes, with an index, referrers and tags. */
const RELEASE = aRelease(60_000)

it('notices a changed byte anywhere else, and every one of the end', async () => {
  const sick = await aPatient(await aBundle(RELEASE.all))
  const size = sick.bytes.byteLength

  const content = await flipEach(sick, sample(sick.firstBlobAt, size, 211), 0x10)
  const end = await flipEach(sick, sample(size - 1536, size, 3), 0x01)

  expect([...content, ...end]).toEqual([])
  expect(await judge(sick.path)).toEqual({ verdict: 'verified' })
})

it('notices a cut at every block, and at places between', async () => {
  const sick = await aPatient(await aBundle(RELEASE.all))
  const size = sick.bytes.byteLength
  const blocks = Array.from({ length: Math.ceil(size / 512) }, (_, at) => at * 512)

  const admitted = await cutAt(sick, [
    ...blocks,
    ...blocks.filter((_, at) => at % 7 === 3).map((at) => at + 1),
    size - 1,
  ])

  expect(admitted).toEqual([])
  expect(await judge(sick.path)).toEqual({ verdict: 'verified' })
})

it('notices every entry that is added, removed, doubled, swapped or renamed', async () => {
  const sick = await aPatient(await aBundle(RELEASE.all))

  const admitted = await replaceWith(sick, rearranged(sick.bytes))

  expect(admitted).toEqual([])
  expect(await judge(sick.path)).toEqual({ verdict: 'verified' })
})
