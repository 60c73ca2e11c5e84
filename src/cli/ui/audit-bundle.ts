import { readDocument } from '../../audit/document/read-document.js'
import { bundleSource } from '../../bundle/bundle-source.js'
import { formatDocument } from '../../bundle/document.js'
import { formatInventory, type InventoryLine } from '../../bundle/inventory.js'
import { type OpenedBundle, openBundle } from '../../bundle/reader.js'
import { printable } from '../../encoding/printable.js'
import { shellWords } from '../../encoding/shell-words.js'
import { TransferError } from '../../errors.js'
import { claimedSignatures } from '../../import/review/claimed-signatures.js'
import { claimsOnly, failuresFirst } from '../../import/review/claims-only.js'
import type { Review } from '../../import/review/review.js'
import { reviewOf } from '../../import/review/review-of.js'
import type { Verification } from '../../import/verification.js'
import { bare, describe } from '../../oci/descriptor.js'
import type { ImportPolicy } from '../../policy/import-policy.js'
import type { Audit } from '../../tui/means.js'
import { memoryOf, openVerified, type VerificationOptions, verificationLines } from '../commands/verify.js'
import type { VerifyCommandOptions } from '../commands/verify-options.js'
import type { CommandContext } from '../context.js'
import { importPolicy } from '../policy.js'
import { VERDICT_WORDS, type Verdict, verdictOf } from '../render/checks.js'
import { inMemory, nodesOf, type Readable, reading } from './audit-documents.js'

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
  const claimed = await claimedSignatures(verification, context)
  const found = failuresFirst(reviewOf({ verification, claimed, now: context.now() }))
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
    ...reading({
      readables: readablesOf({ bundle, review, policy, context }),
      review,
      ...warningOf(verdict, authentic),
    }),
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

const CLAIMS = 'CLAIMS ONLY: nobody who is trusted here has signed this bundle.'

/** Somebody who is trusted has signed the waybill; else all that the bundle says is a claim of whoever wrote the file. */
function isAuthentic({ checks }: Verification): boolean {
  return (['signature', 'signer'] as const).every((name) => {
    const made = checks.filter((check) => check.name === name)
    return made.some(({ result }) => result === 'pass') && !made.some(({ result }) => result === 'fail')
  })
}

function warningOf(verdict: Verdict, authentic: boolean): { readonly warning?: string } {
  if (!authentic) return { warning: CLAIMS }
  return verdict === 'verified' ? {} : { warning: `The bundle that this is from is ${VERDICT_WORDS[verdict]}.` }
}

interface Opened {
  readonly bundle: OpenedBundle
  readonly review: Review
  readonly policy: ImportPolicy | undefined
  readonly context: CommandContext
}

function readablesOf({ bundle, review, policy, context }: Opened): readonly Readable[] {
  const { waybill, document, inventory, signatures } = bundle
  const source = bundleSource(bundle)
  const named = new Map<string, string>()
  for (const { document: about, label } of nodesOf([review.bundle, ...review.artifacts])) {
    if (about !== undefined && !named.has(about.digest)) named.set(about.digest, label)
  }
  const carried = (line: InventoryLine): Readable => ({
    name: named.get(line.digest) ?? `${printable(line.mediaType, 100)} ${line.digest}`,
    descriptor: bare(line),
    read: (call) => readDocument(source, bare(line), call),
  })
  const documents = inventory.filter(({ digest }) => named.has(digest))
  const others = inventory.filter(({ digest, role }) => !named.has(digest) && role !== 'layer')
  return [
    {
      name: 'waybill: what the bundle says of itself',
      descriptor: waybill.document,
      read: inMemory(waybill.document, () => formatDocument(document)),
    },
    {
      name: 'waybill, the manifest that is signed',
      descriptor: waybill.descriptor,
      read: inMemory(waybill.descriptor, () => waybill.bytes),
    },
    ...signatures.map(({ envelope, envelopeType }, at): Readable => {
      const descriptor = describe(envelopeType, envelope)
      return { name: `signature ${at + 1} on the waybill`, descriptor, read: inMemory(descriptor, () => envelope) }
    }),
    ...(policy === undefined ? [] : [policyReadable(policy, context)]),
    ...documents.map(carried),
    {
      name: 'inventory: all that it carries',
      descriptor: waybill.inventory,
      read: inMemory(waybill.inventory, () => formatInventory(inventory)),
    },
    ...others.map(carried),
  ]
}

/** The policy that was asked. Read again: one that was changed since is not shown as the one that judged. */
function policyReadable({ path, digest }: ImportPolicy, context: CommandContext): Readable {
  const descriptor = { mediaType: 'application/yaml', digest, size: 0 }
  return {
    name: `import policy ${printable(path, 500)}`,
    descriptor,
    read: async (call) => {
      const bytes = await context.readFile(path)
      return await inMemory(descriptor, () => bytes)(call)
    },
  }
}
