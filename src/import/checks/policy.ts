import { rootName } from '../../bundle/document.js'
import type { BundleFinding, PolicyFindings, RootFinding } from '../policy/findings.js'
import type { Check } from '../verification.js'

/** What an import policy says of the bundle itself, as a check; none where no policy is asked. */
export function bundleChecks(finding: BundleFinding | undefined, subject: string): readonly Check[] {
  if (finding === undefined) return []
  const { admitted, code, detail } = finding
  if (admitted) return [{ name: 'policy', subject, result: 'pass', detail }]
  return [{ name: 'policy', subject, result: 'fail', detail, code: code ?? 'ERR_POLICY_REFUSED' }]
}

/**
 * What it says of the roots. Where it says `partial` a root that is refused does not fail the bundle, as long as another
 * one is admitted on its own account: it stays visible as `logged`, and `decide` refuses it.
 */
export function rootChecks(policy: PolicyFindings | undefined): readonly Check[] {
  if (policy === undefined) return []
  return policy.roots.map((finding) => rootCheck(finding, mayBePart(policy) ? 'logged' : 'fail'))
}

function mayBePart({ partial, roots }: PolicyFindings): boolean {
  return partial && roots.some(isAdmitted)
}

function isAdmitted({ admitted, follows }: RootFinding): boolean {
  return admitted && follows === undefined
}

function rootCheck({ root, admitted, code, detail, recorded }: RootFinding, refused: 'fail' | 'logged'): Check {
  const subject = rootName(root)
  const common = { name: 'policy', subject, detail: `${subject}: ${detail}` } as const
  if (admitted) return { ...common, result: recorded ? 'logged' : 'pass' }
  return { ...common, result: refused, code: code ?? 'ERR_POLICY_REFUSED' }
}
