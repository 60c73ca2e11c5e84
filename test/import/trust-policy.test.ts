import { beforeAll, describe, expect, it } from 'vitest'
import { parseSource } from '../../src/export/request.js'
import { planRequest, writePlan } from '../../src/export/run.js'
import { exporterStatement, type ImporterTrust } from '../../src/import/trust.js'
import type { Verification } from '../../src/import/verification.js'
import { verify } from '../../src/import/verify.js'
import type { VerifyOptions } from '../../src/import/verify-options.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import { loadSigner } from '../../src/trust/key/signer.js'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import { selectWaybillStatement } from '../../src/trust/policy/select.js'
import type { Evidence } from '../../src/trust/revocation/revocation.js'
import { anArtifact, anImage, type Built } from '../support/build.js'
import { APP, aRepository, exportOptions, judgementOf, opened } from '../support/bundles.js'
import { MADE_AT, VERIFIED_AT } from '../support/clock.js'
import { decided } from '../support/decided.js'
import { aSignature, aSigner, type SignerUnderTest } from '../support/evidence.js'
import { caExtensions, mint, mintChain, signerOf } from '../support/keys.js'
import { fixedSigner, fixedTrust, readFixed } from '../support/keys-fixed.js'
import { pluginHeaders, signedBy } from '../support/notary.js'
import { crlOf, crlSource } from '../support/revocation.js'
import { signWaybill } from '../support/sign-waybill.js'
import { CALL, tmpFolder } from '../support/tmp.js'
import { aStatement, policyBytes } from '../support/trust-policies.js'

const IMAGE = anImage({ seed: 'release' }).tagged('1.0')
const DAY = 86_400_000
/** after the lists of these tests have run out */
const LATER = new Date('2026-12-10T12:00:00Z')

let vendor: SignerUnderTest
let signature: Built

beforeAll(async () => {
  vendor = await aSigner([crlSource()], undefined, 'Vendor')
  signature = await aSignature(IMAGE, vendor)
})

interface Sealed {
  readonly content?: readonly Built[]
  readonly evidence?: readonly Evidence[]
  readonly createdAt?: Date
  readonly signer?: Parameters<typeof signWaybill>[0]
}

/** A bundle that an exporter has sealed, and says to have sealed at some time. */
async function sealed({ content = [IMAGE, signature], evidence, createdAt = MADE_AT, signer }: Sealed = {}) {
  const spec = {
    from: { [APP]: await aRepository(...content) },
    sources: [`${APP}:1.0`],
    evidence: { files: evidence ?? [crlOf(vendor.root)], required: false, now: () => MADE_AT },
  }
  const path = `${await tmpFolder()}/bundle.tar`
  const options = { ...exportOptions(spec), createdAt: () => createdAt }
  const plan = await planRequest({ sources: spec.sources.map(parseSource), allowUnknownReferrers: false }, options)
  await writePlan(plan, path, { ...options, sign: signWaybill(signer ?? fixedSigner()) })
  return await opened(path)
}

type Statements = readonly Readonly<Record<string, unknown>>[]

/** An importer whose policy trusts the vendor for artifacts, and its own store of exporters for bundles. */
function importer(
  statements: Statements = [aStatement()],
  anchors: Readonly<Record<string, readonly Certificate[]>> = {},
) {
  const artifacts = parseTrustPolicy(policyBytes(statements), 'oci', 'trustpolicy.json')
  const stores: Readonly<Record<string, readonly Certificate[]>> = {
    'ca:exporters': fixedTrust(),
    'ca:acme': [vendor.root.certificate],
    ...anchors,
  }
  return {
    waybill: selectWaybillStatement(artifacts) ?? exporterStatement(['exporters']),
    artifacts,
    store: async ({ type, name }) => stores[`${type}:${name}`] ?? [],
  } satisfies ImporterTrust
}

async function judged(bundle: Awaited<ReturnType<typeof sealed>>, given: Partial<VerifyOptions> = {}) {
  return await verify(bundle, {
    rollback: undefined,
    trust: importer(),
    now: VERIFIED_AT,
    ...CALL,
    emit: () => {},
    ...given,
  })
}

const checkOf = ({ checks }: Verification, name: string) => checks.filter((check) => check.name === name)

