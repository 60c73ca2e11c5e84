import { isJsonObject, type Json } from '../../encoding/strict-json.js'
import { LIMITS } from '../../limits.js'
import { checkIdentities } from './identities.js'
import { parseLevel, parseVerifyTimestamp, VERIFICATION_MEMBERS } from './levels.js'
import { described, Members, type MembersOptions } from './members.js'
import { describePlace, type Place, quoted } from './policy-error.js'
import { GLOBAL_SCOPE, isRepositoryScope, WAYBILL_SCOPE } from './scopes.js'
import { parseStores } from './stores.js'
import type { TrustPolicy, TrustStatement } from './trust-policy.js'
import { parseWaybillMember } from './waybill-member.js'

type Warn = MembersOptions['warn']

export interface StatementOptions {
  readonly path: string
  readonly kind: TrustPolicy['kind']
  /** of the statements, counted from 1: stands for the name in messages while there is none */
  readonly number: number
  readonly warn: Warn
}

const COMMON_MEMBERS = ['name', 'signatureVerification', 'trustStores', 'trustedIdentities', 'waybill']

/**
 * Reads one statement of a policy. What concerns several of them is its caller's business.
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function parseStatement(value: Json, { path, kind, number, warn }: StatementOptions): TrustStatement {
  const place: Place = { path, statement: label(value, number), member: '' }
  const known = [...COMMON_MEMBERS, kind === 'oci' ? 'registryScopes' : 'globalPolicy']
  const members = new Members(value, { place, known, others: 'warn', warn })
  const name = members.string('name')
  if (name === undefined || name === '') {
    throw members.refusal('name', { expected: 'a name', found: described(name), next: 'give the statement a name' })
  }
  const verification = new Members(members.value('signatureVerification'), {
    place: members.at('signatureVerification'),
    known: VERIFICATION_MEMBERS,
    others: 'warn',
    warn,
  })
  const statement: TrustStatement = {
    name,
    scopes: kind === 'oci' ? parseScopes(members) : [],
    global: kind === 'blob' && members.boolean('globalPolicy') === true,
    level: parseLevel(verification),
    verifyTimestamp: parseVerifyTimestamp(verification),
    stores: parseStores(members.strings('trustStores'), members.at('trustStores'), warn),
    identities: parseIdentities(members, warn),
    waybill: parseWaybillMember(members, { place, warn }),
  }
  if (statement.level.name === 'skip') checkSkipped(statement, members)
  else checkTrusting(statement, members)
  for (const sentence of withoutEffect(statement, verification)) warn(`${describePlace(place)}: ${sentence}`)
  return statement
}

function label(value: Json, number: number): string {
  const name = isJsonObject(value) ? value['name'] : undefined
  return typeof name === 'string' && name !== '' ? quoted(name) : String(number)
}

function parseScopes(members: Members): readonly string[] {
  const scopes = members.strings('registryScopes')
  const refuse = (found: string, next: string): never => {
    const expected = 'repositories, each HOST[:PORT]/REPOSITORY, or "*" alone'
    throw members.refusal('registryScopes', { expected, found, next })
  }
  if (scopes.length === 0) refuse('none', 'name the repositories that the statement is for')
  if (scopes.length > 1 && scopes.includes(GLOBAL_SCOPE)) refuse('"*" beside others', 'give "*" a statement of its own')
  for (const scope of scopes.filter((one) => one !== GLOBAL_SCOPE && !isRepositoryScope(one))) {
    const next = scope.includes(GLOBAL_SCOPE)
      ? '"*" stands for all repositories, not for a part of a name'
      : 'write it without scheme, tag and digest, like "registry.example.com/team/app"'
    refuse(quoted(scope), next)
  }
  return scopes
}

function parseIdentities(members: Members, warn: Warn): readonly string[] {
  const identities = members.strings('trustedIdentities')
  if (identities.length > LIMITS.trustedIdentities) {
    const expected = `at most ${LIMITS.trustedIdentities} identities`
    const next = 'divide them among several statements'
    throw members.refusal('trustedIdentities', { expected, found: String(identities.length), next })
  }
  checkIdentities(identities, members.at('trustedIdentities'), warn)
  return identities
}

function checkTrusting({ level, stores, identities }: TrustStatement, members: Members): void {
  const expected = `at least one at the level ${level.name}`
  const next = 'name whom the statement trusts'
  if (stores.length === 0) throw members.refusal('trustStores', { expected, found: 'none', next })
  if (identities.length === 0) throw members.refusal('trustedIdentities', { expected, found: 'none', next })
}

function checkSkipped({ stores, identities, scopes, global }: TrustStatement, members: Members): void {
  const expected = 'nothing at the level skip, which asks nobody'
  const next = 'remove it, or choose another level'
  if (stores.length > 0) throw members.refusal('trustStores', { expected, found: 'a trust store', next })
  if (identities.length > 0) throw members.refusal('trustedIdentities', { expected, found: 'an identity', next })
  // notary: "skip cannot be used with a global scope". What nobody thought of would be admitted by anybody.
  const all = scopes.includes(GLOBAL_SCOPE) || global
  const bundles = scopes.includes(WAYBILL_SCOPE)
  if (!all && !bundles) return
  throw members.refusal('signatureVerification.level', {
    expected: `another level for ${bundles ? `bundles ("${WAYBILL_SCOPE}")` : 'a global statement'}`,
    found: 'skip',
    next: bundles ? 'choose who may sign bundles' : 'name the repositories or blobs that need no signature',
  })
}

/** What is no mistake by the rules, and does not do what somebody may have hoped. */
function withoutEffect(statement: TrustStatement, verification: Members): readonly string[] {
  const { level, stores, scopes, waybill } = statement
  const has = (type: string): boolean => stores.some((store) => store.type === type)
  const sentences: string[] = []
  if (level.name !== 'skip' && !has('ca') && !has('signingAuthority')) {
    sentences.push('trusts nobody: none of its trust stores is of the type ca or signingAuthority')
  }
  if (verification.has('verifyTimestamp') && !has('tsa')) {
    sentences.push('verifyTimestamp has no effect without a trust store of the type tsa')
  }
  if (waybill.matchTarget && !scopes.some((scope) => scope !== GLOBAL_SCOPE && scope !== WAYBILL_SCOPE)) {
    sentences.push('waybill.matchTarget has no effect where no repository is named')
  }
  if (waybill.maxStalenessMs !== undefined && scopes.every((scope) => scope === WAYBILL_SCOPE)) {
    sentences.push(
      'waybill.maxStaleness has no effect on the signatures of bundles, whose time nobody else vouches for',
    )
  }
  return sentences
}
