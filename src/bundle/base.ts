import { canonicalJson } from '../encoding/canonical-json.js'
import { TransferError } from '../errors.js'
import type { Digest } from '../oci/digest.js'
import { type InventoryLine, isCarried } from './inventory.js'

/** Why an incremental bundle need not carry something: a bundle that the far side has, or is assumed to have. */
export type BundleBase =
  | (BaseFacts & {
      readonly kind: 'acknowledged'
      /** of the receipt that says so */
      readonly receipt: Digest
      /** `HOST[:PORT][/PREFIX]` for which it was given */
      readonly target: string
    })
  | (BaseFacts & { readonly kind: 'assumed' })

interface BaseFacts {
  /** of the bundle that brought the content */
  readonly waybill: Digest
  /** `HOST/NAME` that its content had at the source, in ascending order, each once: where it is looked for at the target */
  readonly repositories: readonly string[]
}

/** What the far side holds, and how the exporter knows. */
export interface HeldContent {
  readonly base: BundleBase
  readonly digests: ReadonlySet<Digest>
}

/** Bases in the order of the document, each once. What was acknowledged comes before what is only assumed. */
export function orderBases(held: readonly HeldContent[]): readonly HeldContent[] {
  const bases = new Map<string, HeldContent>()
  for (const one of held) {
    const key = canonicalJson({ ...one.base })
    const digests = new Set([...(bases.get(key)?.digests ?? []), ...one.digests])
    bases.set(key, { base: one.base, digests })
  }
  return [...bases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/** What names the bases of a bundle: its document. */
interface OfBases {
  readonly base?: readonly BundleBase[]
}

/** What a bundle itself says that is held, so that it can be planned again. */
export function heldBy(document: OfBases, inventory: readonly InventoryLine[]): readonly HeldContent[] {
  const digests = (document.base ?? []).map(() => new Set<Digest>())
  for (const { base, digest } of inventory) if (base !== undefined) digests[base - 1]?.add(digest)
  return (document.base ?? []).map((base, at) => ({ base, digests: digests[at] ?? new Set() }))
}

/**
 * Refuses a document and an inventory that do not agree on what is left out: a base that nothing names, or a name without
 * a base, is a second way to say the same, or says nothing.
 * @throws ERR_BUNDLE_FORMAT
 */
export function refuseOtherBases({ base = [] }: OfBases, inventory: readonly InventoryLine[]): void {
  const used = new Set<number>()
  for (const line of inventory) {
    if (isCarried(line)) continue
    if (line.base > base.length)
      throw format(`${line.digest} has the base ${line.base}, the document has ${base.length}`)
    used.add(line.base)
  }
  if (used.size < base.length) throw format('the document has a base that stands for nothing')
}

function format(why: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `the inventory is refused: ${why}`, { subject: 'inventory' })
}