describe('a bundle under a trust policy', () => {
  it('is verified by its exporter and by those who signed what is in it, from evidence that it carries', async () => {
    const found = await judged(await sealed())

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(checkOf(found, 'policy')).toMatchObject([{ subject: `${APP}:1.0`, result: 'pass' }])
    expect(found.artifacts[0]?.signatures[0]?.validations.at(-1)).toMatchObject({
      validation: 'revocation',
      result: 'pass',
    })
  })

  it('loads nothing where one root is refused, and says which', async () => {
    const found = await judged(await sealed({ content: [IMAGE] }))

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNATURE_MISSING' })
    expect(found.verified).toBeUndefined()
    expect(decided(found, { registry: 'inner.example' }).rulings).toMatchObject([{ kind: 'refuse' }])
    expect(checkOf(found, 'content')).toMatchObject([{ result: 'not-applicable' }])
  })

  it('is judged by the name at the target where the policy says so', async () => {
    const statement = aStatement({ registryScopes: ['inner.example/team/app'], waybill: { matchTarget: true } })
    const trust = importer([statement])

    const found = await judged(await sealed(), { trust, targetOf: () => 'inner.example/team/app' })

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(judgementOf(await judged(await sealed(), { trust }))).toMatchObject({ code: 'ERR_TRUST_POLICY_NONE' })
  })

  it('has the plugins looked for that its signatures name', async () => {
    const chain = await mintChain('Plugged')
    const bytes = await signedBy(chain, { target: IMAGE.root, ...pluginHeaders('checker') })
    const type = 'application/vnd.cncf.notary.signature'
    const hung = anArtifact({ subject: IMAGE, artifactType: type, mediaType: 'application/jose+json', bytes })
    const looked: string[] = []
    const findPlugin = async (name: string) => void looked.push(name)
    const trust = { ...importer([aStatement()], { 'ca:acme': [chain.root.certificate] }), findPlugin }

    const found = await judged(await sealed({ content: [IMAGE, hung] }), { trust })

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_PLUGIN_FAILED' })
    expect(looked).toEqual(['checker'])
  })

  it('is not let in by a vendor in the place of an exporter', async () => {
    const signer = loadSigner(vendor.leaf.keyPem, vendor.pem, MADE_AT)

    const found = await judged(await sealed({ signer }))

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNER_UNKNOWN' })
    expect(found.artifacts).toEqual([])
  })

  it('is not let in by an exporter in the place of a vendor', async () => {
    const leaf = { ...vendor.leaf, keyPem: readFixed('keys/exporter.key') }
    const exporter = { ...vendor, leaf, pem: readFixed('keys/exporter.crt'), certificates: fixedSigner().chain }

    const found = await judged(await sealed({ content: [IMAGE, await aSignature(IMAGE, exporter)] }))

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_SIGNER_UNKNOWN' })
    expect(found.artifacts).toMatchObject([{ verdict: 'refused', statement: 'acme' }])
  })

  it('judges no artifact of a bundle that nobody answers for', async () => {
    const signer = signerOf(await mintChain('Exporter'), MADE_AT)

    const found = await judged(await sealed({ signer }))

    expect(judgementOf(found).code).toBe('ERR_SIGNER_UNKNOWN')
    expect([found.artifacts, checkOf(found, 'policy')]).toMatchObject([[], [{ result: 'not-applicable' }]])
  })
})

describe('a statement for bundles', () => {
  const forBundles = (members: Readonly<Record<string, unknown>>) =>
    aStatement({ name: 'bundles', registryScopes: ['waybill/bundle'], trustStores: ['ca:exporters'], ...members })

  it('says who may sign them, in the place of the store of exporters', async () => {
    const other = { 'ca:ours': fixedTrust(), 'ca:exporters': [] }
    const trust = importer([forBundles({ trustStores: ['ca:ours'] }), aStatement()], other)

    expect(judgementOf(await judged(await sealed(), { trust }))).toEqual({ verdict: 'verified' })
  })

  it('may want one exporter of several', async () => {
    const identity = { trustedIdentities: ['x509.subject: C=ZZ, ST=-, O=Somebody'] }
    const trust = importer([forBundles(identity), aStatement()])

    expect(judgementOf(await judged(await sealed(), { trust }))).toMatchObject({ code: 'ERR_IDENTITY_UNTRUSTED' })
  })

  it('does not let its maxStaleness count for the exporter’s own certificates: it would vouch for itself', async () => {
    const trust = importer([forBundles({ waybill: { maxStaleness: '9999d' } }), aStatement()])

    const found = await judged(await sealed(), { trust, now: new Date('2099-01-01T00:00:00Z') })

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_BUNDLE_STALE' })
  })
})

