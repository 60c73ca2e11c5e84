import type { Certificate } from '../certificate/certificate.js'
import type { OpenedEnvelope } from '../envelope/envelope.js'
import { keyName } from '../key/key-name.js'
import type { CertificateFacts, SignatureOutcome } from '../outcome.js'
import type { VerifiedTimestamp } from '../timestamp/timestamp.js'

/** What a whole envelope says, for people and programs to read; none of it is a verdict. */
export function factsOf(
  { attributes, chain }: OpenedEnvelope,
  metadata: Readonly<Record<string, string>>,
  timestamp: VerifiedTimestamp | undefined,
): Pick<SignatureOutcome, 'scheme' | 'chain' | 'signingTime' | 'expiry' | 'timestamp' | 'metadata'> {
  const { scheme, signingTime, expiry } = attributes
  return {
    scheme,
    chain: chain.map(certificateFacts),
    signingTime: signingTime.toISOString(),
    ...(expiry === undefined ? {} : { expiry: expiry.toISOString() }),
    ...(timestamp === undefined ? {} : { timestamp: timestampFacts(timestamp) }),
    metadata,
  }
}

export function certificateFacts(certificate: Certificate): CertificateFacts {
  const { subject, issuer, thumbprint, publicKey, notBefore, notAfter } = certificate
  return {
    subject,
    issuer,
    thumbprint,
    publicKey: keyName(publicKey),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  }
}

function timestampFacts({ earliest, latest, chain }: VerifiedTimestamp) {
  return { from: earliest.toISOString(), to: latest.toISOString(), authority: chain[0]?.subject ?? '' }
}
