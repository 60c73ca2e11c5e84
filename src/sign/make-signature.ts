import type { Descriptor } from '../oci/descriptor.js'
import { openEnvelope } from '../trust/envelope/open.js'
import { sealEnvelope, withTimestampToken } from '../trust/envelope/seal.js'
import type { SealedPayload } from '../trust/key/signer.js'
import { formatPayload, PAYLOAD_TYPE } from '../trust/payload.js'
import { checkMade } from './check-made.js'
import { type MadeSignature, makesEnvelopes, type SigningOptions } from './signing-options.js'
import { requestToken } from './timestamp.js'

/**
 * Signs a descriptor and, where there is an authority, has the signature timestamped. What comes out has been opened and
 * judged as by a stranger: a token, a plugin or an authority may have answered anything.
 * @throws ERR_USAGE, ERR_KEY_UNUSABLE, ERR_PLUGIN_FAILED, ERR_SIGNATURE_INVALID, ERR_TIMESTAMP_AUTHORITY,
 *   ERR_TIMESTAMP_INVALID
 */
export async function makeSignature(target: Descriptor, given: SigningOptions): Promise<MadeSignature> {
  const { type, authority } = given
  const { envelope, annotations } = await seal(target, given)
  if (authority === undefined) return { ...(await checkMade(envelope, target, given)), annotations }
  const { signature, algorithm } = await openEnvelope(envelope, type)
  const token = await requestToken(signature, authority, { algorithm, signal: given.signal })
  return { ...(await checkMade(withTimestampToken(envelope, type, token), target, given)), annotations }
}

async function seal(target: Descriptor, given: SigningOptions): Promise<SealedPayload> {
  const { signer, type, signingTime, lifetimeMs, agent, signal } = given
  const payload = formatPayload(target, given.metadata)
  if (makesEnvelopes(signer)) {
    const lifetime = lifetimeMs === undefined ? {} : { expirySeconds: lifetimeMs / 1000 }
    return await signer.sealPayload(payload, { payloadType: PAYLOAD_TYPE, envelopeType: type, ...lifetime, signal })
  }
  const expiry = lifetimeMs === undefined ? {} : { expiry: new Date(signingTime.getTime() + lifetimeMs) }
  return {
    envelope: await sealEnvelope(payload, signer, { type, signingTime, ...expiry, agent, signal }),
    annotations: {},
  }
}
