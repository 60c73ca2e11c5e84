import { hash } from 'node:crypto'
import { hasCode } from '../../errors.js'
import type { Certificate } from '../certificate/certificate.js'
import { checkValidity } from '../certificate/chain.js'
import type { SignerInfo } from '../pkijs.js'
import { findAuthorityChain } from './authority-chain.js'
import { invalidToken } from './fault.js'
import type { VerifiedTimestamp } from './timestamp.js'
import { readToken, type TimestampToken } from './token.js'
import { checkTokenSigner } from './token-signer.js'

/** What a token must be about, and who may have made it. */
export interface TimestampExpectation {
  /** the raw signature that the token covers */
  readonly signed: Uint8Array
  /** the roots of the policy's `tsa` trust stores; what is not self-signed leads nowhere */
  readonly anchors: readonly Certificate[]
}

/**
 * Verifies an RFC 3161 TimeStampToken as the Notary Project wants it (trust-store-trust-policy, "Authentic Timestamp"): what
 * it is over, who signed it, and that the authority's chain was in force at its own genTime. Revocation, and what the time
 * means for the signing chain, are the caller's to judge.
 * @param der the token: the CMS message, not the response that an authority sends it in
 * @throws ERR_TIMESTAMP_INVALID
 */
export async function verifyTimestampToken(der: Uint8Array, given: TimestampExpectation): Promise<VerifiedTimestamp> {
  const token = readToken(der)
  checkImprint(token, given.signed)
  const chain = verifySigners(token, given.anchors)
  const { genTime, earliest, latest, policy } = token.info
  return { genTime, earliest, latest, policy, chain }
}

/**
 * Checks that the token is about these bytes.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function checkImprint({ info: { imprint } }: Pick<TimestampToken, 'info'>, signed: Uint8Array): void {
  if (Buffer.compare(hash(imprint.digest, signed, 'buffer'), imprint.value) !== 0) {
    throw invalidToken('is over something else than this signature')
  }
}

/**
 * The authority's chain, by the first signer that holds: a token may have several, and one suffices (ADR 18).
 * @throws ERR_TIMESTAMP_INVALID with what is wrong with the first
 */
export function verifySigners(token: TimestampToken, anchors: readonly Certificate[]): readonly Certificate[] {
  let fault: unknown
  for (const signer of token.signers) {
    try {
      return verifySigner(token, signer, anchors)
    } catch (cause) {
      if (!hasCode(cause, 'ERR_TIMESTAMP_INVALID')) throw cause
      fault ??= cause
    }
  }
  throw fault ?? invalidToken('has no signer')
}

function verifySigner(token: TimestampToken, signer: SignerInfo, anchors: readonly Certificate[]) {
  const { certificate, attributes } = checkTokenSigner(token, signer)
  const chain = findAuthorityChain(certificate, { carried: token.certificates, anchors, at: token.info.genTime })
  const { signingTime } = attributes
  // The reference code holds the signer's own word against the chain as well, where there is one (ADR 18).
  const findings = signingTime === undefined ? [] : checkValidity(chain, signingTime)
  if (findings.length > 0)
    throw invalidToken(`has a signingTime at which its chain was not valid: ${findings.join('; ')}`)
  return chain
}
