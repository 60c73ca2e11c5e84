import { type Json, parseStrictJson } from '../../encoding/strict-json.js'
import { hasCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { described, Members } from './members.js'
import { parseStatement } from './parse-statement.js'
import { type Place, policyError, quoted } from './policy-error.js'
import type { TrustPolicy, TrustStatement } from './trust-policy.js'

/**
 * Reads a trust policy of version 1.0 (trust-store-trust-policy): `oci` is `trustpolicy.oci.json` or `trustpolicy.json`,
 * `blob` is `trustpolicy.blob.json`. One mistake anywhere and nothing of it counts. Where notation reads JSON in a way that
 * two readers could understand differently, it is refused; where notation looks away, a warning says so.
 * @param path the file, for messages
 * @throws ERR_TRUST_POLICY_INVALID
 */
export function parseTrustPolicy(bytes: Uint8Array, kind: TrustPolicy['kind'], path: string): TrustPolicy {
  const warnings: string[] = []
  const warn = (sentence: string): void => void warnings.push(sentence)
  const place = { path, member: '' }
  const known = ['version', 'trustPolicies']
  const document = new Members(parseJson(bytes, path), { place, known, others: 'warn', warn })
  const version = document.string('version')
  if (version !== '1.0') {
    throw document.refusal('version', { expected: '"1.0"', found: described(version), next: 'write "version": "1.0"' })
  }
  const given = document.array('trustPolicies')
  const expected = `1 to ${LIMITS.trustStatements} statements`
  if (given.length === 0) {
    throw document.refusal('trustPolicies', { expected, found: 'none', next: 'add a statement' })
  }
  if (given.length > LIMITS.trustStatements) {
    const next = 'give one statement several scopes'
    throw document.refusal('trustPolicies', { expected, found: String(given.length), next })
  }
  const statements = given.map((value, at) => parseStatement(value, { path, kind, number: at + 1, warn }))
  refuseRepeatedNames(statements, path)
  if (kind === 'oci') refuseRepeatedScopes(statements, path)
  else refuseSecondGlobal(statements, path)
  return { path, kind, statements, warnings }
}

function parseJson(bytes: Uint8Array, path: string): Json {
  const expected = `at most ${LIMITS.trustPolicyBytes} bytes`
  if (bytes.byteLength > LIMITS.trustPolicyBytes) {
    throw policyError(document(path), { expected, found: String(bytes.byteLength), next: 'make it shorter' })
  }
  try {
    return parseStrictJson(bytes, 'it')
  } catch (cause) {
    if (!hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    const mistake = {
      expected: 'JSON that can be read in one way only',
      found: cause.message,
      next: 'correct it there',
    }
    throw policyError(document(path), mistake, cause)
  }
}

function document(path: string): Place {
  return { path, member: 'the document' }
}

function refuseRepeatedNames(statements: readonly TrustStatement[], path: string): void {
  const name = repeated(statements.map((statement) => statement.name))
  if (name === undefined) return
  const mistake = { expected: 'a name of its own', found: 'another statement with it', next: 'rename one of them' }
  throw policyError({ path, statement: quoted(name), member: 'name' }, mistake)
}

// notary: for one repository there is one statement; with two it would depend on their order which one counts.
function refuseRepeatedScopes(statements: readonly TrustStatement[], path: string): void {
  const scope = repeated(statements.flatMap(({ scopes }) => scopes))
  if (scope === undefined) return
  const names = statements.filter(({ scopes }) => scopes.includes(scope)).map(({ name }) => quoted(name))
  throw policyError(
    { path, statement: names.join(' and '), member: 'registryScopes' },
    {
      expected: 'each scope once in the document',
      found: `${quoted(scope)} again`,
      next: 'leave it in one place only',
    },
  )
}

function refuseSecondGlobal(statements: readonly TrustStatement[], path: string): void {
  const names = statements.filter(({ global }) => global).map(({ name }) => quoted(name))
  if (names.length < 2) return
  throw policyError(
    { path, statement: names.join(' and '), member: 'globalPolicy' },
    { expected: 'one global statement', found: String(names.length), next: 'leave it with one of them' },
  )
}

function repeated(texts: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return texts.find((text) => seen.size === seen.add(text).size)
}
