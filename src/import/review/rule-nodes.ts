import type { Root } from '../../bundle/document.js'
import { rootName } from '../../bundle/document.js'
import type { DocumentFinding, RequirementFinding, RootFinding } from '../policy/findings.js'
import type { ArtifactVerification } from '../verification.js'
import type { ReviewContext } from './context.js'
import { codeFacts, fact, facts, label } from './facts.js'
import type { ReviewNode, ReviewVerdict } from './review.js'

/** What judged a root: the rule of the import policy, requirement by requirement, and the statement of the trust policy. */
export function ruleNodes(root: Root, id: string, context: ReviewContext): readonly ReviewNode[] {
  const finding = context.findings.get(root)
  const artifact = context.judged(root.repository, root.descriptor.digest)
  return [
    ...(finding === undefined ? [] : [ruleNode(finding, `${id}/rule`)]),
    ...(artifact?.statement === undefined ? [] : [statementNode(artifact, `${id}/statement`)]),
  ]
}

/** The words for the rule that decides about a root, where there is one. */
export function ruleName(root: Root, context: ReviewContext): string | undefined {
  const finding = context.findings.get(root)
  if (finding !== undefined) return nameOf(finding)
  const artifact = context.judged(root.repository, root.descriptor.digest)
  return artifact?.statement === undefined ? undefined : statementName(artifact)
}

function nameOf({ rule, follows }: RootFinding): string {
  if (rule !== undefined) return `rule ${rule.name}, number ${rule.number} of artifacts`
  return follows === undefined ? 'no rule of the import policy' : 'no rule needed: it comes in with what it signs'
}

function statementName({ statement, level }: ArtifactVerification): string {
  return `statement ${statement ?? ''} of the trust policy (${level ?? ''})`
}

function ruleNode(finding: RootFinding, id: string): ReviewNode {
  const { admitted, recorded, detail, code, follows, signatures, documents } = finding
  return {
    id,
    kind: 'rule',
    label: label(nameOf(finding)),
    verdict: admitted ? (recorded ? 'logged' : 'pass') : 'fail',
    details: [
      ...fact('rule', nameOf(finding)),
      ...fact('found', detail),
      ...codeFacts(code),
      ...facts('comes in with', (follows ?? []).map(rootName)),
    ],
    children: [
      ...signatures.map((one, at) => requirementNode(one, `${id}/r${at}`)),
      ...documents.map((one, at) => documentRuleNode(one, `${id}/d${at}`)),
    ],
  }
}

function requirementNode({ atLeast, of, met, counted, detail }: RequirementFinding, id: string): ReviewNode {
  return {
    id,
    kind: 'rule',
    label: label(`signatures, ${atLeast} of ${of.join(', ')}: ${detail}`),
    verdict: metVerdict(met),
    details: [
      ...fact('wanted', `${atLeast} of ${of.join(', ')}`),
      ...fact('found', detail),
      ...facts(
        'counted',
        counted.map(({ signer, subject, thumbprint }) => `${signer}: ${subject}, SHA-256 ${thumbprint}`),
        20,
      ),
    ],
    children: [],
  }
}

function documentRuleNode({ types, atLeast, platform, met, detail, subject }: DocumentFinding, id: string): ReviewNode {
  const wanted = `${atLeast} of ${types.join(' or ')}`
  const where = platform === undefined ? '' : ` on ${platform}`
  return {
    id,
    kind: 'rule',
    label: label(`documents, ${wanted}${where}: ${detail}`),
    verdict: metVerdict(met),
    details: [...fact('wanted', `${wanted}${where}`), ...fact('on', subject), ...fact('found', detail)],
    children: [],
  }
}

function metVerdict(met: boolean): ReviewVerdict {
  return met ? 'pass' : 'fail'
}

function statementNode(artifact: ArtifactVerification, id: string): ReviewNode {
  const { verdict, detail, code, scope } = artifact
  const words = { verified: 'pass', skipped: 'note', refused: artifact.required ? 'fail' : 'logged' } as const
  return {
    id,
    kind: 'rule',
    label: label(statementName(artifact)),
    verdict: words[verdict],
    details: [
      ...fact('statement', statementName(artifact)),
      ...fact('scope', scope),
      ...fact('found', detail),
      ...codeFacts(code),
    ],
    children: [],
  }
}
