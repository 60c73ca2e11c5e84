import { openBundle } from '../../bundle/reader.js'
import { shellWords } from '../../encoding/shell-words.js'
import { TransferError } from '../../errors.js'
import { claimsOnly, failuresFirst } from '../../import/review/claims-only.js'
import type { Verification } from '../../import/verification.js'
import type { Audit } from '../../tui/means.js'
import { memoryOf, openVerified, type VerificationOptions, verificationLines, wholeReview } from '../commands/verify.js'
import type { VerifyCommandOptions } from '../commands/verify-options.js'
import type { CommandContext } from '../context.js'
import { importPolicy } from '../policy.js'
import { type Verdict, verdictOf } from '../render/checks.js'
import { bundleDocuments, CLAIMS, isAuthentic } from './bundle-documents.js'

/** Opens a bundle as `verify` does, and keeps it open: its documents are read when somebody wants to see them. */
export async function auditBundle(
  path: string,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<Audit> {
  const policy = await importPolicy(options, context)
  const rollback = await memoryOf(options, context)
  const verification = await verifiedOrClaims(path, { options, context, rollback, policy })
  const { bundle } = verification
  const { verdict, exit } = verdictOf(verification)
  const authentic = isAuthentic(verification)
  const found = failuresFirst(await wholeReview(verification, context))
  const review = authentic ? found : claimsOnly(found)
  const lines = verificationLines(verification, { path, asOf: options.at === undefined ? undefined : context.now() })
  return {
    kind: 'bundle',
    path,
    verdict: WORDS[verdict],
    summary: authentic ? (lines.at(-1) ?? '') : CLAIMS,
    review,
    end: {
      exit,
      headline: lines.at(-1) ?? '',
      good: exit === 0,
      lines: lines.flatMap((line) => line.split('\n')),
      next: [],
      command: shellWords(['waybill', 'verify', path]),
    },
    ...bundleDocuments(verification, { review, policy, context }),
    close: () => bundle.close(),
  }
}

/**
 * Where nobody has said whom to trust, or that cannot be read, `verify` ends. An auditor may look all the same, and is told
 * on every artifact that these are claims.
 */
async function verifiedOrClaims(path: string, given: VerificationOptions): Promise<Verification> {
  try {
    return await openVerified(path, given)
  } catch (cause) {
    if (!(cause instanceof TransferError) || !/^ERR_TRUST_/.test(cause.code)) throw cause
    const bundle = await openBundle(path)
    const { digest: subject } = bundle.waybill.descriptor
    const { message: detail, code } = cause
    const checks = [{ name: 'signer', subject, result: 'fail', detail, code }] as const
    return { bundle, checks, signers: [], waybillSignatures: [], artifacts: [], closures: [] }
  }
}

const WORDS: Readonly<Record<Verdict, string>> = {
  verified: 'VERIFIED',
  partial: 'VERIFIED IN PART',
  'not-authentic': 'NOT VERIFIED',
  damaged: 'NOT VERIFIED',
  refused: 'NOT VERIFIED',
}
