import { beforeAll, describe, expect, it } from 'vitest'
import { waybillSigner } from '../../src/export/sign-waybill.js'
import type { EnvelopeSigner } from '../../src/trust/key/signer.js'
import { type MintedChain, mintChain, NOW } from '../support/keys.js'
import { authorityHeaders, pluginHeaders, type SealRecipe, signedBy } from '../support/notary.js'
import { SUBJECT, signingWith } from '../support/signing.js'

let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

/** A signing service with envelopes of its own form. */
function aService(recipe: SealRecipe = {}): EnvelopeSigner {
  return {
    sealPayload: async () => ({ envelope: await signedBy(chain, { target: SUBJECT, ...recipe }), annotations: {} }),
  }
}

describe('the signature on a waybill', () => {
  it('can come from a signing service', async () => {
    const sign = waybillSigner(signingWith(aService()), () => {})

    await expect(sign(SUBJECT)).resolves.toMatchObject({ signingTime: NOW })
  })

  it.each([
    ['a signing authority', authorityHeaders(NOW)],
    ['a service whose signatures want a plugin', pluginHeaders('com.example.verifier')],
  ])('is not made by %s: no importer would take it', async (_who, recipe) => {
    const made: unknown[] = []
    const sign = waybillSigner(signingWith(aService(recipe)), (one) => made.push(one))

    await expect(sign(SUBJECT)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID', side: 'operator' })
    expect(made).toEqual([])
  })
})
