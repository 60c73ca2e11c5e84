import { describe, expect, test } from 'vitest'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import { WAYBILL_SCOPE } from '../../../src/trust/policy/scopes.js'
import { selectBlobStatement, selectStatement, selectWaybillStatement } from '../../../src/trust/policy/select.js'
import type { TrustPolicy } from '../../../src/trust/policy/trust-policy.js'
import { aStatement, policyBytes } from '../../support/trust-policies.js'

function policyOf(...statements: readonly Readonly<Record<string, unknown>>[]): TrustPolicy {
  return parseTrustPolicy(policyBytes(statements), 'oci', 'trustpolicy.json')
}

const everything = aStatement({ name: 'everything' })
const exact = aStatement({ name: 'exact', registryScopes: ['reg.example/team/app', 'reg.example:5000/a'] })
const bundles = aStatement({ name: 'bundles', registryScopes: [WAYBILL_SCOPE] })
const inside = aStatement({
  name: 'inside',
  registryScopes: ['inside.example/app'],
  waybill: { matchTarget: true },
})

describe('the statement for an artifact', () => {
  test.each([
    ['reg.example/team/app', 'exact'],
    ['reg.example:5000/a', 'exact'],
    ['reg.example/team', 'everything'],
    ['reg.example/team/app/more', 'everything'],
    ['reg.example:443/team/app', 'everything'],
    ['Reg.example/team/app', 'everything'],
  ])('for %s is %s: one with exactly this name comes before the one for everything', (repository, expected) => {
    expect(selectStatement(policyOf(everything, exact), repository)?.name).toBe(expected)
    expect(selectStatement(policyOf(exact, everything), repository)?.name).toBe(expected)
  })

  test('is missing where no scope fits, which means that nobody is trusted', () => {
    expect(selectStatement(policyOf(exact), 'reg.example/other')).toBeUndefined()
  })

  test.each(['', 'app', '*', 'reg.example/', '/app', 'reg.example/App', 'https://reg.example/app', 'reg.example/a:1'])(
    'is missing for %j, which is no full repository name',
    (repository) => {
      expect(selectStatement(policyOf(everything), repository)).toBeUndefined()
    },
  )

  test('is found by the name at the target only where the statement says so', () => {
    const silent = aStatement({ name: 'silent', registryScopes: ['inside.example/other'] })
    const policy = policyOf(inside, silent, exact, everything)

    expect(selectStatement(policy, 'reg.example/b', 'inside.example/app')?.name).toBe('inside')
    expect(selectStatement(policy, 'reg.example/b', 'inside.example/other')?.name).toBe('everything')
    expect(selectStatement(policy, 'reg.example/b')?.name).toBe('everything')
  })

  test('is that of the source name where both names have one: a target never loosens it', () => {
    expect(selectStatement(policyOf(inside, exact), 'reg.example/team/app', 'inside.example/app')?.name).toBe('exact')
  })

  test('is never that for bundles: an exporter may call a source what it likes', () => {
    const policy = policyOf({ ...bundles, waybill: { matchTarget: true } }, everything)

    expect(selectStatement(policy, WAYBILL_SCOPE)).toBeUndefined()
    expect(selectStatement(policy, 'reg.example/a', WAYBILL_SCOPE)).toBeUndefined()
  })

  test('is never one for blobs', () => {
    const blob = aStatement({ registryScopes: undefined, globalPolicy: true })
    const policy = parseTrustPolicy(policyBytes([blob]), 'blob', 'trustpolicy.blob.json')

    expect(selectStatement(policy, 'reg.example/a')).toBeUndefined()
    expect(selectWaybillStatement(policy)).toBeUndefined()
  })
})

describe('the statement for bundles', () => {
  test('is the one that names their scope', () => {
    expect(selectWaybillStatement(policyOf(everything, bundles))?.name).toBe('bundles')
  })

  test('is missing where everything is trusted for artifacts: who signs images may not sign bundles', () => {
    expect(selectWaybillStatement(policyOf(everything))).toBeUndefined()
  })
})

describe('the statement for a blob', () => {
  const named = aStatement({ name: 'named', registryScopes: undefined })
  const global = aStatement({ name: 'global', registryScopes: undefined, globalPolicy: true })
  const policy = parseTrustPolicy(policyBytes([named, global]), 'blob', 'trustpolicy.blob.json')

  test('is the one of the name that is given, letter by letter', () => {
    expect(selectBlobStatement(policy, 'named')?.name).toBe('named')
    expect(selectBlobStatement(policy, 'global')?.name).toBe('global')
    expect(selectBlobStatement(policy, 'Named')).toBeUndefined()
  })

  test('is the global one only where no name is given', () => {
    expect(selectBlobStatement(policy)?.name).toBe('global')
    expect(selectBlobStatement(policy, '')).toBeUndefined()
    expect(selectBlobStatement(parseTrustPolicy(policyBytes([named]), 'blob', 'p'))).toBeUndefined()
  })

  test('is never one for artifacts', () => {
    expect(selectBlobStatement(policyOf(everything), 'everything')).toBeUndefined()
  })
})
