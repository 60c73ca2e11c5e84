import { TransferError } from '../../errors.js'
import type { Signer } from '../key/signer.js'
import { addTokenToCose, prepareCose } from './cose.js'
import { ENVELOPE_JWS, type EnvelopeType } from './envelope.js'
import { addTokenToJws, prepareJws } from './jws.js'
import { openEnvelope } from './open.js'

export interface SealOptions {
  readonly type: EnvelopeType
  readonly signingTime: Date
  readonly expiry?: Date
  /** the program that signs, `waybill/1.2.3`; nobody may rely on it */
  readonly agent: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Signs a payload as the Notary Project profiles it, scheme `notary.x509`, in one encoding: the same payload, times and
 * signature give the same bytes.
 * @throws ERR_USAGE if the signature would expire before it is made
 * @throws ERR_SIGNATURE_INVALID if what the signer answered does not verify; whatever the signer throws
 */
export async function sealEnvelope(payload: Uint8Array, signer: Signer, given: SealOptions): Promise<Uint8Array> {
  if (given.expiry !== undefined && given.expiry.getTime() < given.signingTime.getTime() + 1000) {
    throw new TransferError('ERR_USAGE', 'a signature must expire at least a second after it is made')
  }
  const prepare = given.type === ENVELOPE_JWS ? prepareJws : prepareCose
  const { toBeSigned, envelope } = prepare(payload, signer, given)
  const sealed = envelope(await signer.sign(toBeSigned, { signal: given.signal }))
  // A token or a plugin may answer anything; what leaves here verifies.
  await openEnvelope(sealed, given.type)
  return sealed
}

/**
 * Puts an RFC 3161 token beside the signature that it covers, in the place of one that is there. What is signed stays as it
 * is, byte for byte.
 * @throws ERR_SIGNATURE_INVALID if this is no envelope
 */
export function withTimestampToken(envelope: Uint8Array, type: EnvelopeType, token: Uint8Array): Uint8Array {
  return type === ENVELOPE_JWS ? addTokenToJws(envelope, token) : addTokenToCose(envelope, token)
}
