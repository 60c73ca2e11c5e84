import type { Root } from '../bundle/document.js'
import type { CallOptions } from '../content/store.js'
import type { Emit } from '../events.js'
import type { ImportPolicy } from '../policy/import-policy.js'
import type { Evidence } from '../trust/revocation/revocation.js'
import type { RollbackOptions } from './checks/rollback.js'
import type { ImporterTrust } from './trust.js'

/** What a bundle is verified with: all of it the importer's, and nothing of the medium's. */
export interface VerifyOptions extends CallOptions {
  /** The importer's own trust, or the promise of it; nothing in a bundle is ever an anchor. */
  readonly trust: ImporterTrust | Promise<ImporterTrust>
  readonly now: Date
  /** What the importer remembers; undefined where nobody asks, as in an audit of what was true at another time. */
  readonly rollback: RollbackOptions | undefined
  /** CRLs and OCSP responses that the importer has, beside those of the bundle */
  readonly evidence?: readonly Evidence[]
  /** `HOST/NAME` that a root gets at the target, where there is one */
  readonly targetOf?: (root: Root) => string | undefined
  /** The importer's own rules. Without any, the trust in exporters and the trust policy decide alone. */
  readonly policy?: ImportPolicy
  readonly emit: Emit
}
