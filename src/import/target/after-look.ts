import { rootName } from '../../bundle/document.js'
import { type Decision, decide } from '../decide.js'
import type { Placed } from '../names/names.js'
import type { Check, Verification } from '../verification.js'
import { admittedIn } from './names-at-target.js'

/**
 * Decides once more with what was found at the target. It can take away, and never give: what was refused before stays
 * refused, with the same reasons. Only where the import policy says `partial` are the other roots still let in.
 */
export function afterLook(
  { verification, decision }: { readonly verification: Verification; readonly decision: Decision },
  findings: readonly Check[],
  placed: Placed,
): { readonly verification: Verification; readonly decision: Decision } {
  const partial = verification.policy?.partial === true
  const refused = findings.some(({ result }) => result === 'fail')
  const said = findings.map((check): Check => (partial ? { ...check, result: 'logged' } : check))
  const { verified, ...others } = verification
  const checks = [...verification.checks, ...said]
  const whole = verified !== undefined && (partial || !refused)
  const found = { ...others, checks, ...(whole ? { verified } : {}) }
  const admitted = new Set(admittedIn(decision).map(({ root }) => root))
  const places = new Map([...placed.places].filter(([root]) => admitted.has(root)))
  const earlier = decision.rulings.flatMap((ruling) =>
    ruling.kind === 'refuse' ? ruling.because.map((check) => ({ ...check, subject: rootName(ruling.root) })) : [],
  )
  return {
    verification: found,
    decision: decide(found, { places, findings: [...placed.findings, ...earlier, ...findings] }),
  }
}
