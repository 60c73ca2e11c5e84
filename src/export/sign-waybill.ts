import type { SignWaybill } from '../bundle/seal.js'
import { TransferError } from '../errors.js'
import { makeSignature } from '../sign/make-signature.js'
import type { MadeSignature, SigningOptions } from '../sign/signing-options.js'
import type { OpenedEnvelope } from '../trust/envelope/envelope.js'

/**
 * Signs a bundle's waybill like any artifact; what is stated, when it expires and who vouches for its time go with it.
 * @param onMade is told of the signature
 * @throws through the signer ERR_SIGNATURE_INVALID where a signing service makes one that no importer takes
 */
export function waybillSigner(given: SigningOptions, onMade: (made: MadeSignature) => void): SignWaybill {
  return async (waybill) => {
    const made = await makeSignature(waybill, given)
    requireWaybillForm(made.opened)
    onMade(made)
    const { type, chain, attributes } = made.opened
    return { envelope: made.envelope, type, chain, signingTime: attributes.signingTime }
  }
}

/** docs/format.md: an exporter signs plainly. A service may want more of a verifier than an importer gives to a bundle. */
function requireWaybillForm({ attributes: { scheme, verificationPlugin } }: OpenedEnvelope): void {
  const found =
    scheme !== 'notary.x509'
      ? `its signing scheme is ${scheme}`
      : verificationPlugin && `it asks for the verification plugin ${verificationPlugin}`
  if (found === undefined) return
  const message = `a bundle cannot be signed by this signing service: ${found}, and every importer refuses that`
  throw new TransferError('ERR_SIGNATURE_INVALID', message, { side: 'operator' })
}
