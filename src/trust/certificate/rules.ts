import { algorithmOfKey, describeKey, isStrongKey, mayIssue } from '../key/algorithms.js'
import type { Certificate } from './certificate.js'
import { KeyUsageFlags } from './x509.js'

/** What the leaf of a chain does: it signs content, or it says what time it is. */
export type ChainPurpose = 'codeSigning' | 'timestamping'

const FORBIDDEN_LEAF_USAGES = [
  ['keyEncipherment', KeyUsageFlags.keyEncipherment],
  ['dataEncipherment', KeyUsageFlags.dataEncipherment],
  ['keyAgreement', KeyUsageFlags.keyAgreement],
  ['keyCertSign', KeyUsageFlags.keyCertSign],
  ['cRLSign', KeyUsageFlags.cRLSign],
  ['encipherOnly', KeyUsageFlags.encipherOnly],
  ['decipherOnly', KeyUsageFlags.decipherOnly],
] as const

const TIMESTAMPING = '1.3.6.1.5.5.7.3.8'

// `any` would let a TLS certificate sign releases; OCSPSigning belongs to the CA's own machinery (ADR 17).
const FORBIDDEN_LEAF_PURPOSES: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'any',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  [TIMESTAMPING]: 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
}

const SCHEMES: readonly string[] = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA']
const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512']

/** A sentence if the certificate is signed with something weak: no SHA-1 (signature-specification, "Other requirements"). */
export function signatureRules({ subject, signedWith }: Certificate): readonly string[] {
  const { scheme, hash } = signedWith
  if (scheme === 'Ed25519' || (SCHEMES.includes(scheme) && hash !== undefined && HASHES.includes(hash))) return []
  return [`${subject}: is signed with ${scheme}${hash === undefined ? '' : ` and ${hash}`}, which is not accepted`]
}

/** A sentence for each rule of "Leaf Certificates" that this one breaks; only the three extensions named there count. */
export function leafRules(leaf: Certificate, purpose: ChainPurpose): readonly string[] {
  const { subject, basicConstraints, keyUsage } = leaf
  return [
    ...(purpose === 'codeSigning' ? signingKey(leaf) : timestampingKey(leaf)),
    ...(basicConstraints?.ca === true ? [`${subject}: ${does(purpose)} but is a CA`] : []),
    ...keyUsagePresent(leaf, purpose),
    ...(keyUsage === undefined ? [] : leafUsages(subject, keyUsage.usages, purpose)),
    ...(purpose === 'codeSigning' ? signingPurposes(leaf) : timestampingPurposes(leaf)),
  ]
}

/**
 * A sentence for each rule of "Root and Intermediate CA Certificates" that this one breaks.
 * @param below how many CA certificates stand between this one and the leaf
 */
export function issuerRules(issuer: Certificate, below: number, purpose: ChainPurpose): readonly string[] {
  const { subject, publicKey, basicConstraints, keyUsage } = issuer
  const findings: string[] = []
  if (!mayIssue(publicKey)) findings.push(`${subject}: its key, ${describeKey(publicKey)}, is too weak or unknown`)
  if (basicConstraints?.ca !== true) findings.push(`${subject}: issues a certificate but is not a CA`)
  // notary: "MUST be marked as critical"; the reference implementation does not look (ADR 17).
  else if (!basicConstraints.critical) findings.push(`${subject}: its basicConstraints are not critical`)
  if (basicConstraints?.pathLength !== undefined && basicConstraints.pathLength < below) {
    findings.push(`${subject}: allows ${basicConstraints.pathLength} CA certificates below it, and there are ${below}`)
  }
  findings.push(...keyUsagePresent(issuer, purpose))
  if (keyUsage !== undefined && (keyUsage.usages & KeyUsageFlags.keyCertSign) === 0) {
    findings.push(`${subject}: its keyUsage lacks keyCertSign`)
  }
  return findings
}

/** notary: for code signing critical is a MUST, for timestamping a SHOULD. */
function keyUsagePresent({ subject, keyUsage }: Certificate, purpose: ChainPurpose): string[] {
  if (keyUsage === undefined) return [`${subject}: has no keyUsage`]
  return keyUsage.critical || purpose === 'timestamping' ? [] : [`${subject}: its keyUsage is not critical`]
}

function leafUsages(subject: string, usages: number, purpose: ChainPurpose): string[] {
  const findings: string[] = []
  if ((usages & KeyUsageFlags.digitalSignature) === 0) findings.push(`${subject}: its keyUsage lacks digitalSignature`)
  for (const [name, flag] of FORBIDDEN_LEAF_USAGES) {
    if ((usages & flag) !== 0) findings.push(`${subject}: ${does(purpose)} but has the key usage ${name}`)
  }
  return findings
}

function signingKey({ subject, publicKey }: Certificate): string[] {
  if (algorithmOfKey(publicKey) !== undefined) return []
  const wanted = 'a signing key is RSA 2048, 3072 or 4096, or EC P-256, P-384 or P-521'
  return [`${subject}: its key is ${describeKey(publicKey)}; ${wanted}`]
}

function timestampingKey({ subject, publicKey }: Certificate): string[] {
  if (isStrongKey(publicKey)) return []
  return [
    `${subject}: its key is ${describeKey(publicKey)}; an authority’s is RSA from 2048, or EC P-256, P-384 or P-521`,
  ]
}

function signingPurposes({ subject, extendedKeyUsage }: Certificate): string[] {
  return (extendedKeyUsage?.usages ?? []).flatMap((purpose) => {
    const name = FORBIDDEN_LEAF_PURPOSES[purpose]
    return name === undefined ? [] : [`${subject}: signs content but has the extended key usage ${name}`]
  })
}

function timestampingPurposes({ subject, extendedKeyUsage }: Certificate): string[] {
  const { usages, critical } = extendedKeyUsage ?? { usages: [], critical: false }
  if (usages.length !== 1 || usages[0] !== TIMESTAMPING) {
    return [`${subject}: an authority’s extended key usage is timeStamping and nothing else`]
  }
  return critical ? [] : [`${subject}: its extended key usage is not critical`]
}

function does(purpose: ChainPurpose): string {
  return purpose === 'codeSigning' ? 'signs content' : 'signs timestamps'
}
