import { limited } from '../../content/limited.js'
import type { CallOptions, ContentSink } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import type { Emit } from '../../events.js'
import { formatReference, type Repository } from '../../oci/reference.js'
import type { FormerMeaning, PlannedName } from '../journal/planned-name.js'
import { isServerFault, meaningOf, type TargetNames } from './former-meaning.js'
import { keyOf } from './names-at-target.js'

/** A name of an import that was interrupted, and what is to become of it. */
export interface LateName {
  readonly name: PlannedName
  /** `left`: somebody else has given it another meaning since, or the target no longer takes it */
  readonly action: 'set' | 'done' | 'left'
}

export interface RollForwardOptions extends CallOptions {
  readonly registry: string
  readonly open: (repository: Repository) => Promise<TargetNames & Pick<ContentSink, 'tag'>>
  readonly concurrency: number
  readonly emit: Emit
}

/**
 * Looks which names of an interrupted import are still to be set: those that mean what they did before, or nothing. What
 * somebody else has set since is newer, and left alone. Writes nothing.
 * @throws what the target throws
 */
export async function planRollForward(
  names: readonly PlannedName[],
  given: RollForwardOptions,
): Promise<readonly LateName[]> {
  const actions = new Map<PlannedName, LateName['action']>()
  await limited(names, { limit: given.concurrency, signal: given.signal }, async (name, signal) => {
    const repository = { registry: given.registry, name: name.repository }
    const now = await meaningOf(name.tag, await given.open(repository), { signal })
    actions.set(name, actionFor(name, now))
  })
  return names.map((name) => ({ name, action: actions.get(name) ?? 'left' }))
}

function actionFor({ descriptor, was }: PlannedName, now: FormerMeaning | undefined): LateName['action'] {
  if (now === descriptor.digest) return 'done'
  return now === undefined || now === was ? 'set' : 'left'
}

/** What tags will mean when these are set, by `NAME:TAG`. */
export function pendingMeanings(late: readonly LateName[]): ReadonlyMap<string, FormerMeaning> {
  return new Map(late.flatMap(({ name, action }) => (action === 'set' ? [[keyOf(name), name.descriptor.digest]] : [])))
}

/**
 * Sets the names that an interrupted import has left: those of what hangs on roots first. One that the target refuses for
 * good, or whose content it has thrown away, is left: else nothing could ever be imported there again.
 * @throws what the target throws, where trying again may help
 */
export async function rollForward(late: readonly LateName[], given: RollForwardOptions): Promise<readonly LateName[]> {
  const refused = new Set<LateName>()
  for (const roots of [false, true]) {
    const part = late.filter(({ name, action }) => name.root === roots && action === 'set')
    await limited(part, { limit: given.concurrency, signal: given.signal }, async (one, signal) => {
      const { tag, descriptor, repository: name } = one.name
      const repository = { registry: given.registry, name }
      try {
        await (await given.open(repository)).tag(descriptor, tag, { signal })
        given.emit({ type: 'tagged', reference: formatReference({ repository, tag }), digest: descriptor.digest })
      } catch (cause) {
        if (!isForGood(cause)) throw explained(cause)
        refused.add(one)
      }
    })
  }
  return late.map((one) => (refused.has(one) ? { ...one, action: 'left' } : one))
}

// Not ERR_FORBIDDEN: it may be the wrong account; nor a server that is broken today. What is left now is left for good.
function isForGood(cause: unknown): boolean {
  if (!(cause instanceof TransferError)) return false
  if (cause.code === 'ERR_NOT_FOUND') return true
  return cause.code === 'ERR_REGISTRY_PROTOCOL' && !isServerFault(cause)
}

/** The name may be in no bundle that the operator is thinking of. */
function explained(cause: unknown): unknown {
  if (!(cause instanceof TransferError) || cause.code === 'ERR_CANCELLED') return cause
  const message = `the names of an earlier import are to be set first: ${cause.message}`
  return new TransferError(cause.code, message, {
    cause,
    ...(cause.side === undefined ? {} : { side: cause.side }),
    ...(cause.subject === undefined ? {} : { subject: cause.subject }),
  })
}
