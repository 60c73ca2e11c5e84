import { LIMITS } from '../../limits.js'
import { type Certificate, isIssuedBy } from '../certificate/certificate.js'
import { readFields } from '../certificate/fields.js'
import { KeyUsageFlags } from '../certificate/x509.js'
import { describeKey, mayIssue } from '../key/algorithms.js'

/** A way from the signing certificate to one that is trusted, and what is wrong with it. */
export interface TrustedPath {
  /** leaf first, the trusted certificate last; that one may be the leaf itself */
  readonly path: readonly Certificate[]
  /** a sentence for each broken rule */
  readonly findings: readonly string[]
}

/**
 * Looks for the first certificate of a header's chain that is trusted itself, or was issued by one that is. RFC 7515
 * §4.1.6: each certificate certifies the one before it, so there is one way to go, and no search that somebody could make
 * long. Dates are judged elsewhere.
 * @param anchors in the order in which they are tried; the first that makes a sound path is taken
 */
export function trustedPath(chain: readonly Certificate[], anchors: readonly Certificate[]): TrustedPath | undefined {
  let unsound: TrustedPath | undefined
  for (const [at, certificate] of chain.entries()) {
    const below = chain.slice(0, at + 1)
    for (const path of pathsFrom(below, certificate, anchors)) {
      const findings = pathFindings(path)
      if (findings.length === 0) return { path, findings }
      unsound ??= { path, findings }
    }
    const next = chain[at + 1]
    if (next !== undefined && !isIssuedBy(certificate, next)) break
  }
  return unsound
}

function pathsFrom(
  below: readonly Certificate[],
  last: Certificate,
  anchors: readonly Certificate[],
): readonly (readonly Certificate[])[] {
  if (anchors.some(({ thumbprint }) => thumbprint === last.thumbprint)) return [below]
  return anchors.filter((anchor) => isIssuedBy(last, anchor)).map((anchor) => [...below, anchor])
}

function pathFindings(path: readonly Certificate[]): readonly string[] {
  if (path.length > LIMITS.chainLength) return [`the chain has more than ${LIMITS.chainLength} certificates`]
  return [
    ...path.slice(0, -1).flatMap(issuedSoundly),
    ...path.slice(1).flatMap((issuer, below) => issuerFindings(issuer, below)),
    ...path.flatMap(unknownRules),
  ]
}

const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512']

function issuedSoundly({ subject, signedWith: { scheme, hash } }: Certificate): string[] {
  if (scheme === 'Ed25519' || HASHES.includes(hash ?? '')) return []
  return [`${subject}: is signed with ${scheme}${hash === undefined ? '' : ` and ${hash}`}, which is not accepted`]
}

/** @param below how many CA certificates stand between this one and the leaf */
function issuerFindings({ subject, publicKey, basicConstraints, keyUsage }: Certificate, below: number): string[] {
  const findings: string[] = []
  if (!mayIssue(publicKey)) findings.push(`${subject}: its key, ${describeKey(publicKey)}, is too weak or unknown`)
  if (basicConstraints?.ca !== true) findings.push(`${subject}: issues a certificate but is not a CA`)
  if (basicConstraints?.pathLength !== undefined && basicConstraints.pathLength < below) {
    findings.push(`${subject}: allows ${basicConstraints.pathLength} CA certificates below it, and there are ${below}`)
  }
  if (keyUsage !== undefined && (keyUsage.usages & KeyUsageFlags.keyCertSign) === 0) {
    findings.push(`${subject}: its keyUsage lacks keyCertSign`)
  }
  return findings
}

const NAME_CONSTRAINTS = '2.5.29.30'
/** basicConstraints, keyUsage, extKeyUsage, subjectAltName, certificatePolicies */
const KNOWN = ['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17', '2.5.29.32']

/**
 * Names decide in this world, so a CA that may speak for some names only must not speak for others: what is not understood
 * here refuses. (The Notary Project ignores such extensions, but there no name in a certificate gives any right.)
 */
function unknownRules({ subject, der }: Certificate): string[] {
  return [...readFields(der).extensions].flatMap(([oid, { critical }]) => {
    if (oid === NAME_CONSTRAINTS) return [`${subject}: limits names (nameConstraints), which is not supported`]
    return critical && !KNOWN.includes(oid) ? [`${subject}: has the critical extension ${oid}, which is not known`] : []
  })
}
