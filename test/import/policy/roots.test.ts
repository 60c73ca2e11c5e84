import { beforeAll, describe, expect, it } from 'vitest'
import { decide } from '../../../src/import/decide.js'
import { placeRoots } from '../../../src/import/names/names.js'
import type { Verification } from '../../../src/import/verification.js'
import type { ArtifactRule } from '../../../src/policy/import-policy.js'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import { anImage, type Built } from '../../support/build.js'
import { APP, aRepository, judgementOf } from '../../support/bundles.js'
import { deaf } from '../../support/deaf.js'
import { aSignature, aSigner, type SignerUnderTest } from '../../support/evidence.js'
import {
  aPolicy,
  aPolicySigner,
  aRule,
  importerWith,
  signersOf,
  underPolicy,
  wants,
  wantsSome,
} from '../../support/import-policies.js'
import { caExtensions, leafExtensions, mint } from '../../support/keys.js'
import { aStatement, policyBytes } from '../../support/trust-policies.js'

const IMAGE = anImage({ seed: 'release' }).tagged('1.0')

let vendor: SignerUnderTest
let certifier: SignerUnderTest
let lab: SignerUnderTest
let byVendor: Built
let byCertifier: Built

beforeAll(async () => {
  vendor = await aSigner([], undefined, 'Vendor')
  certifier = await aSigner([], undefined, 'Certifier')
  lab = await aSigner([], undefined, 'Lab')
  byVendor = await aSignature(IMAGE, vendor)
  byCertifier = await aSignature(IMAGE, certifier)
})

const stores = () => ({
  vendor: [vendor.root.certificate],
  certifier: [certifier.root.certificate],
  lab: [lab.root.certificate],
})

async function judged(content: readonly Built[], rule: Partial<ArtifactRule>, policy = {}): Promise<Verification> {
  return await underPolicy(content, { policy: aPolicy({ artifacts: [aRule(rule)], ...policy }), stores: stores() })
}

const BOTH = { signatures: [wants('vendor'), wants('certifier')] }
const detailOf = ({ policy }: Verification) => policy?.roots[0]?.detail ?? ''

