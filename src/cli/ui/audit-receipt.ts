import { shellWords } from '../../encoding/shell-words.js'
import { TransferError } from '../../errors.js'
import { compactReview, receiptReview } from '../../import/review/receipt-review.js'
import type { Review } from '../../import/review/review.js'
import { describe } from '../../oci/descriptor.js'
import { OCI_MANIFEST } from '../../oci/media-types.js'
import { parseCompact } from '../../receipt/compact.js'
import { RECEIPT_TYPE } from '../../receipt/receipt.js'
import { parseReceiptFile, type ReceiptFile } from '../../receipt/receipt-file.js'
import { type CompactOutcome, verifyCompact } from '../../receipt/verify-compact.js'
import { verifyReceipt } from '../../receipt/verify-receipt.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import type { Audit } from '../../tui/means.js'
import { aboutOf, findingsOf } from '../commands/receipt-verify.js'
import { refuseUnused, type VerifyCommandOptions } from '../commands/verify-options.js'
import type { CommandContext } from '../context.js'
import { type ImportersWords, importersContext } from '../importers.js'
import { readReceiptFile } from '../receipt-file.js'
import { type VerifiedReceipt, verifiedLines } from '../render/verified-receipt.js'
import { inMemory, type Readable, reading } from './documents.js'

/** Opens a receipt as `receipt verify` does; where nobody has said which importers count, it is shown as a claim. */
export async function auditReceipt(
  path: string,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<Audit> {
  const file = parseReceiptFile(await readReceiptFile(path))
  const { receipt, manifest, envelope, envelopeType } = file
  const judged = await judgedOr(async () => verifyReceipt(file, await importersContext(wordsOf(options), context)))
  const outcome = 'problem' in judged ? undefined : judged.found
  const document = describe(RECEIPT_TYPE, file.document)
  const review = receiptReview({
    receipt,
    document,
    signature: {
      digest: manifest.descriptor.digest,
      envelope: describe(envelopeType, envelope),
      ...('problem' in judged ? { problem: judged.problem } : { outcome: judged.found }),
    },
    now: context.now(),
  })
  const verdict = outcome?.verdict === 'verified' ? 'verified' : 'refused'
  const lines = verifiedLines({
    verdict,
    findings: foundIn(judged),
    about: aboutOf(receipt),
    receipt,
    path,
    at: options.at === undefined ? undefined : context.now(),
  })
  return receiptAudit(path, { verdict, review, lines, readables: readablesOf(file) })
}

/** Opens the compact form of a receipt, as a scanner has written it into a file. */
export async function auditCompact(
  path: string,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<Audit> {
  const text = Buffer.from(await readReceiptFile(path)).toString('latin1')
  // Scanners end what they have read with a line feed.
  const read = parseCompact(text.replace(/[\r\n]+$/, ''))
  const judged = await judgedOr(async () => verifyCompact(read, [], await importersContext(wordsOf(options), context)))
  const { compact } = read
  const verified = !('problem' in judged) && judged.found.verdict === 'verified'
  const detail = 'problem' in judged ? judged.problem : judged.found.detail
  const verdict = verified ? 'verified' : 'refused'
  const findings = [{ what: 'compact', result: verified ? ('pass' as const) : ('fail' as const), detail }]
  return receiptAudit(path, {
    verdict,
    review: compactReview({ compact, verified, detail }),
    lines: verifiedLines({
      verdict,
      findings,
      about: compact,
      path,
      at: options.at === undefined ? undefined : context.now(),
    }),
    readables: [],
  })
}

/** What was said for bundles only must not pass without a word. */
function wordsOf(options: VerifyCommandOptions): ImportersWords {
  refuseUnused(options, ['policy', 'store', 'state'], 'a receipt')
  const { trust, evidence } = options
  return { ...(trust === undefined ? {} : { trust }), ...(evidence === undefined ? {} : { evidence }) }
}

type Judged<T> = { readonly found: T } | { readonly problem: string }

/** What an importer's trust makes of it; that there is none to ask is a finding here, and no fault: it can still be read. */
async function judgedOr<T extends SignatureOutcome | CompactOutcome>(judge: () => Promise<T>): Promise<Judged<T>> {
  try {
    return { found: await judge() }
  } catch (cause) {
    if (cause instanceof TransferError && /^ERR_TRUST_/.test(cause.code)) {
      return { problem: `${cause.code}: ${cause.message}` }
    }
    throw cause
  }
}

function foundIn(judged: Judged<SignatureOutcome>): VerifiedReceipt['findings'] {
  return 'problem' in judged ? [{ what: 'trust', result: 'fail', detail: judged.problem }] : findingsOf(judged.found)
}

function readablesOf({ document, envelope, envelopeType, manifest }: ReceiptFile): readonly Readable[] {
  const parts = [
    ['receipt: what the importer says', RECEIPT_TYPE, document],
    ['signature on the receipt', envelopeType, envelope],
    ['manifest that is signed', OCI_MANIFEST, manifest.bytes],
  ] as const
  return parts.map(([name, mediaType, bytes]) => {
    const descriptor = describe(mediaType, bytes)
    return { name, descriptor, read: inMemory(descriptor, () => bytes) }
  })
}

const CLAIMS = 'CLAIMS ONLY: nobody who is trusted here has signed this receipt.'

interface Shown {
  readonly verdict: 'verified' | 'refused'
  readonly review: Review
  readonly lines: readonly string[]
  readonly readables: readonly Readable[]
}

function receiptAudit(path: string, { verdict, review, lines, readables }: Shown): Audit {
  const good = verdict === 'verified'
  return {
    kind: 'receipt',
    path,
    verdict: good ? 'VERIFIED' : 'NOT VERIFIED',
    summary: good ? (lines.at(-1) ?? '') : CLAIMS,
    review,
    end: {
      exit: good ? 0 : 5,
      headline: lines.at(-1) ?? '',
      good,
      lines,
      next: [],
      command: shellWords(['waybill', 'receipt', 'verify', path]),
    },
    ...reading({
      readables,
      review,
      ...(good ? {} : { warning: CLAIMS }),
    }),
    close: async () => {},
  }
}
