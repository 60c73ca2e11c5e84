import { openBundle } from '../../bundle/reader.js'
import { canonicalJson } from '../../encoding/canonical-json.js'
import { TransferError } from '../../errors.js'
import { type Digest, digestOf, isDigest } from '../../oci/digest.js'
import { COMPACT_PREFIX, type CompactReceipt, compactOf, parseCompact } from '../../receipt/compact.js'
import type { Receipt } from '../../receipt/receipt.js'
import { parseReceiptFile, type ReceiptFile } from '../../receipt/receipt-file.js'
import { verifyCompact } from '../../receipt/verify-compact.js'
import { verifyReceipt } from '../../receipt/verify-receipt.js'
import { type Certificate, parseCertificateFile } from '../../trust/certificate/certificate.js'
import { openEnvelope } from '../../trust/envelope/open.js'
import type { VerificationContext } from '../../trust/notary/context.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import { formatTimestamp, parseTimestamp } from '../../trust/timestamps.js'
import type { CommandContext, ExitCode } from '../context.js'
import { importersContext } from '../importers.js'
import { readReceiptFile } from '../receipt-file.js'
import { receiptDocument } from '../render/receipt.js'
import { type Finding, verifiedLines } from '../render/verified-receipt.js'
import { usage } from './verify-options.js'

export interface ReceiptVerifyOptions {
  /** a bundle or a digest that the receipt must be about */
  readonly waybill?: string
  /** a compact receipt, or a file of it */
  readonly qr?: string
  /** the importer's certificate and its chain, for a compact receipt */
  readonly cert?: string
  /** RFC 3339: the clock of an audit */
  readonly at?: string
  readonly trust?: string
  readonly evidence?: readonly string[]
}

interface Verified {
  readonly about: Pick<CompactReceipt, 'waybill' | 'result' | 'finishedAt' | 'stream' | 'sequence'>
  readonly findings: readonly Finding[]
  readonly signer?: { readonly subject: string; readonly thumbprint: string }
  readonly receipt?: Receipt
}

/**
 * `receipt verify [FILE]`: offline, against the store `ca:importers`. A whole receipt, a compact one, or both, which then
 * have to be of one import.
 */
export async function receiptVerify(
  path: string | undefined,
  options: ReceiptVerifyOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (path === undefined && options.qr === undefined) throw usage('name a receipt, or give --qr TEXT')
  if (options.qr === '') throw usage('--qr is empty: give what a scanner has read, or a file of it')
  if (options.cert !== undefined && options.qr === undefined)
    throw usage('--cert is for a compact receipt: a whole one has its certificates')
  const now = clockOf(options, context)
  const file = path === undefined ? undefined : parseReceiptFile(await readReceiptFile(path))
  const trusting = await importersContext(options, { ...context, now: () => now })
  const whole = file && (await verifyWhole(file, trusting))
  const compact =
    options.qr === undefined ? undefined : await verifyText(options.qr, { file, options, trusting, context })
  const verified = together(whole, compact)
  const findings = [...verified.findings, ...(await aboutWaybill(verified.about.waybill, options))]
  const verdict = findings.every(({ result }) => result === 'pass') ? 'verified' : 'refused'
  const at = options.at === undefined ? undefined : now
  context.print(
    {
      schema: 'waybill.receipt-verify.v1',
      verdict,
      verifiedAt: formatTimestamp(now),
      ...(path === undefined ? {} : { path }),
      ...factsOf(verified, verdict),
      findings: findings.map((one) => ({ ...one })),
    },
    verifiedLines({ ...verified, findings, verdict, path, at }),
  )
  return verdict === 'verified' ? 0 : 5
}

/** What it says; the whole of it only where that is somebody's word. */
function factsOf({ about, signer, receipt }: Verified, verdict: 'verified' | 'refused') {
  const { waybill, result, finishedAt, stream, sequence } = about
  return {
    waybill,
    result,
    finishedAt,
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(signer === undefined ? {} : { signer: { ...signer } }),
    ...(verdict === 'verified' && receipt !== undefined ? { receipt: receiptDocument(receipt) } : {}),
  }
}

function clockOf({ at }: ReceiptVerifyOptions, { now }: CommandContext): Date {
  if (at === undefined) return now()
  const stated = parseTimestamp(at)
  if (stated !== undefined) return stated
  throw usage(`--at is not an RFC 3339 time, 2026-11-22T12:00:00Z: ${JSON.stringify(at.slice(0, 60))}`)
}

