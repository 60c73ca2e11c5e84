import { rootName } from '../../bundle/document.js'
import type { Emit } from '../../events.js'
import type { Decision } from '../decide.js'
import type { Check, Verification } from '../verification.js'
import type { Placed } from './names.js'

/**
 * A verification with what was found about names at the target: where a root has none nothing can be loaded, but for the
 * others where the import policy says `partial`. What is not verified anyway stays as it is.
 */
export function withPlaces(
  verification: Verification,
  { findings }: Pick<Placed, 'findings'>,
  { emit }: { readonly emit: Emit },
): Verification {
  const { verified, ...others } = verification
  if (findings.length === 0 || verified === undefined) return verification
  for (const { name, subject, result } of findings) emit({ type: 'checked', check: name, subject, result })
  const names = new Set(verification.bundle.document.roots.map(rootName))
  const single = findings.every(({ subject }) => names.has(subject))
  const partial = verification.policy?.partial === true && single
  const said = findings.map((check): Check => (partial ? { ...check, result: 'logged' } : check))
  return { ...others, checks: [...verification.checks, ...said], ...(partial ? { verified } : {}) }
}

/** A result that calls nothing verified of which nothing may be loaded: `partial` is leave for a part, and none is left. */
export function settled<T extends { readonly verification: Verification; readonly decision: Decision }>(result: T): T {
  const { verified, ...refused } = result.verification
  const admits = result.decision.rulings.some(({ kind }) => kind === 'admit')
  return admits || verified === undefined ? result : { ...result, verification: refused }
}
