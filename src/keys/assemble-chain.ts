import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Certificate, isIssuedBy, isSelfSigned } from '../trust/certificate/certificate.js'

/**
 * The chain of a leaf, up to its self-signed root, from certificates in no order: a key file or a token keeps them in a bag.
 * Each step is proven by the issuer's signature, so that of two certificates with one name the right one is taken. What
 * belongs to no step is left out.
 * @param hint says where a missing certificate can be given
 * @throws ERR_CONFIG_INVALID where an issuer is missing
 */
export function assembleChain(
  leaf: Certificate,
  candidates: readonly Certificate[],
  hint: string,
): readonly Certificate[] {
  const chain = [leaf]
  for (let last = leaf; !isSelfSigned(last); ) {
    const child = last
    const issuer = candidates.find((candidate) => isIssuedBy(child, candidate))
    // Two authorities that certify each other go round for ever.
    if (issuer === undefined || chain.length >= LIMITS.chainLength) {
      throw new TransferError(
        'ERR_CONFIG_INVALID',
        `the certificate of the issuer of ${last.subject}, ${last.issuer}, is missing: ${hint}`,
        { side: 'operator' },
      )
    }
    chain.push(issuer)
    last = issuer
  }
  return chain
}
