import type { BareDescriptor } from '../../oci/descriptor.js'
import type { CompactReceipt } from '../../receipt/compact.js'
import type { Receipt, ReceiptCheck, ReceiptRoot } from '../../receipt/receipt.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import { claimed, unproven } from './claims-only.js'
import { type Fact, fact, facts, label } from './facts.js'
import type { Review, ReviewNode, ReviewVerdict } from './review.js'
import { signatureNode } from './signature-node.js'

/** A receipt, and what came of judging its signature. */
export interface ReviewedReceipt {
  readonly receipt: Receipt
  /** of the document */
  readonly document: BareDescriptor
  readonly signature: {
    readonly digest: string
    readonly envelope: BareDescriptor
    /** absent where it could not be judged */
    readonly outcome?: SignatureOutcome
    /** why it could not */
    readonly problem?: string
  }
  readonly now: Date
}

/**
 * A receipt as a tree. With a good signature it is an importer's word, and nothing more; without one it is anybody's, and no
 * line of it passes. Pure.
 */
export function receiptReview(given: ReviewedReceipt): Review {
  const { receipt, signature } = given
  const verified = signature.outcome?.verdict === 'verified'
  const bundle = wholeNode(given, verified)
  const artifacts = receipt.roots.map(rootNode)
  return {
    bundle: verified ? bundle : claimed(bundle),
    artifacts: verified ? artifacts : artifacts.map((one) => claimed(unproven(one))),
    removed: [],
    size: 0,
    admitted: verified && receipt.result !== 'refused',
  }
}

function wholeNode({ receipt, document, signature, now }: ReviewedReceipt, verified: boolean): ReviewNode {
  const { digest, envelope, outcome, problem } = signature
  const checks = receipt.checks.slice(0, MAX_CHECKS).map(checkNode)
  return {
    id: 'receipt',
    kind: 'bundle',
    label: label(`receipt: ${receipt.result} into ${placeOf(receipt)}`),
    verdict: verified ? 'pass' : 'fail',
    details: receiptFacts(receipt),
    children: [
      ...(problem === undefined ? [] : [problemNode(problem)]),
      signatureNode({
        id: 'receipt/s0',
        digest,
        ...(outcome === undefined ? {} : { outcome, statement: 'importers', level: 'strict' }),
        envelope,
        now,
      }),
      ...(verified ? checks : checks.map(unproven)),
      ...moreNode('receipt/more', receipt.checks.length - MAX_CHECKS),
      {
        id: 'receipt/document',
        kind: 'document',
        label: label(`receipt ${document.digest}`),
        verdict: 'note',
        size: document.size,
        details: [...fact('digest', document.digest), ...fact('size', `${document.size} bytes`)],
        children: [],
        document,
      },
    ],
  }
}

const MAX_CHECKS = 200

function placeOf({ target }: Receipt): string {
  return target.prefix === undefined ? target.registry : `${target.registry}/${target.prefix}`
}

function receiptFacts(receipt: Receipt): readonly Fact[] {
  const { waybill, bundle, result, verifiedAt, finishedAt, generator, policy, allowedRollback, held, counts } = receipt
  const { createdAt, stream, sequence, previous, signers } = bundle
  const counted = ({ copied, present, mounted }: typeof counts.blobs): string =>
    `${copied} copied, ${present} there already, ${mounted} mounted`
  return [
    ...fact('result', result),
    ...fact('target', placeOf(receipt)),
    ...fact('waybill', waybill.digest),
    ...fact('stream', stream === undefined ? undefined : `${stream}, number ${sequence ?? ''}`),
    ...fact('after', previous),
    ...fact('bundle made', createdAt),
    ...facts(
      'bundle signed by',
      signers.map(({ subject, rootThumbprint }) => `${subject}, below the root ${rootThumbprint}`),
      20,
    ),
    ...fact('verified', verifiedAt),
    ...fact('finished', finishedAt),
    ...fact('by', generator),
    ...fact('import policy', policy),
    ...fact('went back because', allowedRollback),
    ...fact('target has', `${held.length} manifests and blobs of it`),
    ...fact('blobs', counted(counts.blobs)),
    ...fact('manifests', counted(counts.manifests)),
  ]
}

const RESULTS: Readonly<Record<ReceiptCheck['result'], ReviewVerdict>> = {
  pass: 'pass',
  fail: 'fail',
  logged: 'logged',
  'not-applicable': 'note',
}

function checkNode({ name, subject, result, detail, code }: ReceiptCheck, at: number): ReviewNode {
  return {
    id: `receipt/c${at}`,
    kind: 'check',
    label: label(`the importer says, ${name}: ${detail}`),
    verdict: RESULTS[result],
    details: [
      ...fact('check', name),
      ...fact('about', subject),
      ...fact('result', `${result}, as the importer says`),
      ...fact('found', detail),
      ...fact('code', code),
    ],
    children: [],
  }
}

function problemNode(problem: string): ReviewNode {
  const details = fact('found', problem)
  return { id: 'receipt/problem', kind: 'check', label: label(problem), verdict: 'fail', details, children: [] }
}

function moreNode(id: string, more: number): readonly ReviewNode[] {
  if (more <= 0) return []
  const text = `and ${more} more`
  return [{ id, kind: 'check', label: text, verdict: 'note', details: fact('checks', text), children: [] }]
}

const MAX_REASONS = 100

function rootNode(root: ReceiptRoot, at: number): ReviewNode {
  const { source, digest, ruling, rule, because = [], target, change, was, countersignature } = root
  return {
    id: `r${at}`,
    kind: 'artifact',
    label: label(`${ruling} ${source}`),
    verdict: ruling === 'admitted' ? 'pass' : 'fail',
    ...(change === undefined ? {} : { change }),
    details: [
      ...fact('ruling', `${ruling}, as the importer says`),
      ...fact('source', source),
      ...fact('digest', digest),
      ...fact('rule', rule),
      ...fact('target', target),
      ...fact('meant before', was),
      ...fact('countersignature', countersignature),
    ],
    children: because.slice(0, MAX_REASONS).map(({ detail, code }, number) => ({
      id: `r${at}/b${number}`,
      kind: 'check',
      label: label(detail),
      verdict: 'fail',
      details: [...fact('because', detail), ...fact('code', code)],
      children: [],
    })),
  }
}

/** A compact receipt: what of one fits on paper. */
export interface ReviewedCompact {
  readonly compact: CompactReceipt
  readonly verified: boolean
  /** whose it is, or why it is nobody's word */
  readonly detail: string
}

export function compactReview({ compact, verified, detail }: ReviewedCompact): Review {
  const { result, finishedAt, waybill, receipt, stream, sequence, admitted, refused, keyId } = compact
  const whole: ReviewNode = {
    id: 'receipt',
    kind: 'bundle',
    label: label(`compact receipt: ${result}, ${admitted} admitted, ${refused} refused`),
    verdict: verified ? 'pass' : 'fail',
    details: [
      ...fact('result', result),
      ...fact('finished', finishedAt),
      ...fact('waybill', waybill),
      ...fact('whole receipt', receipt),
      ...fact('stream', stream === undefined ? undefined : `${stream}, number ${sequence ?? ''}`),
      ...fact('admitted', admitted),
      ...fact('refused', refused),
      ...fact('key', keyId),
    ],
    children: [
      {
        id: 'receipt/s0',
        kind: 'signature',
        label: label(detail),
        verdict: verified ? 'pass' : 'fail',
        details: fact('found', detail),
        children: [],
      },
    ],
  }
  return { bundle: verified ? whole : claimed(whole), artifacts: [], removed: [], size: 0, admitted: verified }
}
