import { type Certificate, isIssuedBy, isSelfSigned } from '../../trust/certificate/certificate.js'

/** Whose revocation somebody on the far side will ask about: certificates of one signer, in no order. */
export interface Chain {
  /** where it was found, for messages */
  readonly from: string
  readonly certificates: readonly Certificate[]
}

/** A certificate that its issuer may have revoked. A root is none: nobody stands above it. */
export interface Subject {
  readonly certificate: Certificate
  /** absent where whoever signed did not say who issued it */
  readonly issuer?: Certificate
}

/**
 * Every certificate but roots, each once, in ascending order of thumbprint. The issuer may be in another chain: a timestamp
 * token often leaves its root out.
 */
export function subjectsOf(chains: readonly Chain[]): readonly Subject[] {
  const all = new Map(chains.flatMap(({ certificates }) => certificates).map((one) => [one.thumbprint, one]))
  const bySubject = new Map<string, Certificate[]>()
  for (const one of all.values())
    bySubject.set(hex(one.subjectDer), [...(bySubject.get(hex(one.subjectDer)) ?? []), one])
  return [...all.values()]
    .filter((certificate) => !isSelfSigned(certificate))
    .sort((a, b) => (a.thumbprint < b.thumbprint ? -1 : 1))
    .map((certificate) => {
      const issuer = bySubject.get(hex(certificate.issuerDer))?.find((one) => isIssuedBy(certificate, one))
      return { certificate, ...(issuer === undefined ? {} : { issuer }) }
    })
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
