import { beforeAll, describe, expect, test } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import { ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import type { CarriedSignature } from '../../../src/trust/notary/verify-artifact.js'
import { type ArtifactNames, verifyInRepository } from '../../../src/trust/notary/verify-in-repository.js'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import { type MintedChain, mintChain } from '../../support/keys.js'
import { contextOf, signedBy, TARGET } from '../../support/notary.js'
import { aStatement, policyBytes } from '../../support/trust-policies.js'

const APP = 'registry.example/team/app'
const SKIP = { signatureVerification: { level: 'skip' }, trustStores: undefined, trustedIdentities: undefined }

let acme: MintedChain
let dev: MintedChain

beforeAll(async () => {
  acme = await mintChain('Acme')
  dev = await mintChain('Dev')
})

interface Asked {
  readonly statements: readonly Readonly<Record<string, unknown>>[]
  readonly names?: ArtifactNames
  readonly signatures?: () => Promise<readonly CarriedSignature[]>
}

async function judged({ statements, names = { source: APP }, signatures = ofDev }: Asked) {
  const policy = parseTrustPolicy(policyBytes(statements), 'oci', 'trustpolicy.json')
  const stores = { 'ca:acme': [acme.root.certificate], 'ca:dev': [dev.root.certificate] }
  const { statement: _, ...context } = contextOf({ stores })
  return await verifyInRepository({ target: TARGET, names, signatures }, { ...context, policy })
}

/** A signature by a key that is trusted, but for other repositories. */
async function ofDev(): Promise<readonly CarriedSignature[]> {
  const envelope = await signedBy(dev)
  return [{ kind: 'envelope', signature: 'by dev', type: ENVELOPE_JWS, read: async () => envelope }]
}

const forDev = (...registryScopes: readonly string[]) =>
  aStatement({ name: 'dev', registryScopes, trustStores: ['ca:dev'] })

describe('an artifact in a repository', () => {
  test('for which there is no statement is refused, and its signatures are not asked for', async () => {
    const signatures = () => Promise.reject(new Error('asked'))

    const outcome = await judged({ statements: [forDev('registry.example/other')], signatures })

    expect(outcome).toMatchObject({ verdict: 'refused', code: 'ERR_TRUST_POLICY_NONE', scope: APP, signatures: [] })
    expect(outcome.statement).toBeUndefined()
  })

  test('for which nobody wants a signature is skipped, also where nobody could ask for one', async () => {
    const signatures = () => Promise.reject(new TransferError('ERR_SOURCE_UNREACHABLE', 'no answer'))

    const outcome = await judged({ statements: [aStatement({ registryScopes: [APP], ...SKIP })], signatures })

    expect(outcome).toMatchObject({ verdict: 'skipped', level: 'skip' })
  })

  test.each([
    ['another repository', 'registry.example/team'],
    ['a repository below', `${APP}/deeper`],
    ['another host', 'registry.example.evil.example/team/app'],
    ['a host in other letters', 'Registry.example/team/app'],
    ['a port', 'registry.example:443/team/app'],
  ])('is not accepted by a key that is trusted for %s', async (_what, scope) => {
    const statements = [aStatement({ registryScopes: [APP] }), forDev(scope)]

    expect(await judged({ statements })).toMatchObject({ verdict: 'refused', statement: 'acme' })
    expect((await judged({ statements, names: { source: scope } })).verdict).toBe('verified')
  })

  test.each([
    ['*', 'ERR_TRUST_POLICY_NONE'],
    ['waybill/bundle', 'ERR_TRUST_POLICY_NONE'],
    ['registry.example/team/app@sha256', 'ERR_TRUST_POLICY_NONE'],
    ['registry.example/team/app:1.0', 'ERR_TRUST_POLICY_NONE'],
    ['registry.example/team/../team/app', 'ERR_TRUST_POLICY_NONE'],
    ['registry.example//team/app', 'ERR_TRUST_POLICY_NONE'],
    ['__proto__', 'ERR_TRUST_POLICY_NONE'],
    ['', 'ERR_TRUST_POLICY_NONE'],
  ])('that is called %j is nobody’s, whatever the policy says of all', async (source, code) => {
    const statements = [forDev('*'), aStatement({ registryScopes: ['waybill/bundle'], trustStores: ['ca:dev'] })]

    expect(await judged({ statements, names: { source } })).toMatchObject({ verdict: 'refused', code })
  })

  test('is judged by its target’s name only where the statement says so', async () => {
    const target = 'inner.example/app'
    const names = { source: APP, target }
    const matching = { ...forDev(target), waybill: { matchTarget: true } }

    expect((await judged({ statements: [matching], names })).verdict).toBe('verified')
    expect(await judged({ statements: [forDev(target)], names })).toMatchObject({ code: 'ERR_TRUST_POLICY_NONE' })
    // The statement for the source goes before it.
    expect(await judged({ statements: [matching, aStatement({ registryScopes: [APP] })], names })).toMatchObject({
      verdict: 'refused',
      statement: 'acme',
    })
  })

  test('is not let in by a target that is called like the place for bundles', async () => {
    const statements = [
      { ...forDev('waybill/bundle'), waybill: { matchTarget: true } },
      { ...forDev('*'), name: 'all' },
    ]

    expect(await judged({ statements, names: { source: APP, target: 'waybill/bundle' } })).toMatchObject({
      verdict: 'refused',
      code: 'ERR_TRUST_POLICY_NONE',
    })
  })
})
