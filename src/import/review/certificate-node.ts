import type { CertificateFacts, SignatureOutcome } from '../../trust/outcome.js'
import type { ClaimedSignature } from './claimed-signatures.js'
import { fact, label } from './facts.js'
import type { ReviewNode } from './review.js'
import { signedWords, windowWords } from './validity-words.js'

export interface LookedAt {
  /** 0 is the signer */
  readonly at: number
  /** undefined where nobody has judged the signature */
  readonly shown: SignatureOutcome | undefined
  readonly claimed: ClaimedSignature | undefined
  readonly now: Date | undefined
}

/** One certificate of a signature's chain, with its window: at the time of signing, and now. */
export function certificateNode(id: string, one: CertificateFacts, { at, shown, claimed, now }: LookedAt): ReviewNode {
  const { subject, issuer, notBefore, notAfter, thumbprint, publicKey } = one
  const signed = shown ?? (claimed?.kind === 'unread' ? undefined : claimed)
  const standing = now === undefined ? undefined : windowWords(one, now)
  // Our own words come first, and the name's end says most: a tree cuts labels in their middle.
  const over = standing === undefined || standing.startsWith('valid') ? undefined : standing
  const until = over?.split(',')[0]?.replace(/T.*$/, '') ?? `until ${notAfter.slice(0, 10)}`
  return {
    id,
    kind: 'certificate',
    label: label(`${shown === undefined ? 'claimed ' : ''}${at === 0 ? 'signer' : 'issuer'}, ${until}: ${subject}`),
    verdict: 'note',
    details: [
      ...fact('subject', subject),
      ...fact('issuer', issuer),
      ...fact('valid from', notBefore),
      ...fact('valid until', notAfter),
      ...fact('when signed', signed === undefined ? undefined : signedWords(one, signed)),
      ...fact('now', standing),
      ...fact('SHA-256', thumbprint),
      ...fact('key', publicKey),
    ],
    children: [],
  }
}
