/**
 * The scope that governs the signatures of bundles. It is notation's grammar and nobody's repository: notation takes it for
 * one more name and leaves it alone. The global scope does not reach it, and no artifact can have it as its name.
 */
export const WAYBILL_SCOPE = 'waybill/bundle'

export const GLOBAL_SCOPE = '*'

// notary: the same language as the distribution reference grammar that notation uses, written so that no text can be read
// in two ways: with its nested repetitions a backtracking engine takes exponential time.
const ALPHANUMERIC = '[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*'
const DOMAIN = new RegExp(`^${ALPHANUMERIC}(?:\\.${ALPHANUMERIC})*(?::[0-9]+)?$`)
const COMPONENT = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)

/** True for `HOST[:PORT]/REPOSITORY`, fully qualified, without scheme, tag or digest (trust-store-trust-policy). */
export function isRepositoryScope(text: string): boolean {
  const slash = text.indexOf('/')
  return slash > 0 && DOMAIN.test(text.slice(0, slash)) && REPOSITORY.test(text.slice(slash + 1))
}