describe('signatures that a rule requires', () => {
  it('lets in what the vendor and the certifier have signed, and says by whom', async () => {
    const found = await judged([IMAGE, byVendor, byCertifier], BOTH)

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(found.policy?.roots).toMatchObject([
      {
        admitted: true,
        rule: { name: 'all', number: 1 },
        signatures: [{ counted: [{ signer: 'vendor' }] }, { counted: [{ signer: 'certifier' }] }],
      },
    ])
  })

  it('refuses what one of them has not signed, and says who is missing and who signed instead', async () => {
    const stranger = await aSigner([], undefined, 'Stranger')
    const found = await judged([IMAGE, byVendor, await aSignature(IMAGE, stranger)], BOTH)

    expect(judgementOf(found)).toMatchObject({
      verdict: 'not-authentic',
      code: 'ERR_POLICY_UNMET',
      subject: `${APP}:1.0`,
    })
    expect(detailOf(found)).toContain('it wants certifier; none of its 2 signatures is by certifier: signed by ')
    expect(detailOf(found)).toContain('CN=Vendor')
    expect(detailOf(found)).toContain('somebody who says ')
    expect(detailOf(found)).toContain('CN=Stranger')
  })

  it.each([
    [2, ['vendor', 'lab'], 'verified'],
    [2, ['vendor'], 'not-authentic'],
    [3, ['vendor', 'lab'], 'not-authentic'],
    [1, ['lab'], 'verified'],
  ] as const)('wants %i of three, and has %j: %s', async (atLeast, by, verdict) => {
    const who = { vendor, lab }
    const signatures = await Promise.all(by.map((name) => aSignature(IMAGE, who[name])))

    const found = await judged([IMAGE, ...signatures], {
      signatures: [wantsSome(atLeast, 'vendor', 'certifier', 'lab')],
    })

    expect(judgementOf(found).verdict).toBe(verdict)
  })

  it('counts one signature for one signer, where the trust of two overlaps', async () => {
    const both = { vendor: [vendor.root.certificate], certifier: [vendor.root.certificate] }
    const policy = aPolicy({ artifacts: [aRule(BOTH)] })

    const found = await underPolicy([IMAGE, byVendor], { policy, stores: both })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
    expect(detailOf(found)).toContain('one key never counts for two signers')
  })

  it('counts two signatures by one key for one signer, also with two certificates of two authorities', async () => {
    const other = await mint({ name: 'Other CA', extensions: caExtensions() })
    const publicKey = vendor.leaf.certificate.publicKey
    const leaf = await mint({ name: 'Second', publicKey, extensions: leafExtensions() }, other)
    const second: SignerUnderTest = {
      ...vendor,
      root: other,
      leaf: { ...leaf, keyPem: vendor.leaf.keyPem },
      certificates: [leaf.certificate, other.certificate],
      pem: leaf.pem + other.pem,
    }
    const twice = { vendor: [vendor.root.certificate], certifier: [other.certificate] }

    const found = await underPolicy([IMAGE, byVendor, await aSignature(IMAGE, second)], {
      policy: aPolicy({ artifacts: [aRule(BOTH)] }),
      stores: twice,
    })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
  })

  it('counts the same certificate twice for one signer', async () => {
    const again = await aSignature(IMAGE, vendor, { form: 'artifactType' })

    const found = await judged([IMAGE, byVendor, again], { signatures: [wantsSome(2, 'vendor', 'certifier')] })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
  })

  it('counts no signature that a level only records', async () => {
    const statement = parseTrustPolicy(
      policyBytes([aStatement({ signatureVerification: { level: 'audit' }, trustStores: ['ca:certifier'] })]),
      'oci',
      'trustpolicy.json',
    ).statements[0]
    if (statement === undefined) throw new Error('no statement')
    const lax = { name: 'certifier', kinds: [], by: 'statement', statement } as const
    const signers = new Map([...signersOf('exporter', 'vendor'), ['certifier', lax]])

    const found = await judged([IMAGE, byVendor], { signatures: [wants('certifier')] }, { signers })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
  })

  it('counts only the kinds that a signer may use', async () => {
    const signers = new Map([...signersOf('exporter'), ['vendor', { ...aPolicySigner('vendor'), kinds: ['cose'] }]])
    const rule = { signatures: [wants('vendor')] }
    const cose = await aSignature(IMAGE, vendor, { type: 'application/cose' })

    expect(judgementOf(await judged([IMAGE, byVendor], rule, { signers }))).toMatchObject({ code: 'ERR_POLICY_UNMET' })
    expect(detailOf(await judged([IMAGE, byVendor], rule, { signers }))).toContain('it is of the kind jws')
    expect(judgementOf(await judged([IMAGE, cose], rule, { signers }))).toEqual({ verdict: 'verified' })
  })

  it('adds to what the trust policy asks, and takes nothing away', async () => {
    const artifacts = parseTrustPolicy(
      policyBytes([aStatement({ trustStores: ['ca:lab'] })]),
      'oci',
      'trustpolicy.json',
    )
    const policy = aPolicy({ artifacts: [aRule({ signatures: [wants('vendor')] })] })

    const found = await underPolicy([IMAGE, byVendor], { policy, stores: {}, trust: importerWith(stores(), artifacts) })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_SIGNER_UNKNOWN' })
    expect(found.policy?.roots).toMatchObject([{ admitted: false, signatures: [{ met: true }] }])
    expect(detailOf(found)).toContain('; the trust policy refuses it: ')
  })
})

