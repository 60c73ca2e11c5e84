import type { CallOptions, ContentSink, ContentSource } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import type { Digest } from '../../oci/digest.js'
import { formatRepository, type Repository } from '../../oci/reference.js'
import { compactOf, formatCompact, toBeSigned } from '../../receipt/compact.js'
import { formatReceipt, type Receipt } from '../../receipt/receipt.js'
import { formatReceiptFile } from '../../receipt/receipt-file.js'
import { buildReceiptManifest } from '../../receipt/receipt-manifest.js'
import { makeSignature } from '../../sign/make-signature.js'
import { findOwnSignature } from '../../sign/own-signature.js'
import { packSignature } from '../../sign/pack.js'
import { type MadeSignature, makesEnvelopes, type SigningOptions } from '../../sign/signing-options.js'
import type { ImporterState } from '../memory/state.js'
import type { ImportResult, OpenTarget } from '../run.js'
import { describeImport, type ReceiptFacts } from './describe-import.js'
import { attachReceipt, keepWaybill } from './keep-receipt.js'
import { type FoundReceipt, sameReceipts } from './known-receipt.js'
import { requireStillThere } from './still-there.js'

export interface IssueOptions extends ReceiptFacts {
  readonly signing: SigningOptions
  readonly open: OpenTarget
  /** where receipts are kept at the target */
  readonly records: Repository
  /** what was remembered before this import */
  readonly state: ImporterState
}

/** A receipt that an importer answers for. */
export interface IssuedReceipt {
  readonly receipt: Receipt
  /** of the manifest that hangs on the waybill */
  readonly digest: Digest
  /** as a file */
  readonly bytes: Uint8Array
  /** the compact form; absent where a signing service makes whole envelopes only */
  readonly compact?: string
  /** where it hangs; absent for a bundle that was refused, of which nothing is written to the target */
  readonly repository?: Repository
  /** false where an earlier run has left one that says the same */
  readonly added: boolean
}

/**
 * Gives the receipt of an import: signed, and hung on the waybill at the target where something was loaded. A run that had
 * nothing to do gives the receipt of the one that did it, where that is there, by the same key.
 * @throws as `makeSignature` does, ERR_NOT_FOUND where the target has lost what it had, and what the target throws, with
 * the word that the content is loaded
 */
export async function issueReceipt(result: ImportResult, given: IssueOptions): Promise<IssuedReceipt> {
  const receipt = describeImport(result, given)
  if (result.report === undefined) return await withoutTarget(receipt, given)
  const found = await keeping(given, () => earlierOne(receipt, result, given))
  if (found !== undefined) return found
  const { open, signing } = given
  if (result.outlook?.nothingToDo === true) await requireStillThere(result.decision, { open, signal: signing.signal })
  return await keeping(given, () => atTarget(receipt, result, given))
}

/** What goes wrong here goes wrong when everything else is done, and has to say so. */
async function keeping<T>({ records }: IssueOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof TransferError) || cause.code === 'ERR_CANCELLED') throw cause
    const where = formatRepository(records)
    const message = `everything is loaded and has its names; only the receipt could not be kept in ${where}: ${cause.message}; the same command adds it`
    const { side, subject } = cause
    throw new TransferError(cause.code, message, {
      cause,
      ...(side === undefined ? {} : { side }),
      ...(subject === undefined ? {} : { subject }),
    })
  }
}

async function withoutTarget(receipt: Receipt, given: IssueOptions): Promise<IssuedReceipt> {
  const { compact, made, ...signed } = await sign(receipt, given.signing)
  return { ...signed, ...(compact === undefined ? {} : { compact }), added: true }
}

/** The receipt that an earlier run has left, of the same outcome and by the same key. */
async function earlierOne(
  receipt: Receipt,
  result: ImportResult,
  given: IssueOptions,
): Promise<IssuedReceipt | undefined> {
  // What has moved or brought something is told, also where the same bundle was loaded at an earlier time.
  if (!hadNothingToDo(receipt)) return undefined
  const { records, signing } = given
  const { made } = await sign(receipt, signing)
  const known = await findKnown(await given.open(records), { receipt, result, made }, given)
  return known === undefined ? undefined : issued(await sign(known.receipt, signing), records, false)
}

async function atTarget(receipt: Receipt, result: ImportResult, given: IssueOptions): Promise<IssuedReceipt> {
  const { records, signing } = given
  const call = { signal: signing.signal }
  const target = await given.open(records)
  const signed = await sign(receipt, signing)
  const document = formatReceipt(receipt)
  const manifest = buildReceiptManifest(document, receipt)
  await keepWaybill(result.verification.bundle, target, call)
  const signature = packSignature(signed.made, manifest.descriptor)
  await attachReceipt({ manifest, document, signature }, target, call)
  return issued(signed, records, true)
}

function issued(
  { compact, made: _, ...signed }: Awaited<ReturnType<typeof sign>>,
  repository: Repository,
  added: boolean,
): IssuedReceipt {
  return { ...signed, ...(compact === undefined ? {} : { compact }), repository, added }
}

interface Wanted {
  readonly receipt: Receipt
  readonly result: ImportResult
  readonly made: MadeSignature
}

async function findKnown(
  target: ContentSource & ContentSink,
  { receipt, result, made }: Wanted,
  given: IssueOptions,
): Promise<FoundReceipt | undefined> {
  const waybill = result.verification.bundle.waybill.descriptor
  const { signing } = given
  const call: CallOptions = { signal: signing.signal }
  const wanted = { ...signing, thumbprint: made.opened.chain[0]?.thumbprint ?? '' }
  for await (const found of sameReceipts(target, { receipt, waybill }, call)) {
    if (isOlderThanMemory(found.receipt, result, given)) continue
    if ((await findOwnSignature(target, found.manifest.descriptor, wanted)) !== undefined) return found
  }
  return undefined
}

function hadNothingToDo({ roots, counts }: Receipt): boolean {
  const quiet = roots.every(({ ruling, change }) => ruling === 'refused' || change === 'same')
  return quiet && counts.blobs.copied + counts.blobs.mounted + counts.manifests.copied === 0
}

/** A receipt from before the last time that the stream was loaded: the run that should have written a newer one was stopped. */
function isOlderThanMemory({ finishedAt }: Receipt, { place }: ImportResult, { state }: IssueOptions): boolean {
  if (place === undefined) return false
  return place.added || (state.get(place.stream)?.last.at ?? '') > finishedAt
}

async function sign(receipt: Receipt, signing: SigningOptions) {
  const document = formatReceipt(receipt)
  const { descriptor } = buildReceiptManifest(document, receipt)
  const made = await makeSignature(descriptor, signing)
  const compact = await signCompact(receipt, document, { made, signing })
  const { envelope, opened } = made
  const file = { document, envelope, envelopeType: opened.type, ...(compact === undefined ? {} : { compact }) }
  return { receipt, digest: descriptor.digest, bytes: formatReceiptFile(file), compact, made }
}

async function signCompact(
  receipt: Receipt,
  document: Uint8Array,
  { made, signing: { signer, signal } }: { readonly made: MadeSignature; readonly signing: SigningOptions },
): Promise<string | undefined> {
  if (makesEnvelopes(signer)) return undefined
  const compact = compactOf(receipt, document, made.opened.chain[0]?.thumbprint ?? '')
  return formatCompact(compact, await signer.sign(toBeSigned(compact), { signal }))
}
