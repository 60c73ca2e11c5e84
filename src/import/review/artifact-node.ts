import { type Root, rootName } from '../../bundle/document.js'
import { type Admitted, targetName } from '../target/names-at-target.js'
import type { Check, RootClosure } from '../verification.js'
import { belowRoot, mayDraw, type ReviewContext } from './context.js'
import { codeFacts, type Fact, fact, facts, label } from './facts.js'
import { hungNodes } from './hung-nodes.js'
import { platformNodes } from './platform-nodes.js'
import type { ReviewNode, ReviewVerdict } from './review.js'
import { ruleName, ruleNodes } from './rule-nodes.js'
import { bytesOf } from './sizes.js'

/** One root: its platforms, its signatures and documents, what judged it, and the verdict. */
export function artifactNode(root: Root, at: number, context: ReviewContext): ReviewNode {
  const id = `a${at}`
  const closure = context.closures.get(root)
  const change = context.changes.get(root)
  const judged = judge(root, context)
  const verdict = verdictNode(judged, `${id}/verdict`)
  return {
    id,
    kind: 'artifact',
    root: at,
    label: label(rootName(root)),
    verdict: judged.verdict,
    ...(change === undefined ? {} : { change: change.change }),
    ...(closure === undefined ? {} : { size: bytesOf(closure) }),
    details: [
      ...fact('source', rootName(root)),
      ...fact('digest', root.descriptor.digest),
      ...fact('media type', root.descriptor.mediaType),
      ...fact('type', closure?.manifests.get(root.descriptor.digest)?.artifactType),
      ...facts('platforms kept', root.platforms ?? [], 50),
      ...verdict.details,
      ...fact('change', change?.change),
      ...fact('means now', change?.was),
    ],
    children: [...contentOf(root, id, { context, closure }), ...ruleNodes(root, id, context), verdict],
  }
}

function contentOf(
  root: Root,
  id: string,
  { context, closure }: { readonly context: ReviewContext; readonly closure: RootClosure | undefined },
): readonly ReviewNode[] {
  if (closure === undefined)
    return [
      contentNote(`${id}/content`, 'not looked at: an earlier check of the bundle failed, or its content is not whole'),
    ]
  if (!mayDraw(context)) return [contentNote(`${id}/content`, 'not shown: there is more than a review can show')]
  const below = belowRoot(context, closure)
  below.drawn.add(root.descriptor.digest)
  return [...platformNodes(root.descriptor, id, below), ...hungNodes(root.descriptor.digest, id, below)]
}

function contentNote(id: string, text: string): ReviewNode {
  return { id, kind: 'content', label: text, verdict: 'note', details: fact('content', text), children: [] }
}

interface Judged {
  readonly verdict: ReviewVerdict
  readonly words: string
  readonly facts: readonly Fact[]
}

/** What is decided about a root; where nobody has decided, what an import would meet. */
function judge(root: Root, context: ReviewContext): Judged {
  const ruling = context.rulings.get(root)
  if (ruling?.kind === 'refuse') return refused(ruling.because, ruleName(root, context))
  const because = ruling === undefined ? foundAgainst(root, context) : []
  return because.length > 0 ? refused(because, ruleName(root, context)) : admitted(root, ruling, context)
}

type Reason = Pick<Check, 'detail' | 'code'>

/** Where one root keeps all others out, each has the reasons of all. */
const MAX_REASONS = 100

function refused(because: readonly Reason[], by: string | undefined): Judged {
  const [first] = because
  const whys = [...new Set(because.slice(0, MAX_REASONS).map(({ detail }) => detail))]
  const more = because.length - MAX_REASONS
  return {
    verdict: 'fail',
    words: `refused: ${first?.detail ?? 'another check of the bundle failed'}`,
    facts: [
      ...fact('verdict', 'refused'),
      ...fact('by', by),
      ...facts('because', whys),
      ...fact('because', more > 0 ? `and ${more} more` : undefined),
      ...codeFacts(first?.code),
    ],
  }
}

function admitted(root: Root, ruling: Admitted | undefined, context: ReviewContext): Judged {
  const by = ruleName(root, context)
  const recorded = isRecordedOnly(root, context)
  const where = ruling === undefined ? undefined : targetName(ruling)
  const word = ruling === undefined ? 'nothing stands against it' : 'admitted'
  const why = context.findings.get(root)?.detail ?? context.judged(root.repository, root.descriptor.digest)?.detail
  return {
    verdict: recorded ? 'logged' : 'pass',
    words: `${word}${where === undefined ? '' : ` as ${where}`}${by === undefined ? '' : `, by ${by}`}`,
    facts: [
      ...fact('verdict', recorded ? `${word}, with failures that are only recorded` : word),
      ...fact('by', by ?? 'the signature on the bundle alone: no policy asks who signed the artifact'),
      ...fact('why', why),
      ...fact('target', where),
    ],
  }
}

function foundAgainst(root: Root, { verification, findings, judged, failed }: ReviewContext): readonly Reason[] {
  const finding = findings.get(root)
  if (finding?.admitted === false) return [finding]
  const artifact = judged(root.repository, root.descriptor.digest)
  if (finding === undefined && artifact?.required === true && artifact.verdict === 'refused') return [artifact]
  return verification.verified === undefined ? failed : []
}

function isRecordedOnly(root: Root, { findings, recorded }: ReviewContext): boolean {
  const finding = findings.get(root)
  if (finding !== undefined) return finding.recorded
  return recorded.has(rootName(root))
}

function verdictNode({ verdict, words, facts: known }: Judged, id: string): ReviewNode {
  return { id, kind: 'rule', label: label(words), verdict, details: known, children: [] }
}
