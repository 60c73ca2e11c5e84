import type { Json } from '../../encoding/strict-json.js'
import { described, Members, oneOf } from './members.js'
import type { Action, Validation, VerificationLevel } from './trust-policy.js'
import { VALIDATIONS } from './trust-policy.js'

type LevelName = VerificationLevel['name']
type Actions = VerificationLevel['actions']

const all = (action: Action): Actions => ({
  integrity: action,
  authenticity: action,
  authenticTimestamp: action,
  expiry: action,
  revocation: action,
})

/** What each level does (trust-store-trust-policy, the table of "Signature Verification details"). */
export const LEVELS: Readonly<Record<LevelName, Actions>> = {
  strict: all('enforce'),
  permissive: { ...all('log'), integrity: 'enforce', authenticity: 'enforce' },
  audit: { ...all('log'), integrity: 'enforce' },
  skip: all('skip'),
}

const LEVEL_NAMES = ['strict', 'permissive', 'audit', 'skip'] as const
const ACTIONS = ['enforce', 'log', 'skip'] as const

export const VERIFICATION_MEMBERS = ['level', 'override', 'verifyTimestamp'] as const

/**
 * The level of a `signatureVerification` with its overrides applied (trust-store-trust-policy, "Custom Verification Level").
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function parseLevel(verification: Members): VerificationLevel {
  const given = verification.string('level')
  const name = oneOf(LEVEL_NAMES, given)
  if (name === undefined) {
    const found = described(given)
    throw verification.refusal('level', { expected: LEVEL_NAMES.join(', '), found, next: 'write one of them' })
  }
  const override = verification.value('override')
  if (override === undefined) return { name, actions: LEVELS[name] }
  const actions = parseOverride(override, verification)
  if (name === 'skip' && Object.keys(actions).length > 0) {
    const next = 'remove it, or choose the level strict, permissive or audit'
    throw verification.refusal('override', { expected: 'no override of the level skip', found: 'one', next })
  }
  return { name, actions: { ...LEVELS[name], ...actions } }
}

function parseOverride(value: Json, verification: Members): Partial<Record<Validation, Action>> {
  const names = VALIDATIONS.filter((name) => name !== 'integrity')
  const place = verification.at('override')
  // notary: integrity can never be overridden; the map's keys are texts to notation, another case is another key.
  const override = new Members(value, { place, known: names, others: 'refuse', warn: () => {} })
  const actions: Partial<Record<Validation, Action>> = {}
  for (const name of Object.keys(value as object)) {
    const allowed = ACTIONS.filter((action) => action !== 'skip' || name === 'revocation')
    const given = override.string(name)
    const action = oneOf(allowed, given)
    if (action === undefined) {
      const found = described(given)
      throw override.refusal(name, { expected: allowed.join(' or '), found, next: 'write one of them' })
    }
    const validation = oneOf(names, name)
    if (validation !== undefined) actions[validation] = action
  }
  return actions
}

/**
 * When timestamps are verified; by default always. notary: the two texts only, an empty one is not a third.
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function parseVerifyTimestamp(verification: Members): 'always' | 'afterCertExpiry' {
  const given = verification.string('verifyTimestamp')
  if (given === undefined) return 'always'
  const option = oneOf(['always', 'afterCertExpiry'] as const, given)
  if (option !== undefined) return option
  throw verification.refusal('verifyTimestamp', {
    expected: 'always or afterCertExpiry',
    found: described(given),
    next: 'write one of them, or remove it for always',
  })
}
