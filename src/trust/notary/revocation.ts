import { printable } from '../../encoding/printable.js'
import type { Certificate } from '../certificate/certificate.js'
import type { CertificateRevocation, RevocationJudgement } from '../revocation/revocation.js'
import { revocationSources } from '../revocation/sources.js'
import { revocationQuestion, type VerificationContext } from './context.js'
import { fail, type Judged, pass } from './judged.js'

/** Whether any certificate of the signer is revoked, from evidence that is here (trust-store-trust-policy, "Revocation"). */
export async function judgeSignerRevocation(
  chain: readonly Certificate[],
  context: VerificationContext,
  signedAt: Date | undefined,
): Promise<Judged> {
  const judgement = await context.judgeRevocation(chain, revocationQuestion(context, signedAt))
  const looked = revocationLines(judgement)
  const worst = judgement.certificates.find(({ result }) => result === judgement.result)
  const detail = worst === undefined ? 'no certificate but a root' : `${worst.subject}: ${worst.detail}`
  switch (judgement.result) {
    case 'revoked':
      return fail('ERR_CERTIFICATE_REVOKED', detail, looked)
    case 'unknown':
      return fail('ERR_REVOCATION_UNKNOWN', `${detail}${sourcesOf(chain, worst)}`, looked)
    case 'stale':
      return { result: 'stale', code: 'ERR_REVOCATION_STALE', detail, looked }
    case 'not-revocable':
      return pass('no certificate of the signer names a source of revocation')
    case 'good':
      if (!judgement.allowedStale) return pass('no certificate of the signer is revoked', looked)
      return {
        result: 'stale',
        code: 'ERR_REVOCATION_STALE',
        detail:
          'no certificate of the signer was revoked when the bundle was sealed; the policy’s maxStaleness lets that count',
        looked,
        staleAllowed: true,
      }
  }
}

/** Where an operator can get what is missing. */
function sourcesOf(chain: readonly Certificate[], about: CertificateRevocation | undefined): string {
  const certificate = chain.find(({ thumbprint }) => thumbprint === about?.thumbprint)
  if (certificate === undefined) return ''
  const { ocsp, crl } = revocationSources(certificate)
  const urls = [...crl, ...ocsp].slice(0, 3).map((url) => printable(url, 200))
  return urls.length === 0 ? '' : `; it names ${urls.join(', ')}`
}

export function revocationLines({ certificates }: RevocationJudgement): string[] {
  return certificates.map(({ subject, result, detail }) => `${subject}: ${result}: ${detail}`)
}
