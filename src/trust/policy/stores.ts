import { isTrustStoreName } from '../store/store-name.js'
import { describePlace, type Mistake, type Place, policyError, quoted } from './policy-error.js'
import type { TrustStoreName } from './trust-policy.js'
import { TRUST_STORE_TYPES } from './trust-policy.js'

/**
 * The `trustStores` of a statement, each once (trust-store-trust-policy, "Trust Policy Properties").
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function parseStores(
  given: readonly string[],
  place: Place,
  warn: (sentence: string) => void,
): readonly TrustStoreName[] {
  const stores = new Map<string, TrustStoreName>()
  for (const text of given) {
    if (stores.has(text)) warn(`${describePlace(place)}: ${quoted(text)} is there twice, and counts once`)
    stores.set(text, parseStore(text, place))
  }
  return [...stores.values()]
}

function parseStore(text: string, place: Place): TrustStoreName {
  const colon = text.indexOf(':')
  const type = TRUST_STORE_TYPES.find((one) => one === text.slice(0, Math.max(colon, 0)))
  const name = text.slice(colon + 1)
  if (type !== undefined && isTrustStoreName(name)) return { type, name }
  const mistake: Mistake = {
    expected: `TYPE:NAME with the type ${TRUST_STORE_TYPES.join(', ')} and a name of letters, digits, ".", "_" and "-"`,
    found: quoted(text),
    // A store for everything would make every signer of every purpose a signer of this.
    next: text === '*' ? 'name each store' : 'write it like "ca:acme"',
  }
  throw policyError(place, mistake)
}