describe('what has run out since a bundle was sealed', () => {
  const patient = (maxStaleness: string) => [aStatement({ waybill: { maxStaleness } })]

  it('refuses it, as stale, unless the policy is patient', async () => {
    const bundle = await sealed()

    const refused = await judged(bundle, { now: LATER })
    const allowed = await judged(bundle, { now: LATER, trust: importer(patient('30d')) })
    const late = await judged(bundle, { now: LATER, trust: importer(patient('20d')) })

    expect(judgementOf(refused)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_REVOCATION_STALE' })
    expect(judgementOf(allowed)).toEqual({ verdict: 'verified' })
    expect(judgementOf(late)).toMatchObject({ code: 'ERR_REVOCATION_STALE' })
  })

  it('is shown as recorded where the policy is patient, and not as a pass', async () => {
    const found = await judged(await sealed(), { now: LATER, trust: importer(patient('30d')) })

    expect(checkOf(found, 'policy')).toMatchObject([{ result: 'logged' }])
  })

  it('is not stale but unknown where the bundle says a time that is yet to come', async () => {
    const bundle = await sealed({ createdAt: new Date(LATER.getTime() + DAY) })

    const found = await judged(bundle, { now: LATER, trust: importer(patient('9999d')) })

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_REVOCATION_UNKNOWN' })
  })

  it('is not made younger by a time before the evidence was there', async () => {
    const bundle = await sealed({ createdAt: new Date('2020-01-01T00:00:00Z') })

    const found = await judged(bundle, { now: LATER, trust: importer(patient('9999d')) })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_REVOCATION_UNKNOWN' })
  })

  it('is refused all the same where the importer knows that the signer is revoked', async () => {
    const gone = crlOf(vendor.root, {
      number: 2,
      thisUpdate: new Date(LATER.getTime() - DAY),
      nextUpdate: new Date(LATER.getTime() + DAY),
      entries: [{ serial: vendor.leaf.certificate.serialNumber, reason: 1 }],
    })

    const found = await judged(await sealed(), { now: LATER, evidence: [gone], trust: importer(patient('30d')) })

    expect(judgementOf(found)).toMatchObject({ code: 'ERR_CERTIFICATE_REVOKED' })
  })

  it('is not missed where the importer has newer evidence itself', async () => {
    const newer = crlOf(vendor.root, { number: 2, thisUpdate: new Date(LATER.getTime() - DAY), nextUpdate: LATER })

    const found = await judged(await sealed(), { now: LATER, evidence: [newer] })

    expect(judgementOf(found)).toEqual({ verdict: 'verified' })
    expect(checkOf(found, 'policy')).toMatchObject([{ result: 'pass' }])
  })
})

describe('evidence in a bundle', () => {
  it('that another CA of the same name has made clears nobody', async () => {
    const twin = await mint({ name: vendor.root.name, extensions: caExtensions() })

    const found = await judged(await sealed({ evidence: [crlOf(twin)] }))

    expect(judgementOf(found)).toMatchObject({ verdict: 'not-authentic', code: 'ERR_REVOCATION_UNKNOWN' })
  })

  it('that is missing leaves revocation unknown', async () => {
    expect(judgementOf(await judged(await sealed({ evidence: [] })))).toMatchObject({ code: 'ERR_REVOCATION_UNKNOWN' })
  })

  it('is asked for every artifact by itself: what clears one signer clears no other', async () => {
    const bundle = await sealed()
    const other = await aSigner([crlSource()], undefined, 'Other')
    const trust = importer([aStatement()], { 'ca:acme': [other.root.certificate] })
    const another = await sealed({ content: [IMAGE, await aSignature(IMAGE, other)] })

    expect(judgementOf(await judged(bundle))).toEqual({ verdict: 'verified' })
    expect(judgementOf(await judged(another, { trust }))).toMatchObject({ code: 'ERR_REVOCATION_UNKNOWN' })
  })
})
