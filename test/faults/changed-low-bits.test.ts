import { expect, it } from 'vitest'
import { aBundle, aRelease, judge } from '../support/bundles.js'
import { aPatient, flipEach, sample } from '../support/bundles-damage.js'

// One mask a file, so that they run beside each other.
it('notices the lowest bit of every byte of the metadata', async () => {
  const sick = await aPatient(await aBundle(aRelease(60_000).all))

  const admitted = await flipEach(sick, sample(0, sick.firstBlobAt, 1), 0x01)

  expect(sick.firstBlobAt).toBeGreaterThan(10_000)
  expect(admitted).toEqual([])
  expect(await judge(sick.path)).toEqual({ verdict: 'verified' })
})
