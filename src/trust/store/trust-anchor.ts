import { type Certificate, isSelfSigned } from '../certificate/certificate.js'
import { checkChain } from '../certificate/chain.js'
import { KeyUsageFlags } from '../certificate/x509.js'
import type { TrustStoreType } from '../policy/trust-policy.js'

// What the certificate chain rules refuse anywhere may not be what they end in.
const BROKEN_HASHES: readonly (string | undefined)[] = ['SHA-1', 'MD5', 'MD2']

/**
 * Why a certificate cannot be in a trust store of this type, or undefined (trust-store-trust-policy, "Trust Store", and
 * what notation holds stores to): a CA or self-signed; for `tsa` both, a root that may issue.
 */
export function anchorFault(certificate: Certificate, type: TrustStoreType): string | undefined {
  const ca = certificate.basicConstraints?.ca === true
  const soundlySelfSigned = isSelfSigned(certificate) && !BROKEN_HASHES.includes(certificate.signedWith.hash)
  if (type !== 'tsa') return ca || soundlySelfSigned ? undefined : 'is neither a CA nor self-signed'
  if (!soundlySelfSigned) return 'is not self-signed, and timestamps are trusted through a root only'
  if (!ca) return 'is not a CA, and timestamps are trusted through a root CA only'
  const usages = certificate.keyUsage?.usages ?? KeyUsageFlags.keyCertSign
  return (usages & KeyUsageFlags.keyCertSign) === 0 ? 'is a root that may not issue certificates' : undefined
}

/**
 * Why a certificate should not be added to a trust store, or undefined. Narrower than what a store may have: a root, or a
 * signing certificate of its own. An intermediate works until it is renewed, and then nothing verifies any more.
 */
export function rootFault(certificate: Certificate, type: TrustStoreType): string | undefined {
  const { subject, issuer } = certificate
  if (!isSelfSigned(certificate)) return `${subject} is not self-signed, it was issued by ${issuer}`
  const fault = anchorFault(certificate, type)
  if (fault !== undefined) return `${subject} ${fault}`
  if (certificate.basicConstraints?.ca === true) return undefined
  const findings = checkChain([certificate])
  return findings.length === 0 ? undefined : `it is not a CA, and not fit to sign either: ${findings.join('; ')}`
}