describe('who may be asked for', () => {
  const byPolicy = (statementName: string) => {
    const certifier = { name: 'certifier', kinds: [], by: 'trust-policy', statementName } as const
    return new Map([...signersOf('exporter', 'vendor'), ['certifier', certifier]])
  }
  const rule = aRule({ signatures: [wants('certifier')] })
  const trustPolicy = (changes = {}) =>
    parseTrustPolicy(
      policyBytes([
        aStatement({ name: 'lab-only', registryScopes: ['x.example/y'], trustStores: ['ca:certifier'], ...changes }),
        aStatement({ name: 'rest', trustStores: ['ca:certifier'] }),
      ]),
      'oci',
      'trustpolicy.json',
    )

  it('is whom a statement of the trust policy trusts, whatever its scopes', async () => {
    const policy = aPolicy({ artifacts: [rule], signers: byPolicy('lab-only') })
    const trust = importerWith(stores(), trustPolicy())

    expect(judgementOf(await underPolicy([IMAGE, byCertifier], { policy, stores: {}, trust }))).toEqual({
      verdict: 'verified',
    })
  })

  it.each([
    ['no such statement', 'other', trustPolicy(), 'has no statement "other"'],
    ['no trust policy', 'lab-only', undefined, 'there is no trust policy'],
    [
      'a statement that asks nobody',
      'lab-only',
      trustPolicy({ signatureVerification: { level: 'skip' }, trustStores: [], trustedIdentities: [] }),
      'skips signatures',
    ],
  ])('is an invalid policy with %s', async (_, name, artifacts, sentence) => {
    const policy = aPolicy({ artifacts: [rule], signers: byPolicy(name) })
    const judging = underPolicy([IMAGE, byCertifier], { policy, stores: {}, trust: importerWith(stores(), artifacts) })

    await expect(judging).rejects.toMatchObject({
      code: 'ERR_POLICY_INVALID',
      message: expect.stringContaining(sentence),
    })
  })

  it('is nobody while a trust store is empty, and the sentence says which store of which signer', async () => {
    const policy = aPolicy({ artifacts: [aRule(BOTH)] })
    const judging = underPolicy([IMAGE, byVendor], { policy, stores: { vendor: [vendor.root.certificate] } })

    await expect(judging).rejects.toMatchObject({
      code: 'ERR_TRUST_STORE_INVALID',
      message: expect.stringMatching(
        /^the signer certifier of the import policy .* the trust store ca:certifier, which is empty$/,
      ),
    })
  })
})

describe('the rule for a root', () => {
  it('is the first that has its source, and without any it is refused', async () => {
    const rules = [
      aRule({ name: 'other', sources: ['registry.example/other/*'], unsigned: 'admit' }),
      aRule({ name: 'team', sources: ['registry.example/team/*'], signatures: [wants('vendor')] }),
      aRule({ name: 'rest', unsigned: 'admit' }),
    ]
    const by = (artifacts: readonly ArtifactRule[]) =>
      underPolicy([IMAGE], { policy: aPolicy({ artifacts }), stores: stores() })

    expect((await by(rules)).policy?.roots).toMatchObject([{ admitted: false, rule: { name: 'team', number: 2 } }])
    const none = await by(rules.slice(0, 1))
    expect(judgementOf(none)).toMatchObject({ verdict: 'other', code: 'ERR_POLICY_REFUSED' })
    expect(detailOf(none)).toBe(`import-policy.yaml has no rule for ${APP}`)
  })

  it('admits what is unsigned only where it says so, and judges what is signed by its signatures', async () => {
    const rule = { signatures: [wants('certifier')] }

    expect(judgementOf(await judged([IMAGE], rule))).toMatchObject({ code: 'ERR_POLICY_UNMET' })
    const admitted = await judged([IMAGE], { ...rule, unsigned: 'admit' })
    expect(judgementOf(admitted)).toEqual({ verdict: 'verified' })
    expect(detailOf(admitted)).toContain('it has no signature, which the rule admits')
    expect(judgementOf(await judged([IMAGE, byVendor], { ...rule, unsigned: 'admit' }))).toMatchObject({
      code: 'ERR_POLICY_UNMET',
    })
  })

  it('leaves a root to the trust policy where it names no signers, and there has to be one', async () => {
    const policy = aPolicy({ artifacts: [aRule()] })
    const by = async (changes: Readonly<Record<string, unknown>> | undefined, content = [IMAGE, byVendor]) => {
      const artifacts = changes && parseTrustPolicy(policyBytes([aStatement(changes)]), 'oci', 'trustpolicy.json')
      return await underPolicy(content, { policy, stores: {}, trust: importerWith(stores(), artifacts) })
    }

    expect(judgementOf(await by({ trustStores: ['ca:vendor'] }))).toEqual({ verdict: 'verified' })
    expect(judgementOf(await by({ trustStores: ['ca:lab'] }))).toMatchObject({ code: 'ERR_SIGNER_UNKNOWN' })
    expect(judgementOf(await by(undefined))).toMatchObject({ code: 'ERR_POLICY_UNMET' })
    const skipped = {
      registryScopes: [APP],
      signatureVerification: { level: 'skip' },
      trustStores: [],
      trustedIdentities: [],
    }
    expect(judgementOf(await by(skipped))).toMatchObject({ code: 'ERR_POLICY_UNMET' })
    const audit = await by({ trustStores: ['ca:lab'], signatureVerification: { level: 'audit' } })
    expect(judgementOf(audit)).toEqual({ verdict: 'verified' })
    expect(audit.checks).toContainEqual(
      expect.objectContaining({ name: 'policy', subject: `${APP}:1.0`, result: 'logged' }),
    )
  })

  it('does not take a question that nobody could ask for "unsigned"', async () => {
    const from = { [APP]: deaf(await aRepository(IMAGE)) }
    const policy = aPolicy({ artifacts: [aRule({ unsigned: 'admit' })] })

    const found = await underPolicy([], { policy, stores: stores() }, { from, allowUnknownReferrers: true })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
  })
})

