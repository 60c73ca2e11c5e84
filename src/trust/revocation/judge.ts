import { type Certificate, isSelfSigned } from '../certificate/certificate.js'
import type {
  CertificateRevocation,
  Evidence,
  RevocationJudgement,
  RevocationOptions,
  RevocationResult,
} from './revocation.js'
import { revocationSources } from './sources.js'
import { type Verdict, verdictOf } from './staleness.js'
import { openEvidence, type Statements } from './statements.js'

/** What a judgement depends on beside the chain and the evidence. */
export type RevocationTimes = Omit<RevocationOptions, 'evidence'>

/**
 * Judges every certificate of a chain but its root, from carried evidence alone (docs/adr/0019). Never throws for what the
 * evidence is: what cannot be read or believed proves nothing.
 * @param chain leaf first, up to a self-signed root
 */
export async function judgeRevocation(
  chain: readonly Certificate[],
  options: RevocationOptions,
): Promise<RevocationJudgement> {
  return revocationJudge(options.evidence)(chain, options)
}

/**
 * The same for many chains: each piece of evidence is read, and each signature on it verified, once; the same question about
 * the same chain costs nothing.
 */
export function revocationJudge(
  evidence: readonly Evidence[],
): (chain: readonly Certificate[], times: RevocationTimes) => Promise<RevocationJudgement> {
  // Not before the first question: most chains name no source at all.
  let opened: ReturnType<typeof openEvidence> | undefined
  const about = (certificate: Certificate, issuer: Certificate): Statements => {
    opened ??= openEvidence(evidence)
    return opened(certificate, issuer)
  }
  const known = new Map<string, RevocationJudgement>()
  return async (chain, times) => {
    const key = keyOf(chain, times)
    const judgement = known.get(key) ?? judge(chain, times, about)
    known.set(key, judgement)
    return judgement
  }
}

function keyOf(chain: readonly Certificate[], { now, sealedAt, maxStalenessMs, signedAt }: RevocationTimes): string {
  const times = [now.getTime(), sealedAt?.getTime(), maxStalenessMs, signedAt?.getTime()]
  return [...chain.map(({ thumbprint }) => thumbprint), ...times].join(' ')
}

type About = (certificate: Certificate, issuer: Certificate) => Statements

function judge(chain: readonly Certificate[], times: RevocationTimes, about: About): RevocationJudgement {
  const root = chain.at(-1)
  const asked = root !== undefined && isSelfSigned(root) ? chain.slice(0, -1) : chain
  const verdicts = asked.map((certificate, at) => verdictAbout(certificate, chain[at + 1], { times, about }))
  const result = WORST_FIRST.find((one) => verdicts.some((verdict) => verdict.result === one)) ?? 'not-revocable'
  return {
    result,
    certificates: asked.map((certificate, at) => named(certificate, verdicts[at])),
    allowedStale: result === 'good' && verdicts.some(({ allowedStale }) => allowedStale),
  }
}

const WORST_FIRST: readonly RevocationResult[] = ['revoked', 'unknown', 'stale', 'good']

function named({ subject, thumbprint }: Certificate, verdict: Verdict | undefined): CertificateRevocation {
  const { result, detail } = verdict ?? { result: 'unknown', detail: 'it was not judged' }
  return { subject, thumbprint, result, detail }
}

function verdictAbout(
  certificate: Certificate,
  issuer: Certificate | undefined,
  { times, about }: { readonly times: RevocationTimes; readonly about: About },
): Verdict {
  if (!revocationSources(certificate).revocable) {
    return { result: 'not-revocable', detail: 'it names no source of revocation', allowedStale: false }
  }
  if (issuer === undefined) return { result: 'unknown', detail: 'its issuer is not in the chain', allowedStale: false }
  return verdictOf(about(certificate, issuer), times)
}
