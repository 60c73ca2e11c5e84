import { type Root, rootName } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { printable } from '../../encoding/printable.js'
import { LIMITS } from '../../limits.js'
import type { Digest } from '../../oci/digest.js'
import { formatRepository } from '../../oci/reference.js'
import { resultOf } from '../../receipt/parse-receipt.js'
import { RECEIPT_VERSION, type Receipt, type ReceiptCheck, type ReceiptRoot } from '../../receipt/receipt.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Ruling } from '../decide.js'
import type { Destination } from '../names/names.js'
import type { ImportResult } from '../run.js'
import { targetName } from '../target/names-at-target.js'
import type { Check } from '../verification.js'

/** What a receipt says beside what the import came to. */
export interface ReceiptFacts {
  readonly destination: Destination
  readonly verifiedAt: Date
  readonly finishedAt: Date
  /** the program, `waybill/1.2.3` */
  readonly generator: string
  /** of the import policy; absent where there is none */
  readonly policy?: Digest | undefined
  /** the importer's own signatures on roots, `target` being `HOST/NAME` */
  readonly countersignatures: readonly {
    readonly target: string
    readonly subject: Digest
    readonly signature: Digest
  }[]
}

const NONE = { copied: 0, present: 0, mounted: 0 }

/** Says in a receipt what an import came to. Pure: the same import gives the same bytes. */
export function describeImport(result: ImportResult, facts: ReceiptFacts): Receipt {
  const { verification, decision, report, goneBackFor } = result
  const { bundle } = verification
  const { digest, size } = bundle.waybill.descriptor
  const roots = decision.rulings.map((ruling) => describeRoot(ruling, result, facts))
  const { registry, prefix } = facts.destination
  return {
    version: RECEIPT_VERSION,
    waybill: { digest, size },
    bundle: describeBundle(result),
    result: resultOf(roots),
    verifiedAt: formatTimestamp(facts.verifiedAt),
    finishedAt: formatTimestamp(facts.finishedAt),
    target: { registry, ...(prefix === undefined ? {} : { prefix }) },
    generator: facts.generator,
    ...(facts.policy === undefined ? {} : { policy: facts.policy }),
    ...(goneBackFor === undefined ? {} : { allowedRollback: bounded(goneBackFor) }),
    checks: verification.checks.map((check) => describeCheck(check, bundle)),
    roots,
    held: heldBy(decision.rulings),
    counts: { blobs: { ...(report?.blobs ?? NONE) }, manifests: { ...(report?.manifests ?? NONE) } },
  }
}

function describeBundle({ verification: { bundle, signers } }: ImportResult): Receipt['bundle'] {
  const { createdAt, stream, sequence, previous } = bundle.document
  return {
    createdAt,
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(previous === undefined ? {} : { previous }),
    signers: signers.map(({ subject, rootThumbprint }) => ({ subject: bounded(subject), rootThumbprint })),
  }
}

/** A receipt travels: where a bundle lay on this machine is nobody's business, and is no part of what was found. */
function describeCheck({ name, subject, result, detail, code }: Check, { path, waybill }: OpenedBundle): ReceiptCheck {
  const about = subject === path ? waybill.descriptor.digest : subject
  const said = bounded(withoutPath(detail, path))
  return { name, subject: bounded(about), result, detail: said, ...(code === undefined ? {} : { code }) }
}

function describeRoot(ruling: Ruling, result: ImportResult, facts: ReceiptFacts): ReceiptRoot {
  const { root } = ruling
  const { digest } = root.descriptor
  const rule = ruleOf(root, result)
  const common = { source: rootName(root), digest, ...(rule === undefined ? {} : { rule }) }
  if (ruling.kind === 'refuse') {
    const { path } = result.verification.bundle
    const reasons = ruling.because.map(({ detail, code }) => ({
      detail: bounded(withoutPath(detail, path)),
      ...(code === undefined ? {} : { code }),
    }))
    const because = reasons.length > 0 ? reasons : [{ detail: 'nothing of the bundle is loaded' }]
    return { ...common, ruling: 'refused', because }
  }
  const seen = result.outlook?.look.roots.find((one) => one.root === root)
  const target = formatRepository(ruling.target)
  const own = facts.countersignatures.find((one) => one.target === target && one.subject === digest)
  return {
    ...common,
    ruling: 'admitted',
    target: targetName(ruling),
    ...(seen === undefined ? {} : { change: seen.change }),
    ...(seen?.was === undefined ? {} : { was: seen.was }),
    ...(own === undefined ? {} : { countersignature: own.signature }),
  }
}

function ruleOf(root: Root, { verification: { policy } }: ImportResult): string | undefined {
  const rule = policy?.roots.find((one) => one.root === root)?.rule
  return rule && bounded(rule.name)
}

function heldBy(rulings: readonly Ruling[]): readonly Digest[] {
  const held = new Set<Digest>()
  for (const ruling of rulings) {
    if (ruling.kind === 'admit') for (const { digest } of ruling.closure.nodes) held.add(digest)
  }
  return [...held].sort()
}

/** A name without a folder says nothing of the machine, and may be a word of the sentence. */
function withoutPath(detail: string, path: string): string {
  return path.includes('/') ? detail.replaceAll(path, 'the bundle') : detail
}

/** Foreign text of a bounded length: also a receipt of a hostile bundle can be read. */
function bounded(text: string): string {
  return printable(text.toWellFormed(), LIMITS.receiptTextLength / 10)
}
