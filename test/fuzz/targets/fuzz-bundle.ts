import { anImage } from '../../support/build.js'
import { APP, aRepository } from '../../support/bundles.js'
import type { Base } from '../../support/bundles-vectors.js'
import { aBase } from '../../support/bundles-vectors.js'
import { fixedSigner } from '../../support/keys-fixed.js'

/** A small sound bundle, and what it was made of. */
export async function aFuzzBundle(): Promise<Base> {
  const image = anImage({ layers: 1, size: 40 }).tagged('1.0')
  return await aBase('fuzz', {
    from: { [APP]: await aRepository(image) },
    sources: [`${APP}:1.0`],
    signer: fixedSigner(),
  })
}
