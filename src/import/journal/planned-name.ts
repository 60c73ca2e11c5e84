import type { BareDescriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'

/** What a tag meant before; `unreadable`: something that has no digest for us, such as a manifest of Docker’s schema 1. */
export type FormerMeaning = Digest | 'unreadable'

/** A tag at the target that an import sets. */
export interface PlannedName {
  /** without the registry */
  readonly repository: string
  readonly tag: string
  readonly descriptor: BareDescriptor
  /** a root’s own tag; the others are of what hangs on roots, and are set before them */
  readonly root: boolean
  /** absent where there was no such tag */
  readonly was?: FormerMeaning
}
