import type { CertificateFacts, SignatureOutcome } from '../../trust/outcome.js'

type Window = Pick<CertificateFacts, 'notBefore' | 'notAfter'>

/** Whether a certificate is valid at a moment, in words: from its first to its last second (RFC 5280, 4.1.2.5). */
export function windowWords({ notBefore, notAfter }: Window, at: Date): string {
  const ms = Math.floor(at.getTime() / 1000) * 1000
  if (ms < Date.parse(notBefore)) return `NOT YET VALID, from ${notBefore} on`
  return ms > Date.parse(notAfter) ? `EXPIRED since ${notAfter}` : 'valid'
}

/**
 * The same for the time of signing, and whose word that time is: an authority's, where a token has been verified, else the
 * signer's own clock, which can say anything.
 */
export function signedWords(window: Window, outcome: Pick<SignatureOutcome, 'timestamp' | 'signingTime'>): string {
  const { timestamp, signingTime } = outcome
  if (timestamp !== undefined) {
    const ends = [timestamp.from, timestamp.to].map((one) => windowWords(window, new Date(one)))
    const words = ends.find((one) => one !== 'valid') ?? 'valid'
    return `${words} at ${timestamp.from}, which ${timestamp.authority} attests`
  }
  if (signingTime === undefined) return 'not known when that was'
  return `${windowWords(window, new Date(signingTime))} at ${signingTime}, by the signer's own clock`
}
