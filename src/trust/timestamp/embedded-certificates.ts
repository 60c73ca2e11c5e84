import { hasCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { type Certificate, isIssuedBy, isSelfSigned } from '../certificate/certificate.js'
import { readToken, type TimestampToken } from './token.js'
import { checkTokenSigner } from './token-signer.js'

/**
 * The authority's chain as far as a token carries it, leaf first; the root is often left out. Empty for what is no token, and
 * for one that none of its certificates signed: those could be anybody's. Nothing says that the authority is trusted.
 */
export function embeddedCertificates(der: Uint8Array): readonly Certificate[] {
  try {
    const token = readToken(der)
    const leaf = signerOf(token)
    return leaf === undefined ? [] : upwards(leaf, token.certificates)
  } catch (cause) {
    if (hasCode(cause, 'ERR_TIMESTAMP_INVALID')) return []
    throw cause
  }
}

function signerOf(token: TimestampToken): Certificate | undefined {
  for (const signer of token.signers) {
    try {
      return checkTokenSigner(token, signer).certificate
    } catch (cause) {
      if (!hasCode(cause, 'ERR_TIMESTAMP_INVALID')) throw cause
    }
  }
  return undefined
}

function upwards(leaf: Certificate, carried: readonly Certificate[]): readonly Certificate[] {
  const path = [leaf]
  for (let last = leaf; !isSelfSigned(last) && path.length < LIMITS.chainLength; ) {
    const issuer = carried.find((one) => !path.includes(one) && isIssuedBy(last, one))
    if (issuer === undefined) break
    path.push(issuer)
    last = issuer
  }
  return path
}
