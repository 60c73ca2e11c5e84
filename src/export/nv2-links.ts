import { TransferError } from '../errors.js'
import { formatReference } from '../oci/reference.js'
import type { PinnedSource } from './pin.js'
import type { ExportPlan } from './plan.js'

/** The roots, and the signatures that are not among them. What was named as both is one. */
export function withNv2(pinned: readonly PinnedSource[], nv2: readonly PinnedSource[]): readonly PinnedSource[] {
  const known = new Set(pinned.map(nameOf))
  return [...pinned, ...nv2.filter((one) => !known.has(nameOf(one)))]
}

/**
 * Refuses what was named as a signature of the nv2 prototype and is none, or is one of something that stays behind: far
 * from here nobody could find out what it was meant for.
 * @throws ERR_USAGE
 */
export function requireNv2(plan: ExportPlan, named: readonly PinnedSource[]): void {
  const subjects = new Map(plan.contents.document.links?.map(({ signature, subject }) => [signature, subject]))
  const carried = new Set(plan.contents.inventory.map(({ digest }) => digest))
  for (const one of named) {
    const name = nameOf(one)
    const subject = subjects.get(one.root.digest)
    if (subject === undefined) throw usage(`${name} is no signature of the nv2 prototype that can be read`, name)
    if (!carried.has(subject))
      throw usage(`${name} is about ${subject}, which is not exported: name that as well`, name)
  }
}

function nameOf({ repository, tag, root }: PinnedSource): string {
  return formatReference({ repository, ...(tag === undefined ? { digest: root.digest } : { tag }) })
}

function usage(message: string, subject: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator', subject })
}
