import { type Certificate, isSelfSigned } from '../trust/certificate/certificate.js'
import { checkChain, checkValidity } from '../trust/certificate/chain.js'
import { algorithmOfKey } from '../trust/key/algorithms.js'
import { verifyRaw } from '../trust/key/raw-signature.js'
import type { VerificationContext } from '../trust/notary/context.js'
import { judgeSignerRevocation } from '../trust/notary/revocation.js'
import { type CompactReceipt, KEY_ID_BYTES, type ReadCompact } from './compact.js'
import { IMPORTERS, IMPORTERS_STATEMENT } from './verify-receipt.js'

/** What came of judging a compact receipt: by whom it is, or why it is nobody's word. */
export type CompactOutcome =
  | {
      readonly verdict: 'verified'
      readonly compact: CompactReceipt
      readonly signer: Certificate
      readonly detail: string
    }
  | { readonly verdict: 'refused'; readonly compact: CompactReceipt; readonly detail: string }

/**
 * Judges a compact receipt, offline. It has no room for certificates: the signer's is looked for among those that are
 * handed in, and the store's own. Its chain is held against the same rules as that of a whole receipt.
 * @param chain the signer's certificate and its chain, leaf first; empty where nobody has them
 * @throws ERR_TRUST_STORE_INVALID where nobody has said which importers count
 */
export async function verifyCompact(
  read: ReadCompact,
  chain: readonly Certificate[],
  context: Omit<VerificationContext, 'statement'>,
): Promise<CompactOutcome> {
  const { compact } = read
  const anchors = await context.store(IMPORTERS)
  const refused = (detail: string): CompactOutcome => ({ verdict: 'refused', compact, detail })
  const found = chainOf(compact, [chain, ...anchors.map((one) => [one])])
  const [leaf] = found ?? []
  if (found === undefined || leaf === undefined) {
    return refused(
      `the certificate of its key (${compact.keyId}…) is not known here: give it with --cert, and its chain`,
    )
  }
  const findings = await judgeChain(found, anchors, context)
  if (findings.length > 0) return refused(findings.join('; '))
  const algorithm = algorithmOfKey(leaf.publicKey)
  if (algorithm === undefined || !verifyRaw(leaf.publicKey, algorithm, read)) {
    return refused(`its signature is not one of ${leaf.subject} over what it says`)
  }
  return { verdict: 'verified', compact, signer: leaf, detail: `signed by ${leaf.subject}, ${algorithm}` }
}

function chainOf({ keyId }: CompactReceipt, chains: readonly (readonly Certificate[])[]) {
  return chains.find(([leaf]) => leaf?.thumbprint.slice(0, 2 * KEY_ID_BYTES) === keyId)
}

async function judgeChain(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  context: Omit<VerificationContext, 'statement'>,
): Promise<readonly string[]> {
  const trusted = new Set(anchors.map(({ thumbprint }) => thumbprint))
  const last = chain.at(-1)
  // A file of certificates often ends before the root, which is here.
  const root =
    last === undefined || isSelfSigned(last)
      ? undefined
      : anchors.find(({ subjectDer }) => Buffer.compare(subjectDer, last.issuerDer) === 0)
  const whole = root === undefined ? chain : [...chain, root]
  const findings = [...checkChain(whole), ...checkValidity(whole, context.now)]
  if (!whole.some(({ thumbprint }) => trusted.has(thumbprint))) {
    findings.push(
      `the root ${whole.at(-1)?.subject ?? ''} is not in the trust store ${IMPORTERS.type}:${IMPORTERS.name}`,
    )
  }
  if (findings.length > 0) return findings
  const revocation = await judgeSignerRevocation(whole, { ...context, statement: IMPORTERS_STATEMENT }, undefined)
  return revocation.result === 'pass' ? [] : [revocation.detail]
}