type Trusting = Omit<VerificationContext, 'statement'>

async function verifyWhole(file: ReceiptFile, trusting: Trusting): Promise<Verified> {
  const outcome = await verifyReceipt(file, trusting)
  const [leaf] = outcome.chain
  return {
    about: aboutOf(file.receipt),
    findings: findingsOf(outcome),
    ...(leaf === undefined ? {} : { signer: { subject: leaf.subject, thumbprint: leaf.thumbprint } }),
    receipt: file.receipt,
  }
}

/** Of a whole receipt what a compact one says too. */
export function aboutOf({ waybill, result, finishedAt, bundle }: Receipt): Verified['about'] {
  const { stream, sequence } = bundle
  return {
    waybill: waybill.digest,
    result,
    finishedAt,
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
  }
}

/** The verdict is the one of the library; what is not enforced cannot be met here, where everything is. */
export function findingsOf({ verdict, validations }: SignatureOutcome): Finding[] {
  const findings = validations.map(
    ({ validation, result, detail }): Finding => ({
      what: validation,
      result: result === 'pass' ? 'pass' : 'fail',
      detail,
    }),
  )
  if (verdict === 'verified') return findings
  return findings.some(({ result }) => result === 'fail')
    ? findings
    : [...findings, { what: 'integrity', result: 'fail', detail: 'the signature is refused' }]
}

interface CompactWords {
  readonly file: ReceiptFile | undefined
  readonly options: ReceiptVerifyOptions
  readonly trusting: Trusting
  readonly context: CommandContext
}

async function verifyText(given: string, { file, options, trusting, context }: CompactWords): Promise<Verified> {
  const text = given.startsWith(COMPACT_PREFIX) ? given : Buffer.from(await context.readFile(given)).toString('latin1')
  // Scanners end what they have read with a line feed.
  const read = parseCompact(text.replace(/[\r\n]+$/, ''))
  const outcome = await verifyCompact(read, await chainFor(file, options, context), trusting)
  const { compact, detail } = outcome
  const passed = outcome.verdict === 'verified'
  const findings: Finding[] = [{ what: 'compact', result: passed ? 'pass' : 'fail', detail }]
  if (file !== undefined) findings.push(sameImport(compact, file))
  const signer = passed ? { subject: outcome.signer.subject, thumbprint: outcome.signer.thumbprint } : undefined
  return { about: compact, findings, ...(signer === undefined ? {} : { signer }) }
}

/** Certificates for a code that has no room for any: those that are named, else those of the whole receipt. */
async function chainFor(
  file: ReceiptFile | undefined,
  { cert }: ReceiptVerifyOptions,
  context: CommandContext,
): Promise<readonly Certificate[]> {
  if (cert !== undefined) return parseCertificateFile(await context.readFile(cert), cert, 'ERR_CONFIG_INVALID')
  if (file === undefined) return []
  return (await openEnvelope(file.envelope, file.envelopeType)).chain
}

function sameImport(compact: CompactReceipt, { receipt, document }: ReceiptFile): Finding {
  const said = compactOf(receipt, document, compact.keyId)
  const what = 'same-import'
  return compact.receipt === digestOf(document) && canonicalJson(said) === canonicalJson(compact)
    ? { what, result: 'pass', detail: `both are about ${receipt.waybill.digest}` }
    : { what, result: 'fail', detail: 'the compact receipt is not that of the file' }
}

function together(whole: Verified | undefined, compact: Verified | undefined): Verified {
  const first = whole ?? compact
  if (first === undefined) throw new Error('nothing was verified')
  return { ...first, findings: [...(whole?.findings ?? []), ...(compact?.findings ?? [])] }
}

async function aboutWaybill(found: Digest, { waybill }: ReceiptVerifyOptions): Promise<Finding[]> {
  if (waybill === undefined) return []
  const wanted = isDigest(waybill) ? waybill : await waybillOf(waybill)
  const detail = found === wanted ? `about ${wanted}` : `about ${found}, and not about ${wanted}`
  return [{ what: 'waybill', result: found === wanted ? 'pass' : 'fail', detail }]
}

async function waybillOf(path: string): Promise<Digest> {
  if (/^sha(?:256|512):/.test(path))
    throw new TransferError('ERR_DIGEST_INVALID', `not a digest: ${JSON.stringify(path.slice(0, 200))}`)
  const bundle = await openBundle(path)
  await bundle.close()
  return bundle.waybill.descriptor.digest
}
