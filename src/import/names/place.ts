import type { Repository } from '../../oci/reference.js'

/** Where a root goes at the target. */
export interface Place {
  readonly repository: Repository
  /** absent for a root that was asked for by its digest alone */
  readonly tag?: string
}
