import { rootName } from '../../bundle/document.js'
import { canonicalJson } from '../../encoding/canonical-json.js'
import { TransferError } from '../../errors.js'
import { bare } from '../../oci/descriptor.js'
import { digestOf } from '../../oci/digest.js'
import { formatReference } from '../../oci/reference.js'
import type { Decision, Ruling } from '../decide.js'
import type { ImportIdentity, RootAtTarget } from '../journal/entries.js'
import type { PlannedName } from '../journal/planned-name.js'

export type Admitted = Extract<Ruling, { readonly kind: 'admit' }>

export function admittedIn({ rulings }: Decision): readonly Admitted[] {
  return rulings.filter((ruling) => ruling.kind === 'admit')
}

/** A tag at the target, whatever it means there now. */
export type NameAtTarget = Omit<PlannedName, 'was'>

/**
 * Every tag that a decision sets, in the order in which they are set: what hangs on an image is named before the image is,
 * so that who sees the tag sees its signatures.
 * @throws ERR_COLLISION where one tag is to mean two things
 */
export function namesAtTarget(decision: Decision): readonly NameAtTarget[] {
  const admitted = admittedIn(decision)
  const names = new Map<string, NameAtTarget>()
  const add = (name: NameAtTarget): void => {
    const key = keyOf(name)
    const known = names.get(key)
    if (known === undefined) names.set(key, name)
    else if (known.descriptor.digest !== name.descriptor.digest) throw twoMeanings(key)
  }
  for (const { target, closure } of admitted) {
    for (const { tag, descriptor } of closure.tags)
      add({ repository: target.name, tag, descriptor: bare(descriptor), root: false })
  }
  for (const one of admitted) {
    const { tag } = one
    if (tag !== undefined) add({ repository: one.target.name, tag, descriptor: bare(one.root.descriptor), root: true })
  }
  return [...names.values()]
}

/** `NAME:TAG`, within one registry. */
export function keyOf({ repository, tag }: Pick<PlannedName, 'repository' | 'tag'>): string {
  return `${repository}:${tag}`
}

/** Full name of a root at the target; by digest where it has no tag. */
export function targetName(one: Admitted): string {
  const { tag } = one
  const { digest } = one.root.descriptor
  return formatReference({ repository: one.target, ...(tag === undefined ? { digest } : { tag }) })
}

/** Every root that is admitted, by its names. */
export function rootsAtTarget(decision: Decision): readonly RootAtTarget[] {
  return admittedIn(decision).map((one) => ({
    source: rootName(one.root),
    target: targetName(one),
    digest: one.root.descriptor.digest,
  }))
}

/** Which import this is: the waybill, and every name and root at the target. */
export function identityOf(decision: Decision): ImportIdentity {
  const names = namesAtTarget(decision).map((name) => ({ name: keyOf(name), digest: name.descriptor.digest }))
  const roots = rootsAtTarget(decision)
  return {
    waybill: decision.bundle.waybill.descriptor.digest,
    names: digestOf(Buffer.from(canonicalJson({ names, roots }))),
  }
}

function twoMeanings(key: string): TransferError {
  const message = `${key} at the target would mean two things`
  return new TransferError('ERR_COLLISION', message, { side: 'operator', subject: key })
}
