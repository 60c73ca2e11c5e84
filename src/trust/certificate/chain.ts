import { LIMITS } from '../../limits.js'
import { type Certificate, isIssuedBy, isSelfSigned } from './certificate.js'
import { type ChainPurpose, issuerRules, leafRules, signatureRules } from './rules.js'

/**
 * Holds a chain, leaf first, against the Notary Project's rules (signature-specification, "Certificate Requirements"):
 * complete and in order up to one self-signed root, what each certificate may do, sound keys and hashes. A certificate
 * alone is a leaf that has signed itself. Dates and trust are not its business. Gives a sentence for each broken rule; an
 * empty list is a sound chain.
 */
export function checkChain(chain: readonly Certificate[], purpose: ChainPurpose = 'codeSigning'): readonly string[] {
  const [leaf, ...issuers] = chain
  if (leaf === undefined) return ['the chain has no certificate']
  if (chain.length > LIMITS.chainLength) return [`the chain has more than ${LIMITS.chainLength} certificates`]
  return [
    ...chain.flatMap((certificate) => signatureRules(certificate)),
    ...links(chain),
    ...leafRules(leaf, purpose),
    ...issuers.flatMap((issuer, below) => issuerRules(issuer, below, purpose)),
  ]
}

/** A sentence for each certificate that is not valid at this moment; both ends of its time belong to it (RFC 5280). */
export function checkValidity(chain: readonly Certificate[], at: Date): readonly string[] {
  return chain.flatMap(({ subject, notBefore, notAfter }) => {
    if (at >= notBefore && at <= notAfter) return []
    // Asked this way round so that an invalid date, which compares to nothing, is never in force.
    if (at > notAfter) return [`${subject}: expired at ${notAfter.toISOString()}`]
    return [`${subject}: is not valid before ${notBefore.toISOString()}`]
  })
}

/** Each certificate is issued by the next, and only the last by itself: no gap, no stranger, no second root. */
function links(chain: readonly Certificate[]): string[] {
  return chain.flatMap((certificate, at) => {
    const issuer = chain[at + 1]
    if (issuer === undefined) {
      return isSelfSigned(certificate)
        ? []
        : [`${certificate.subject}: is the last of the chain but not a self-signed root`]
    }
    if (isSelfSigned(certificate)) return [`${certificate.subject}: is self-signed but not the last of the chain`]
    return isIssuedBy(certificate, issuer)
      ? []
      : [`${certificate.subject}: is not issued by ${issuer.subject}, which follows it in the chain`]
  })
}
