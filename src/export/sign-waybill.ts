import type { SignWaybill } from '../bundle/seal.js'
import { makeSignature } from '../sign/make-signature.js'
import type { MadeSignature, SigningOptions } from '../sign/signing-options.js'

/**
 * Signs a bundle's waybill like any artifact; what is stated, when it expires and who vouches for its time go with it.
 * @param onMade is told of the signature
 */
export function waybillSigner(given: SigningOptions, onMade: (made: MadeSignature) => void): SignWaybill {
  return async (waybill) => {
    const made = await makeSignature(waybill, given)
    onMade(made)
    const { type, chain, attributes } = made.opened
    return { envelope: made.envelope, type, chain, signingTime: attributes.signingTime }
  }
}
