import { beforeAll, describe, expect, it } from 'vitest'
import type { ImportPolicy } from '../../../src/policy/import-policy.js'
import type { Signer } from '../../../src/trust/key/signer.js'
import { type ExportSpec, judgementOf } from '../../support/bundles.js'
import { MADE_AT, VERIFIED_AT } from '../../support/clock.js'
import {
  aPolicy,
  aRule,
  importerWith,
  signersOf,
  type UnderPolicy,
  underPolicy,
} from '../../support/import-policies.js'
import { type MintedChain, mintChain, signerOf } from '../../support/keys.js'
import { fixedTrust } from '../../support/keys-fixed.js'
import { aRecord, remembering, STREAM } from '../../support/streams.js'

const HOUR = 3_600_000
const PLACE = { stream: STREAM, sequence: 1 }
const RULE = { stream: 'acme/*', signedBy: ['exporter'], requireChain: false }

let other: MintedChain
let otherSigner: Signer

beforeAll(async () => {
  other = await mintChain('Other')
  otherSigner = signerOf(other, MADE_AT)
})

/** An importer that trusts two exporters with bundles. */
async function judged(policy: Partial<ImportPolicy>, spec: Partial<ExportSpec> = {}, given: Partial<UnderPolicy> = {}) {
  const exporters = [...fixedTrust(), other.root.certificate]
  const trust = importerWith({ exporters, other: [other.root.certificate] })
  const signers = signersOf('exporter', 'other')
  const artifacts = [aRule({ unsigned: 'admit' })]
  const asked = { policy: aPolicy({ signers, artifacts, streams: [RULE], ...policy }), stores: {}, trust, ...given }
  return await underPolicy(undefined, asked, spec)
}

const REFUSED = { code: 'ERR_POLICY_REFUSED' }

describe('the rule for a stream', () => {
  it('lets in what one of its signers has signed, and says who', async () => {
    const found = await judged({}, { place: PLACE })

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(found.policy?.bundle).toMatchObject({ admitted: true, rule: 'acme/*', signers: [{ signer: 'exporter' }] })
  })

  it('refuses a bundle that another trusted exporter has signed: a key for one stream is none for the others', async () => {
    const found = await judged({}, { place: PLACE, signer: otherSigner })

    expect(judgementOf(found)).toMatchObject(REFUSED)
    expect(found.policy?.bundle.detail).toContain('it wants exporter; its signature is not by exporter: signed by')
    expect(found.checks).toContainEqual(expect.objectContaining({ name: 'closure', result: 'not-applicable' }))
    const both = [{ ...RULE, signedBy: ['exporter', 'other'] }]
    expect(judgementOf(await judged({ streams: both }, { place: PLACE, signer: otherSigner }))).toEqual({
      verdict: 'verified',
    })
  })

  it('is the first that has the stream', async () => {
    const streams = [{ ...RULE, signedBy: ['other'] }, RULE]

    expect(judgementOf(await judged({ streams }, { place: PLACE }))).toMatchObject(REFUSED)
  })

  it('refuses a stream that is in none', async () => {
    const found = await judged({ streams: [{ ...RULE, stream: 'elsewhere' }] }, { place: PLACE })

    expect(judgementOf(found)).toMatchObject(REFUSED)
    expect(found.policy?.bundle.detail).toContain('for which import-policy.yaml has no rule: it has elsewhere')
  })

  it('does not make an exporter of a signer that the trust in exporters does not have', async () => {
    const trust = importerWith({ other: [other.root.certificate] })
    const streams = [{ ...RULE, signedBy: ['other'] }]

    const found = await judged({ streams }, { place: PLACE, signer: otherSigner }, { trust })

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNER_UNKNOWN' })
    expect(found.policy).toBeUndefined()
  })

  it('can require that nothing is missing before it', async () => {
    const rollback = { state: remembering([aRecord(1)]), requireChain: false }
    const spec = { place: { stream: STREAM, sequence: 3 } }

    expect(judgementOf(await judged({}, spec, { rollback }))).toEqual({ verdict: 'verified' })
    expect(judgementOf(await judged({ streams: [{ ...RULE, requireChain: true }] }, spec, { rollback }))).toMatchObject(
      {
        code: 'ERR_CHAIN_BROKEN',
      },
    )
  })
})

describe('a bundle without a stream', () => {
  it('is refused unless the policy says who may send such', async () => {
    expect(judgementOf(await judged({ unstreamed: undefined }))).toMatchObject(REFUSED)
    expect(judgementOf(await judged({ unstreamed: { signedBy: ['other'] } }))).toMatchObject(REFUSED)
    expect(judgementOf(await judged({ unstreamed: { signedBy: ['exporter'] } }))).toEqual({ verdict: 'verified' })
  })
})

describe('the age of a bundle', () => {
  it('is counted by the importer’s clock', async () => {
    const age = VERIFIED_AT.getTime() - MADE_AT.getTime()
    const by = async (maxAgeMs: number) => judgementOf(await judged({ bundles: { maxAgeMs, requireExpiry: false } }))

    expect(await by(age)).toEqual({ verdict: 'verified' })
    expect(await by(age - HOUR)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_BUNDLE_STALE' })
  })

  it('can be limited by the exporter, and the policy can want that it is', async () => {
    const bundles = { maxAgeMs: undefined, requireExpiry: true }

    expect(judgementOf(await judged({ bundles }))).toMatchObject(REFUSED)
    expect(judgementOf(await judged({ bundles }, { lifetimeMs: 400 * 24 * HOUR }))).toEqual({ verdict: 'verified' })
  })
})
