import type { SignWaybill } from '../../src/bundle/seal.js'
import { ENVELOPE_JWS, type EnvelopeType } from '../../src/trust/envelope/envelope.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { formatPayload } from '../../src/trust/payload.js'
import { MADE_AT } from './clock.js'

/** Signs a waybill plainly, at the time at which the bundles of the tests were made. */
export function signWaybill(
  signer: Signer | undefined,
  given: { readonly type?: EnvelopeType; readonly expiry?: Date } = {},
): SignWaybill | undefined {
  if (signer === undefined) return undefined
  const { type = ENVELOPE_JWS, ...times } = given
  return async (waybill) => ({
    envelope: await sealEnvelope(formatPayload(waybill), signer, {
      type,
      signingTime: MADE_AT,
      agent: 'waybill/0.0.0-test',
      ...times,
    }),
    type,
    chain: signer.chain,
    signingTime: MADE_AT,
  })
}