describe('a policy that lets in what it can', () => {
  const OTHER = anImage({ seed: 'other' }).tagged('2.0')
  const both = { sources: [`${APP}:1.0`, `${APP}:2.0`] }
  const rules = { artifacts: [aRule({ signatures: [wants('vendor')] })] }
  const rulingsOf = (found: Verification, refusals?: (found: Verification) => Map<never, string>) => {
    const placed = placeRoots(found.bundle.document.roots, { destination: { registry: 'target.example' } })
    const more = refusals === undefined ? {} : { refusals: refusals(found) }
    return decide(found, { ...placed, ...more }).rulings.map(({ kind, root }) => [kind, root.tag])
  }

  it('refuses all of a bundle for one root, where it does not say so', async () => {
    const found = await underPolicy([IMAGE, byVendor, OTHER], { policy: aPolicy(rules), stores: stores() }, both)

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
    expect(rulingsOf(found)).toEqual([
      ['refuse', '1.0'],
      ['refuse', '2.0'],
    ])
  })

  it('keeps the refused one out alone, and visible', async () => {
    const policy = aPolicy({ ...rules, partial: true })

    const found = await underPolicy([IMAGE, byVendor, OTHER], { policy, stores: stores() }, both)

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(found.checks).toContainEqual(
      expect.objectContaining({ subject: `${APP}:2.0`, result: 'logged', code: 'ERR_POLICY_UNMET' }),
    )
    expect(rulingsOf(found)).toEqual([
      ['admit', '1.0'],
      ['refuse', '2.0'],
    ])
  })

  it('refuses the bundle where it admits none', async () => {
    const found = await underPolicy(
      [IMAGE, OTHER],
      { policy: aPolicy({ ...rules, partial: true }), stores: stores() },
      both,
    )

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_POLICY_UNMET' })
  })

  it('lets a last word refuse one more, and never admit one', async () => {
    const policy = aPolicy({ ...rules, partial: true })
    const found = await underPolicy([IMAGE, byVendor, OTHER], { policy, stores: stores() }, both)

    const refusals = ({ bundle }: Verification) =>
      new Map(bundle.document.roots.map((root) => [root, 'not today'])) as Map<never, string>

    expect(rulingsOf(found, refusals)).toEqual([
      ['refuse', '1.0'],
      ['refuse', '2.0'],
    ])
  })
})
