import { carriedTotals } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { type BareDescriptor, describe } from '../../oci/descriptor.js'
import type { Check, Verification } from '../verification.js'
import { codeFacts, fact, facts, label } from './facts.js'
import type { ReviewNode, ReviewVerdict } from './review.js'
import { signatureNode } from './signature-node.js'

/** The bundle as a whole: every check, who signed it, and what it says about itself. */
export function bundleNode(verification: Verification, now?: Date): ReviewNode {
  const { bundle, checks, waybillSignatures, policy } = verification
  const { waybill } = bundle
  const failed = checks.some(({ result }) => result === 'fail')
  const shown = checks.slice(0, MAX_CHECKS)
  return {
    id: 'bundle',
    kind: 'bundle',
    label: label(bundle.path),
    verdict: failed ? 'fail' : checks.some(({ result }) => result === 'logged') ? 'logged' : 'pass',
    size: bundle.size,
    details: bundleFacts(bundle),
    children: [
      ...shown.map((check, at) => checkNode(check, `bundle/c${at}`)),
      ...(checks.length > MAX_CHECKS ? [moreChecks(checks.slice(MAX_CHECKS))] : []),
      ...waybillSignatures.map((outcome, at) =>
        signatureNode({
          id: `bundle/s${at}`,
          digest: outcome.signature,
          outcome,
          statement: 'of exporters',
          envelope: envelopeOf(outcome.signature, bundle),
          now,
        }),
      ),
      ...(policy === undefined ? [] : [policyNode(policy)]),
      {
        id: 'bundle/waybill',
        kind: 'document',
        label: label(`waybill ${waybill.descriptor.digest}`),
        verdict: 'note',
        size: waybill.document.size,
        details: [...fact('digest', waybill.descriptor.digest), ...fact('document', waybill.document.digest)],
        children: [],
        document: waybill.document,
      },
    ],
  }
}

function envelopeOf(signature: string, { signatures }: OpenedBundle): BareDescriptor | undefined {
  const found = signatures.find(({ descriptor }) => descriptor.digest === signature)
  return found && describe(found.envelopeType, found.envelope)
}

/** A check of every root makes as many as there are roots: they are said at the artifacts. */
const MAX_CHECKS = 200

function bundleFacts({ document, size, path, waybill }: OpenedBundle): ReviewNode['details'] {
  const { stream, sequence, previous, base, omissions, evidence, evidenceMissing } = document
  const carried = carriedTotals(document)
  const places = (base ?? []).length
  return [
    ...fact('file', path),
    ...fact('size', `${size} bytes`),
    ...fact('waybill', waybill.descriptor.digest),
    ...fact('kind', document.kind),
    ...fact('made', document.createdAt),
    ...fact('expires', document.expiresAt ?? 'never'),
    ...fact('stream', stream === undefined ? undefined : `${stream}, number ${sequence ?? ''}`),
    ...fact('after', previous),
    ...fact('made by', document.generator),
    ...fact('artifacts', document.roots.length),
    ...fact('carries', `${carried.blobs} blobs, ${carried.bytes} bytes`),
    ...fact('builds on', places === 0 ? undefined : `${places} bundles or receipts; the target has to have the rest`),
    ...fact('left out', omissions.length === 0 ? undefined : `${omissions.length} parts, named at their artifacts`),
    ...fact('revocation evidence', (evidence ?? []).length),
    ...facts(
      'evidence missing',
      (evidenceMissing ?? []).map(({ subject, reason }) => `${subject}: ${reason}`),
      20,
    ),
  ]
}

const VERDICTS: Readonly<Record<Check['result'], ReviewVerdict>> = {
  pass: 'pass',
  fail: 'fail',
  logged: 'logged',
  'not-applicable': 'note',
}

function checkNode({ name, subject, result, detail, code }: Check, id: string): ReviewNode {
  return {
    id,
    kind: 'check',
    label: label(`${name}: ${detail}`),
    verdict: VERDICTS[result],
    details: [
      ...fact('check', name),
      ...fact('about', subject),
      ...fact('result', result),
      ...fact('found', detail),
      ...codeFacts(code),
    ],
    children: [],
  }
}

function moreChecks(left: readonly Check[]): ReviewNode {
  const failed = left.filter(({ result }) => result === 'fail').length
  const text = `${left.length} more checks, ${failed} of them failed: they are said at the artifacts`
  const verdict = failed > 0 ? 'fail' : 'note'
  return { id: 'bundle/more', kind: 'check', label: text, verdict, details: fact('checks', text), children: [] }
}

function policyNode({ path, digest, partial, bundle }: NonNullable<Verification['policy']>): ReviewNode {
  return {
    id: 'bundle/policy',
    kind: 'rule',
    label: label(`import policy ${path}: ${bundle.detail}`),
    verdict: bundle.admitted ? 'pass' : 'fail',
    details: [
      ...fact('policy', path),
      ...fact('digest', digest),
      ...fact('rule', bundle.rule),
      ...fact('found', bundle.detail),
      ...fact('partial', partial ? 'yes: what is admitted is loaded beside what is refused' : 'no: all or nothing'),
    ],
    children: [],
  }
}
