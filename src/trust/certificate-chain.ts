import { LIMITS } from '../limits.js'
import { algorithmOfKey, describeKey, mayIssue } from './algorithms.js'
import { type Certificate, isIssuedBy, isSelfSigned } from './certificate.js'
import { KeyUsageFlags } from './x509.js'

const FORBIDDEN_LEAF_USAGES = [
  ['keyEncipherment', KeyUsageFlags.keyEncipherment],
  ['dataEncipherment', KeyUsageFlags.dataEncipherment],
  ['keyAgreement', KeyUsageFlags.keyAgreement],
  ['keyCertSign', KeyUsageFlags.keyCertSign],
  ['cRLSign', KeyUsageFlags.cRLSign],
  ['encipherOnly', KeyUsageFlags.encipherOnly],
  ['decipherOnly', KeyUsageFlags.decipherOnly],
] as const

// `any` would let a TLS certificate sign releases; OCSPSigning belongs to the CA's own machinery.
const FORBIDDEN_LEAF_PURPOSES: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'any',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
}

const SCHEMES: readonly string[] = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA']
const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512']

/**
 * Holds a chain, leaf first, against the Notary Project's rules for code signing (signature-specification, "Certificate
 * Requirements"): complete and in order up to one self-signed root, what each certificate may do, sound keys and hashes.
 * Dates and trust are not its business. Gives a sentence for each broken rule; an empty list is a sound chain.
 */
export function checkChain(chain: readonly Certificate[]): readonly string[] {
  const [leaf, ...issuers] = chain
  if (leaf === undefined) return ['the chain has no certificate']
  if (chain.length > LIMITS.chainLength) return [`the chain has more than ${LIMITS.chainLength} certificates`]
  return [
    ...chain.flatMap((certificate) => soundness(certificate)),
    ...links(chain),
    ...leafRules(leaf),
    ...issuers.flatMap((issuer, below) => issuerRules(issuer, below)),
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

function soundness({ subject, signedWith }: Certificate): string[] {
  const { scheme, hash } = signedWith
  if (scheme === 'Ed25519' || (SCHEMES.includes(scheme) && hash !== undefined && HASHES.includes(hash))) return []
  return [`${subject}: is signed with ${scheme}${hash === undefined ? '' : ` and ${hash}`}, which is not accepted`]
}

function leafRules({ subject, publicKey, basicConstraints, keyUsage, extendedKeyUsage }: Certificate): string[] {
  const findings: string[] = []
  if (algorithmOfKey(publicKey) === undefined) {
    findings.push(
      `${subject}: its key is ${describeKey(publicKey)}; a signing key is RSA 2048, 3072 or 4096, or EC P-256, P-384 or P-521`,
    )
  }
  if (basicConstraints?.ca === true) findings.push(`${subject}: signs content but is a CA`)
  if (keyUsage === undefined) findings.push(`${subject}: has no keyUsage`)
  else findings.push(...leafUsages(subject, keyUsage))
  for (const purpose of extendedKeyUsage?.usages ?? []) {
    const name = FORBIDDEN_LEAF_PURPOSES[purpose]
    if (name !== undefined) findings.push(`${subject}: signs content but has the extended key usage ${name}`)
  }
  return findings
}

function leafUsages(subject: string, { usages, critical }: NonNullable<Certificate['keyUsage']>): string[] {
  const findings = critical ? [] : [`${subject}: its keyUsage is not critical`]
  if ((usages & KeyUsageFlags.digitalSignature) === 0) findings.push(`${subject}: its keyUsage lacks digitalSignature`)
  for (const [name, flag] of FORBIDDEN_LEAF_USAGES) {
    if ((usages & flag) !== 0) findings.push(`${subject}: signs content but has the key usage ${name}`)
  }
  return findings
}

/** @param below how many CA certificates stand between this one and the leaf */
function issuerRules({ subject, publicKey, basicConstraints, keyUsage }: Certificate, below: number): string[] {
  const findings: string[] = []
  if (!mayIssue(publicKey)) findings.push(`${subject}: its key, ${describeKey(publicKey)}, is too weak or unknown`)
  if (basicConstraints?.ca !== true) findings.push(`${subject}: issues a certificate but is not a CA`)
  else if (!basicConstraints.critical) findings.push(`${subject}: its basicConstraints are not critical`)
  if (basicConstraints?.pathLength !== undefined && basicConstraints.pathLength < below) {
    findings.push(`${subject}: allows ${basicConstraints.pathLength} CA certificates below it, and there are ${below}`)
  }
  if (keyUsage === undefined) findings.push(`${subject}: has no keyUsage`)
  else if (!keyUsage.critical) findings.push(`${subject}: its keyUsage is not critical`)
  if (keyUsage !== undefined && (keyUsage.usages & KeyUsageFlags.keyCertSign) === 0) {
    findings.push(`${subject}: its keyUsage lacks keyCertSign`)
  }
  return findings
}
