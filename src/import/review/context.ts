import { type Root, rootName } from '../../bundle/document.js'
import { LIMITS } from '../../limits.js'
import type { Digest } from '../../oci/digest.js'
import type { Decision, Ruling } from '../decide.js'
import type { ImporterState } from '../memory/state.js'
import type { FoundDocument, JudgedSignature, RootFinding } from '../policy/findings.js'
import type { FormerContent } from '../target/former-content.js'
import type { RootChange } from '../target/look.js'
import type { Outlook } from '../target/outlook.js'
import type { ArtifactVerification, Check, RootClosure, Verification } from '../verification.js'
import type { ClaimedSignatures } from './claimed-signatures.js'

/** What is known when a review is made: of a bundle alone, of what is decided about it, and of where it goes. */
export interface Reviewed {
  readonly verification: Verification
  readonly decision?: Pick<Decision, 'rulings'>
  readonly outlook?: Pick<Outlook, 'look'>
  /** what moved names mean at the target now, where somebody has looked */
  readonly former?: ReadonlyMap<Root, FormerContent>
  /** what the importer remembers of its streams */
  readonly remembered?: ImporterState
  /** what signatures say that nobody has judged, where somebody has read them */
  readonly claimed?: ClaimedSignatures
  /** the moment at which somebody looks: then certificates say whether they are valid */
  readonly now?: Date
}

/** The same, found by root and by what it is about, so that thousands of roots are each looked up once. */
export interface ReviewContext extends Reviewed {
  readonly rulings: ReadonlyMap<Root, Ruling>
  readonly changes: ReadonlyMap<Root, RootChange>
  readonly findings: ReadonlyMap<Root, RootFinding>
  readonly closures: ReadonlyMap<Root, RootClosure>
  /** the checks that failed */
  readonly failed: readonly Check[]
  /** what checks are about that were let pass, and recorded */
  readonly recorded: ReadonlySet<string>
  /** what the trust policy makes of something in a repository */
  readonly judged: (repository: string, digest: Digest) => ArtifactVerification | undefined
  /**
   * Nodes that may still be made, and steps that may still be taken to count what is below them: one image in a thousand
   * places must not fill the memory, nor keep anybody waiting.
   */
  readonly budget: { left: number; steps: number }
}

export function reviewContext(given: Reviewed): ReviewContext {
  const { verification, decision, outlook } = given
  const artifacts = artifactsBySubject(verification)
  return {
    ...given,
    rulings: byRoot(decision?.rulings ?? []),
    changes: byRoot(outlook?.look.roots ?? []),
    findings: byRoot(verification.policy?.roots ?? []),
    closures: byRoot(verification.closures),
    failed: verification.checks.filter(({ result }) => result === 'fail'),
    recorded: new Set(verification.checks.flatMap(({ result, subject }) => (result === 'logged' ? [subject] : []))),
    judged: (repository, digest) => artifacts.get(repository)?.get(digest),
    budget: { left: LIMITS.reviewNodes, steps: LIMITS.reviewNodes },
  }
}

function byRoot<T extends { readonly root: Root }>(all: readonly T[]): ReadonlyMap<Root, T> {
  return new Map(all.map((one) => [one.root, one]))
}

type Artifacts = ReadonlyMap<string, ReadonlyMap<string, ArtifactVerification>>

/** By repository, and by digest there. */
function artifactsBySubject({ artifacts, bundle }: Verification): Artifacts {
  const repositories = new Map(bundle.document.roots.map((root) => [rootName(root), root.repository]))
  const found = new Map<string, Map<string, ArtifactVerification>>()
  for (const one of artifacts) {
    const { digest } = one.target
    // What is no root has the name of its repository and its digest.
    const repository = repositories.get(one.name) ?? one.name.slice(0, -digest.length - 1)
    const known = found.get(repository) ?? new Map<string, ArtifactVerification>()
    found.set(repository, known)
    if (!known.has(digest)) known.set(digest, one)
  }
  return found
}

/** What is below one root, and what was judged of it. */
export interface Below {
  readonly context: ReviewContext
  readonly root: Root
  readonly closure: RootClosure
  /** by the signature's digest: what the signers of the import policy make of it */
  readonly signatures: ReadonlyMap<string, JudgedSignature>
  /** by digest: whether a document counts, and whether what asks for it is met */
  readonly documents: ReadonlyMap<Digest, { readonly found: FoundDocument; readonly met: boolean }>
  /** what is in the tree already: the content of a bundle is no tree, and would be endless as one */
  readonly drawn: Set<Digest>
}

export function belowRoot(context: ReviewContext, closure: RootClosure): Below {
  const { root } = closure
  const finding = context.findings.get(root)
  const documents = new Map(
    (finding?.documents ?? []).flatMap(({ found, met }) =>
      found.map((one) => [one.digest, { found: one, met }] as const),
    ),
  )
  const requirements = [
    ...(finding?.signatures ?? []),
    ...[...documents.values()].flatMap(({ found }) => found.signatures),
  ]
  const signatures = new Map(requirements.flatMap(({ judged }) => judged.map((one) => [one.signature, one] as const)))
  return { context, root, closure, signatures, documents, drawn: new Set() }
}

/** Whether another node may be made. */
export function mayDraw({ budget }: Pick<ReviewContext, 'budget'>): boolean {
  budget.left -= 1
  return budget.left >= 0
}
