import { rootName } from '../../bundle/document.js'
import { printable } from '../../encoding/printable.js'
import type { Ruling } from '../../import/decide.js'
import type { DocumentFinding, PolicyFindings, RequirementFinding, RootFinding } from '../../import/policy/findings.js'
import { formatReference, formatRepository } from '../../oci/reference.js'

/** What the policy says, for programs. */
export function policyOutput(policy: PolicyFindings | undefined) {
  if (policy === undefined) return {}
  const { bundle, roots } = policy
  return { policy: { ...policy, bundle: { ...bundle, signers: [...bundle.signers] }, roots: roots.map(rootOutput) } }
}

function rootOutput({ root, follows, signatures, documents, recorded: _, ...facts }: RootFinding) {
  return {
    source: rootName(root),
    digest: root.descriptor.digest,
    ...facts,
    signatures: signatures.map(requirementOutput),
    documents: documents.map(({ types, found, ...document }) => ({
      ...document,
      types: [...types],
      found: found.map((one) => ({ ...one, signatures: one.signatures.map(requirementOutput) })),
    })),
    ...(follows === undefined ? {} : { follows: follows.map(rootName) }),
  }
}

function requirementOutput({ of, counted, judged: _, ...requirement }: RequirementFinding) {
  return { ...requirement, of: [...of], counted: [...counted] }
}

/** The roots that are not loaded. */
export function refusedOutput(rulings: readonly Ruling[]) {
  return rulings.flatMap((ruling) => {
    if (ruling.kind === 'admit') return []
    const [first] = ruling.because
    const { digest } = ruling.root.descriptor
    const why = {
      detail: first?.detail ?? 'it is not verified',
      ...(first?.code === undefined ? {} : { code: first.code }),
    }
    return [{ source: rootName(ruling.root), digest, ...why }]
  })
}

/** What the policy says of each root, requirement by requirement, and what becomes of it. */
export function policyLines(policy: PolicyFindings, rulings: readonly Ruling[]): string[] {
  const { path, digest, bundle, roots } = policy
  const rule = bundle.rule === undefined ? 'no rule' : `rule ${bundle.rule}`
  return [
    `policy ${printable(path, 500)} (${digest})`,
    `${mark(bundle.admitted)} bundle, ${printable(rule)}: ${printable(bundle.detail, 1000)}`,
    ...roots.flatMap((finding) => [
      ...rootLines(finding),
      ...rulings.filter(({ root }) => root === finding.root).flatMap(rulingLines),
    ]),
  ]
}

function rootLines({ root, admitted, rule, detail, signatures, documents, follows }: RootFinding): string[] {
  const by =
    rule === undefined
      ? follows === undefined
        ? 'no rule'
        : 'no rule needed'
      : `rule ${rule.name}, number ${rule.number} of artifacts`
  const parts = [...signatures.map(requirementLine), ...documents.flatMap(documentLines)]
  return [
    `${mark(admitted)} ${printable(rootName(root))}: ${printable(by, 300)}`,
    ...(parts.length === 0 ? [`       ${printable(detail, 1000)}`] : parts),
  ]
}

function requirementLine({ atLeast, of, met, detail }: RequirementFinding): string {
  return `  ${mark(met)} signatures, ${atLeast} of ${printable(of.join(', '), 300)}: ${printable(detail, 1000)}`
}

function documentLines({ types, met, detail, platform, found }: DocumentFinding): string[] {
  const where = platform === undefined ? '' : ` on ${printable(platform)}`
  return [
    `  ${mark(met)} document ${printable(types.join(' or '), 300)}${where}: ${printable(detail, 1000)}`,
    ...found.map(
      ({ digest, type, counts }) => `       ${counts ? 'counts' : 'does not count'}: ${digest} ${printable(type)}`,
    ),
  ]
}

function rulingLines(ruling: Ruling): string[] {
  if (ruling.kind === 'refuse')
    return ruling.because.slice(0, 3).map(({ detail }) => `  -> refused: ${printable(detail, 1000)}`)
  const { target: repository, tag } = ruling
  const name =
    tag === undefined
      ? `${formatRepository(repository)}@${ruling.root.descriptor.digest}`
      : formatReference({ repository, tag })
  return [`  -> ${printable(name)}`]
}

function mark(yes: boolean): string {
  return yes ? 'ok  ' : 'FAIL'
}
