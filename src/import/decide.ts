import type { Root } from '../bundle/document.js'
import type { Brand } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import { type Destination, targetOf } from './names.js'
import type { Check, RootClosure, Verification, VerifiedBundle } from './verification.js'

export type Ruling =
  | { readonly kind: 'admit'; readonly root: Root; readonly target: Repository; readonly closure: RootClosure }
  | { readonly kind: 'refuse'; readonly root: Root; readonly because: readonly Check[] }

/** What may be loaded, and where. Only `decide` makes one, and `load` takes nothing else. */
export type Decision = Brand<
  { readonly bundle: VerifiedBundle['bundle']; readonly rulings: readonly Ruling[] },
  'Decision'
>

/**
 * Decides what of a bundle is loaded: everything where every check passed, else nothing. Pure.
 * @throws ERR_REFERENCE_INVALID where a name does not fit the target
 */
export function decide(verification: Verification, to: Destination): Decision {
  const { bundle, verified, checks } = verification
  const because = checks.filter(({ result }) => result === 'fail')
  const rulings: Ruling[] =
    verified === undefined
      ? bundle.document.roots.map((root) => ({ kind: 'refuse', root, because }))
      : verified.closures.map((closure) => ({
          kind: 'admit',
          root: closure.root,
          target: targetOf(closure.root, to),
          closure,
        }))
  return { bundle, rulings } as unknown as Decision // the one place that makes one
}
