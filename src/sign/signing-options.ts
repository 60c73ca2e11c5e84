import type { CallOptions } from '../content/store.js'
import type { EnvelopeType, OpenedEnvelope } from '../trust/envelope/envelope.js'
import type { EnvelopeSigner, Signer } from '../trust/key/signer.js'
import type { VerifiedTimestamp } from '../trust/timestamp/timestamp.js'
import type { TimestampAuthority } from './timestamp.js'

export interface SigningOptions extends CallOptions {
  readonly signer: Signer | EnvelopeSigner
  readonly type: EnvelopeType
  /** what the signature says of when it was made */
  readonly signingTime: Date
  /** the clock: a verifier has to accept the signature at this moment */
  readonly now: Date
  /** how long after the signing time it counts */
  readonly lifetimeMs?: number
  /** what the signer says of the artifact */
  readonly metadata: Readonly<Record<string, string>>
  /** the program that signs, `waybill/1.2.3`; nobody may rely on it */
  readonly agent: string
  readonly authority?: TimestampAuthority
}

/** A finished signature, and what somebody who knows nothing of its making has found in it. */
export interface MadeSignature {
  readonly envelope: Uint8Array
  readonly opened: OpenedEnvelope
  readonly timestamp?: VerifiedTimestamp
  /** what a signing service wants to stand in the signature's manifest */
  readonly annotations: Readonly<Record<string, string>>
}

/** True for a signing service, which shows no raw signature, and whose chain is known when it has signed. */
export function makesEnvelopes(signer: Signer | EnvelopeSigner): signer is EnvelopeSigner {
  return 'sealPayload' in signer
}
