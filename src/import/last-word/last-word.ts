import { type Root, rootName } from '../../bundle/document.js'
import type { CallOptions } from '../../content/store.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import type { Emit } from '../../events.js'
import { type Decision, decide } from '../decide.js'
import type { Destination, Placed } from '../names/names.js'
import type { Check, Verification } from '../verification.js'
import { policyInput } from './policy-input.js'
import type { PolicyInput } from './policy-input-types.js'

/** What somebody outside of this program, asked last, says about an import. */
export interface LastAnswer {
  readonly allow: boolean
  /** why not, in the words of whoever was asked; foreign text */
  readonly reasons: readonly string[]
  /** single roots that must not be loaded, by their names at the source, each with why */
  readonly refuse: ReadonlyMap<string, string>
}

/**
 * Whoever has the last word, handed in: a policy in Rego, as a module or behind a server.
 * @throws ERR_OPA_FAILED where there is no answer, or none that can be understood: that is no leave
 */
export type LastWord = (input: PolicyInput, call: CallOptions) => Promise<LastAnswer>

export interface LastWordOptions extends CallOptions {
  readonly lastWord: LastWord | undefined
  /** undefined where nobody has said where the bundle goes */
  readonly destination: Destination | undefined
  readonly placed: Placed
  readonly now: () => Date
  readonly emit: Emit
}

/** What was found of a bundle, and what is to become of it. */
export interface Decided {
  readonly verification: Verification
  readonly decision: Decision
}

/**
 * Asks whoever has the last word, where somebody has and there is something left to refuse. It can take away, and never
 * give: what the importer's own rules refuse stays refused, whatever the answer is.
 * @throws ERR_OPA_FAILED, and nothing is loaded then
 */
export async function withLastWord(decided: Decided, given: LastWordOptions): Promise<Decided> {
  const { lastWord, destination, placed, now, emit, signal } = given
  const { verification, decision } = decided
  if (lastWord === undefined || !decision.rulings.some(({ kind }) => kind === 'admit')) return decided
  const target = destination === undefined ? {} : { destination }
  const input = await policyInput(verification, { decision, now: now(), signal, ...target })
  const denials = heard(verification, await lastWord(input, { signal }))
  if (denials.length === 0) return decided
  for (const { name, subject, result } of denials) emit({ type: 'checked', check: name, subject, result })
  const denied = withDenials(verification, denials)
  return { verification: denied, decision: decide(denied, { ...placed, refusals: refusalsOf(verification, denials) }) }
}

function refusalsOf({ bundle }: Verification, denials: readonly Check[]): ReadonlyMap<Root, string> {
  const why = new Map(denials.map(({ subject, detail }) => [subject, detail]))
  return new Map(
    bundle.document.roots.flatMap((root) => {
      const detail = why.get(rootName(root))
      return detail === undefined ? [] : [[root, detail] as const]
    }),
  )
}

/**
 * The answer as failed checks: none where everything is allowed.
 * @throws ERR_OPA_FAILED for a name that the bundle does not have: whoever wrote it meant something else to be refused
 */
function heard({ bundle }: Pick<Verification, 'bundle'>, { allow, reasons, refuse }: LastAnswer): readonly Check[] {
  const names = new Set(bundle.document.roots.map(rootName))
  const stranger = [...refuse.keys()].find((name) => !names.has(name))
  if (stranger !== undefined) {
    const what = JSON.stringify(printable(stranger, 200))
    throw new TransferError('ERR_OPA_FAILED', `the Rego policy refuses ${what}, which is no root of the bundle`, {
      side: 'operator',
    })
  }
  const whole = allow ? [] : [denial(bundle.waybill.descriptor.digest, reasons)]
  return [...whole, ...[...refuse].map(([name, why]) => denial(name, [why]))]
}

const SHOWN = 10

function denial(subject: string, reasons: readonly string[]): Check {
  const more = reasons.length > SHOWN ? `; and ${reasons.length - SHOWN} more reasons` : ''
  const why = reasons.length === 0 ? 'it gives no reason' : reasons.slice(0, SHOWN).map(oneReason).join('; ')
  return {
    name: 'policy',
    subject,
    result: 'fail',
    detail: `the Rego policy refuses: ${why}${more}`,
    code: 'ERR_OPA_DENIED',
  }
}

function oneReason(reason: string): string {
  return printable(reason, 200)
}

/**
 * A verification that somebody refused after all: nothing in it can be loaded. Where the import policy says `partial` a
 * single root that is refused does not keep the others out.
 */
function withDenials(verification: Verification, denials: readonly Check[]): Verification {
  const names = new Set(verification.bundle.document.roots.map(rootName))
  const single = verification.policy?.partial === true && denials.every(({ subject }) => names.has(subject))
  const said = single ? denials.map((check): Check => ({ ...check, result: 'logged' })) : denials
  const { verified, ...others } = verification
  const denied = { ...others, checks: [...verification.checks, ...said] }
  return single && verified !== undefined ? { ...denied, verified } : denied
}
