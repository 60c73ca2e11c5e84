import { type Root, rootName } from '../../bundle/document.js'
import { limited } from '../../content/limited.js'
import type { CallOptions } from '../../content/store.js'
import { hasCode, TransferError } from '../../errors.js'
import type { Repository } from '../../oci/reference.js'
import { matchesTag } from '../../policy/patterns.js'
import type { RollbackOptions } from '../checks/rollback.js'
import { newerAtTarget } from '../checks/target-floor.js'
import type { Decision } from '../decide.js'
import type { FormerMeaning, PlannedName } from '../journal/planned-name.js'
import type { Check } from '../verification.js'
import { meaningOf, type TargetNames } from './former-meaning.js'
import { type Admitted, admittedIn, keyOf, namesAtTarget, targetName } from './names-at-target.js'

export interface LookOptions extends CallOptions {
  readonly open: (repository: Repository) => Promise<TargetNames>
  /** questions in flight */
  readonly concurrency: number
  /** Patterns of tags that never move, for what comes from a root. */
  readonly immutableTags: (root: Root) => readonly string[]
  /** what the verification was made against: a tag may mean something newer at the target than the bundle says */
  readonly rollback: RollbackOptions
  /** What tags will mean when an import that was interrupted has been finished, by `NAME:TAG`. */
  readonly pending?: ReadonlyMap<string, FormerMeaning>
}

/** What becomes of a root's name at the target. */
export interface RootChange {
  readonly root: Root
  /** full name; by digest where it has no tag */
  readonly target: string
  readonly change: 'new' | 'same' | 'moved'
  /** what it means before, where it is moved */
  readonly was?: FormerMeaning
}

/** What is at the target before anything is written there. */
export interface Look {
  readonly roots: readonly RootChange[]
  /** every tag of the decision that means something else, or nothing; in the order in which they are to be set */
  readonly toSet: readonly PlannedName[]
  /** why something must not be loaded, each about the root that its subject names; `logged` was let pass */
  readonly findings: readonly Check[]
}

/**
 * Looks what is at the target under the names of a decision: which are new, which mean the same, which would move, and
 * from what. Only asks, and writes nothing.
 * @throws what the target throws; ERR_COLLISION where one tag is to mean two things
 */
export async function lookAtTarget(decision: Decision, given: LookOptions): Promise<Look> {
  const now = await meanings(decision, given)
  const admitted = admittedIn(decision)
  const roots = admitted.map((one) => changeOf(one, now))
  return {
    roots,
    toSet: namesAtTarget(decision).flatMap((name) => {
      const was = now.get(keyOf(name))
      if (was === name.descriptor.digest) return []
      return [{ ...name, ...(was === undefined ? {} : { was }) }]
    }),
    findings: admitted.flatMap((one, at) => {
      const change = roots[at]
      return change === undefined ? [] : findingsOn(one, change, { decision, given })
    }),
  }
}

type Meanings = ReadonlyMap<string, FormerMeaning>

/** What every tag of the decision means now, and which of the roots without a tag are there. */
async function meanings(decision: Decision, given: LookOptions): Promise<Meanings> {
  const now = new Map<string, FormerMeaning>()
  const strict = new Set(admittedIn(decision).flatMap((one) => (mayMove(one, given) ? [] : [targetName(one)])))
  const { concurrency: limit, signal } = given
  const [first] = admittedIn(decision)
  if (first === undefined) return now
  const { registry } = first.target
  await limited(namesAtTarget(decision), { limit, signal }, async (name, stop) => {
    const key = keyOf(name)
    const pending = given.pending?.get(key)
    const repository = { registry, name: name.repository }
    const call = { signal: stop }
    const found = pending ?? (await meaningOf(name.tag, await given.open(repository), call))
    if (found !== undefined) now.set(key, found)
    // Where nothing may move, a registry that does not let us look is no registry without the tag.
    else if (strict.has(`${registry}/${key}`)) await requireAbsent(name.tag, await given.open(repository), call)
  })
  const untagged = admittedIn(decision).filter((one) => one.tag === undefined)
  await limited(untagged, { limit, signal }, async ({ root, target }, stop) => {
    const { digest } = root.descriptor
    const names = await given.open(target)
    const there = await names.resolve({ kind: 'digest', digest }, { signal: stop }).catch((cause: unknown) => {
      if (hasCode(cause, 'ERR_NOT_FOUND') || hasCode(cause, 'ERR_FORBIDDEN')) return undefined
      throw cause
    })
    if (there !== undefined) now.set(`${target.name}@${digest}`, digest)
  })
  return now
}

async function requireAbsent(tag: string, names: TargetNames, call: CallOptions): Promise<void> {
  await names.resolve({ kind: 'tag', tag }, call).catch((cause: unknown) => {
    if (!hasCode(cause, 'ERR_NOT_FOUND')) throw cause
  })
}

function changeOf(one: Admitted, now: Meanings): RootChange {
  const { root, target, tag } = one
  const { digest } = root.descriptor
  const was = now.get(tag === undefined ? `${target.name}@${digest}` : keyOf({ repository: target.name, tag }))
  const named = { root, target: targetName(one) }
  if (was === undefined) return { ...named, change: 'new' }
  return was === digest ? { ...named, change: 'same' } : { ...named, change: 'moved', was }
}

function mayMove(one: Admitted, { immutableTags }: LookOptions): boolean {
  const { tag, root } = one
  return tag === undefined || !immutableTags(root).some((pattern) => matchesTag(pattern, tag))
}

function findingsOn(
  one: Admitted,
  { change, was, target, root }: RootChange,
  { decision, given }: { readonly decision: Decision; readonly given: LookOptions },
): Check[] {
  if (change !== 'moved' || was === undefined) return []
  const subject = rootName(root)
  const moves = `${target} means ${was}, and would mean ${root.descriptor.digest}`
  const findings: Check[] = []
  if (!mayMove(one, given)) {
    const detail = `${moves}; the import policy says that this tag never moves`
    findings.push({ name: 'policy', subject, result: 'fail', code: 'ERR_TAG_IMMUTABLE', detail })
  }
  const newer = newerAtTarget(root, was, { document: decision.bundle.document, state: given.rollback.state })
  if (newer !== undefined) {
    const { allow } = given.rollback
    const detail = `${moves}; ${newer}${allow === undefined ? '' : `; let pass, because: ${allow}`}`
    const result = allow === undefined ? 'fail' : 'logged'
    findings.push({ name: 'rollback', subject, result, code: 'ERR_ROLLBACK', detail })
  }
  return findings
}

/** The findings of a second look as a fault: between the first one and now somebody else has set a tag. */
export function requireNone(findings: readonly Check[]): void {
  const refused = findings.find(({ result }) => result === 'fail')
  if (refused?.code === undefined) return
  throw new TransferError(refused.code, `${refused.detail}; nobody had set it when this import began`, {
    side: 'sink',
    subject: refused.subject,
  })
}
