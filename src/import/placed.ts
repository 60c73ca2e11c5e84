import { rootName } from '../bundle/document.js'
import type { Emit } from '../events.js'
import type { Placed } from './names.js'
import type { Check, Verification } from './verification.js'

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
  const partial = verification.policy?.partial === true && findings.every(({ subject }) => names.has(subject))
  const said = findings.map((check): Check => (partial ? { ...check, result: 'logged' } : check))
  return { ...others, checks: [...verification.checks, ...said], ...(partial ? { verified } : {}) }
}
