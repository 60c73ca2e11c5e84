import type { Crl } from './crl.js'
import { sequence } from './der-values.js'
import { httpAddresses, readDistributionPoints } from './distribution-points.js'
import { readExtensionList } from './extension-list.js'

const FRESHEST_CRL = '2.5.29.46'

/** Where a list says that its delta lists are (RFC 5280 §5.2.6); nothing where it does not say, or cannot be understood. */
export function freshestLists({ namesDelta, signed }: Crl): readonly string[] {
  if (!namesDelta) return []
  try {
    const extensions = sequence(signed.content).at(-1)?.content ?? new Uint8Array()
    const freshest = readExtensionList(extensions).get(FRESHEST_CRL)
    if (freshest === undefined) return []
    return readDistributionPoints(freshest.value).flatMap(({ names }) => httpAddresses(names))
  } catch {
    return []
  }
}
