import { type Root, rootName } from '../bundle/document.js'
import type { ErrorCode } from '../errors.js'
import type { Brand } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Placed } from './names/names.js'
import type { RootFinding } from './policy/findings.js'
import type { Check, RootClosure, Verification, VerifiedBundle } from './verification.js'

export type Ruling =
  | {
      readonly kind: 'admit'
      readonly root: Root
      readonly target: Repository
      /** what it is called there; absent where it gets no tag */
      readonly tag?: string
      readonly closure: RootClosure
    }
  | { readonly kind: 'refuse'; readonly root: Root; readonly because: readonly Check[] }

/** What may be loaded, and where. Only `decide` makes one, and `load` takes nothing else. */
export type Decision = Brand<
  { readonly bundle: VerifiedBundle['bundle']; readonly rulings: readonly Ruling[] },
  'Decision'
>

export interface DecideOptions extends Placed {
  /** roots that a last word refuses, and why: it can refuse and never admit */
  readonly refusals?: ReadonlyMap<Root, string>
}

/**
 * Decides what of a bundle is loaded: everything where every check passed and nobody refuses a root, else nothing; only
 * an import policy that says `partial` lets the others in beside roots that are refused. Pure.
 */
export function decide(verification: Verification, given: DecideOptions): Decision {
  const { bundle, verified, policy } = verification
  const { roots } = bundle.document
  const failed = failures(verification, given)
  const refused = new Map<Root, readonly Check[]>()
  for (const root of roots) {
    const because = failed.length > 0 ? failed : reasons(root, verification, given)
    if (because.length > 0) refused.set(root, because)
  }
  followers(verification, refused)
  const whole = verified !== undefined && failed.length === 0
  const rulings: Ruling[] =
    whole && (refused.size === 0 || policy?.partial === true)
      ? verified.closures.map((closure) => ruling(closure, refused, given))
      : allRefused(roots, refused)
  return { bundle, rulings } as unknown as Decision // the one place that makes one
}

/** What is wrong with all of it. */
function failures({ bundle, checks }: Verification, { findings }: DecideOptions): readonly Check[] {
  const names = new Set(bundle.document.roots.map(rootName))
  return [...checks, ...findings.filter(({ subject }) => !names.has(subject))].filter(isFailed)
}

function reasons(root: Root, { policy }: Verification, given: DecideOptions): readonly Check[] {
  const name = rootName(root)
  const because = given.findings.filter((check) => isFailed(check) && check.subject === name)
  if (policy !== undefined) because.push(...refusedByPolicy(root, policy.roots))
  const word = given.refusals?.get(root)
  if (word !== undefined) because.push(refusal(root, 'ERR_OPA_DENIED', word))
  if (because.length === 0 && !given.places.has(root))
    because.push(refusal(root, 'ERR_POLICY_REFUSED', 'it has no name at the target'))
  return because
}

/** A root that nobody has judged is not one that was let through. */
function refusedByPolicy(root: Root, found: readonly RootFinding[]): readonly Check[] {
  const finding = found.find((one) => one.root === root)
  if (finding === undefined) return [refusal(root, 'ERR_POLICY_REFUSED', 'the import policy was not asked about it')]
  return finding.admitted ? [] : [refusal(root, finding.code ?? 'ERR_POLICY_REFUSED', finding.detail)]
}

/** What is there as a signature of others is not loaded without them. */
function followers({ policy }: Verification, refused: Map<Root, readonly Check[]>): void {
  for (const { root, follows } of policy?.roots ?? []) {
    if (follows === undefined || refused.has(root) || follows.some((one) => !refused.has(one))) continue
    refused.set(root, [refusal(root, 'ERR_POLICY_REFUSED', 'it is a signature of what is refused')])
  }
}

function refusal(root: Root, code: ErrorCode, why: string): Check {
  const subject = rootName(root)
  return { name: 'policy', subject, result: 'fail', detail: `${subject}: ${why}`, code }
}

/**
 * Takes roots out of a decision that a person refuses, each with the reason, and what hangs on them alone. Nothing is let
 * in by it, and what stays is as it was: whoever refuses one root by name knows that the others come without it, which a
 * policy that refuses one does not (docs/adr/0037). Pure.
 */
export function takeAway(decision: Decision, by: ReadonlyMap<Root, string>, verification: Verification): Decision {
  const refused = new Map<Root, readonly Check[]>()
  for (const ruling of decision.rulings) {
    const why = by.get(ruling.root)
    const before = ruling.kind === 'refuse' ? ruling.because : []
    const own = why === undefined ? [] : [refusal(ruling.root, 'ERR_REFUSED_BY_PERSON', `a person refuses it: ${why}`)]
    if (ruling.kind === 'refuse' || own.length > 0) refused.set(ruling.root, [...before, ...own])
  }
  followers(verification, refused)
  const rulings = decision.rulings.map((ruling): Ruling => {
    const because = refused.get(ruling.root)
    return because === undefined ? ruling : { kind: 'refuse', root: ruling.root, because }
  })
  return { bundle: decision.bundle, rulings } as unknown as Decision
}

/** Where one root keeps the others out, they say so with the reasons of that one. */
function allRefused(roots: readonly Root[], refused: ReadonlyMap<Root, readonly Check[]>): Ruling[] {
  const all = [...new Set([...refused.values()].flat())]
  return roots.map((root) => ({ kind: 'refuse', root, because: refused.get(root) ?? all }))
}

function ruling(closure: RootClosure, refused: ReadonlyMap<Root, readonly Check[]>, { places }: DecideOptions): Ruling {
  const { root } = closure
  const place = places.get(root)
  if (place === undefined || refused.has(root)) return { kind: 'refuse', root, because: refused.get(root) ?? [] }
  const { repository, tag } = place
  return { kind: 'admit', root, target: repository, ...(tag === undefined ? {} : { tag }), closure }
}

function isFailed({ result }: Check): boolean {
  return result === 'fail'
}
