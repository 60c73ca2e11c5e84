import { beforeAll, describe, expect, it } from 'vitest'
import { openBundle } from '../../../src/bundle/reader.js'
import type { ContentSource } from '../../../src/content/store.js'
import { TransferError } from '../../../src/errors.js'
import { type ArtifactOptions, checkArtifacts } from '../../../src/import/checks/artifacts.js'
import { bare } from '../../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../../src/oci/media-types.js'
import { ENVELOPE_COSE } from '../../../src/trust/envelope/envelope.js'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import { anArtifact, anImage, anIndex, type Built, built, json, together } from '../../support/build.js'
import { APP, aBundle, aRepository, type ExportSpec, opened } from '../../support/bundles.js'
import { VERIFIED_AT } from '../../support/clock.js'
import { aSignature, aSigner, type SignerUnderTest } from '../../support/evidence.js'
import { contextOf } from '../../support/notary.js'
import { anNv2Signature } from '../../support/nv2.js'
import { CALL } from '../../support/tmp.js'
import { aStatement, policyBytes } from '../../support/trust-policies.js'

const IMAGE = anImage({ seed: 'release' }).tagged('1.0')
const LIB = 'registry.example/team/lib'

let vendor: SignerUnderTest
let stranger: SignerUnderTest

beforeAll(async () => {
  vendor = await aSigner([], undefined, 'Vendor')
  stranger = await aSigner([], undefined, 'Stranger')
})

interface Judged extends Partial<Omit<ArtifactOptions, 'policy'>> {
  readonly statements?: readonly Readonly<Record<string, unknown>>[]
  readonly stores?: Readonly<Record<string, SignerUnderTest['certificates']>>
}

/** What the importer's policy makes of a bundle; it trusts the vendor for everything where nothing else is said. */
async function judged(content: Built | readonly Built[], spec: Partial<ExportSpec> = {}, given: Judged = {}) {
  const { statements = [aStatement()], stores = { 'ca:acme': [vendor.root.certificate] }, ...options } = given
  const bundle = await opened(await aBundle(content, spec))
  const policy = parseTrustPolicy(policyBytes(statements), 'oci', 'trustpolicy.json')
  const { statement: _, ...context } = contextOf({ stores, now: VERIFIED_AT })
  return await checkArtifacts(bundle, { ...CALL, policy, context, ...options })
}

const from = async (...built: readonly Built[]) => ({ [APP]: await aRepository(...built) })

describe('checkArtifacts', () => {
  it('says that nothing is said where there is no policy', async () => {
    const bundle = await opened(await aBundle(IMAGE))
    const { statement: _, ...context } = contextOf({})

    const found = await checkArtifacts(bundle, { ...CALL, policy: undefined, context })

    expect(found.artifacts).toEqual([])
    expect(found.checks).toMatchObject([{ name: 'policy', result: 'not-applicable' }])
  })

  it.each(['application/jose+json', ENVELOPE_COSE] as const)(
    'accepts a root that the vendor signed in %s',
    async (type) => {
      const found = await judged([IMAGE, await aSignature(IMAGE, vendor, { type })])

      expect(found.checks).toMatchObject([{ name: 'policy', subject: `${APP}:1.0`, result: 'pass' }])
      expect(found.artifacts).toMatchObject([{ name: `${APP}:1.0`, required: true, scope: APP, verdict: 'verified' }])
    },
  )

  it('refuses a root that nobody signed, and one that a stranger signed', async () => {
    const unsigned = await judged(IMAGE)
    const signed = await judged([IMAGE, await aSignature(IMAGE, stranger)])

    expect(unsigned.checks).toMatchObject([{ result: 'fail', code: 'ERR_SIGNATURE_MISSING' }])
    expect(signed.checks).toMatchObject([{ result: 'fail', code: 'ERR_SIGNER_UNKNOWN' }])
  })

  it('is not kept from a release by a stranger who hangs broken signatures on it', async () => {
    const broken = (bytes: string) =>
      anArtifact({
        subject: IMAGE,
        artifactType: 'application/vnd.cncf.notary.signature',
        mediaType: 'application/jose+json',
        bytes,
      })
    const huge = broken('x'.repeat(4 * 1024 * 1024 + 1))

    const found = await judged([
      IMAGE,
      ...[await aSignature(IMAGE, stranger), broken('{}'), huge],
      ...[await aSignature(IMAGE, vendor)],
    ])

    expect(found.checks).toMatchObject([{ result: 'pass' }])
    expect(found.artifacts[0]?.signatures.filter(({ verdict }) => verdict === 'refused')).toHaveLength(3)
  })

  it('is not satisfied by the vendor’s signature on something else, which is hung on this', async () => {
    const other = anImage({ seed: 'old' })
    const signature = await aSignature(other, vendor)
    const manifest = signature.contents.find(({ descriptor }) => descriptor.digest === signature.root.digest)
    const members = JSON.parse(Buffer.from(manifest?.bytes ?? []).toString())
    const moved = json(OCI_MANIFEST, { ...members, subject: bare(IMAGE.root) })

    const found = await judged([IMAGE, built(moved.descriptor, [...signature.contents, moved])])

    expect(found.checks).toMatchObject([{ result: 'fail', code: 'ERR_SIGNATURE_INVALID' }])
  })

  it('wants nothing of platforms and SBOMs, and shows what is signed of them', async () => {
    const [amd64, arm64] = [anImage({ seed: 'a' }), anImage({ seed: 'b', platform: 'linux/arm64' })]
    const index = anIndex([amd64, arm64]).tagged('1.0')
    const sbom = anArtifact({ subject: index })
    const unsigned = anArtifact({ subject: amd64 })
    const signatures = [
      ...[await aSignature(index, vendor), await aSignature(arm64, stranger), await aSignature(sbom, vendor)],
    ]

    const found = await judged([together(index, sbom, unsigned), ...signatures])

    expect(found.checks).toMatchObject([{ subject: `${APP}:1.0`, result: 'pass' }])
    const beside = found.artifacts.filter(({ required }) => !required)
    expect(new Map(beside.map(({ target, verdict }) => [target.digest, verdict]))).toEqual(
      new Map([
        [arm64.root.digest, 'refused'],
        [sbom.root.digest, 'verified'],
      ]),
    )
  })

  it('is not satisfied by signatures of all platforms where the index has none', async () => {
    const amd64 = anImage({ seed: 'a' })
    const index = anIndex([amd64]).tagged('1.0')

    const found = await judged([index, await aSignature(amd64, vendor)])

    expect(found.checks).toMatchObject([{ result: 'fail', code: 'ERR_SIGNATURE_MISSING' }])
  })

  it('judges each root by the statement for its own repository', async () => {
    const lib = anImage({ seed: 'lib' }).tagged('2.0')
    const repositories = {
      [APP]: await aRepository(IMAGE, await aSignature(IMAGE, vendor)),
      [LIB]: await aRepository(lib, await aSignature(lib, stranger)),
    }
    const spec = { from: repositories, sources: [`${APP}:1.0`, `${LIB}:2.0`] }
    const stores = { 'ca:acme': [vendor.root.certificate], 'ca:libs': [stranger.root.certificate] }
    const libs = aStatement({ name: 'libs', registryScopes: [LIB], trustStores: ['ca:libs'] })

    const both = await judged([], spec, { statements: [aStatement(), libs], stores })
    const one = await judged([], spec, { stores })

    expect(both.checks.map(({ result }) => result)).toEqual(['pass', 'pass'])
    expect(one.checks).toMatchObject([
      { subject: `${APP}:1.0`, result: 'pass' },
      { subject: `${LIB}:2.0`, result: 'fail', code: 'ERR_SIGNER_UNKNOWN' },
    ])
  })

  it('takes no signature from a repository in which it does not hang', async () => {
    const repositories = {
      [APP]: await aRepository(IMAGE),
      [LIB]: await aRepository(IMAGE, await aSignature(IMAGE, vendor)),
    }

    const found = await judged([], { from: repositories, sources: [`${APP}:1.0`, `${LIB}:1.0`] })

    expect(found.checks.map(({ subject, result }) => [subject, result])).toEqual([
      [`${APP}:1.0`, 'fail'],
      [`${LIB}:1.0`, 'pass'],
    ])
  })

  it('never takes the statement for bundles for one about artifacts', async () => {
    const signed = [IMAGE, await aSignature(IMAGE, vendor)]

    const found = await judged(signed, {}, { statements: [aStatement({ registryScopes: ['waybill/bundle'] })] })

    expect(found.checks).toMatchObject([{ result: 'fail', code: 'ERR_TRUST_POLICY_NONE' }])
  })

  it('asks by the target’s name where the policy says so', async () => {
    const statement = aStatement({ registryScopes: ['inner.example/team/app'], waybill: { matchTarget: true } })
    const signed = [IMAGE, await aSignature(IMAGE, vendor)]
    const targetOf = () => 'inner.example/team/app'

    const known = await judged(signed, {}, { statements: [statement], targetOf })
    const unknown = await judged(signed, {}, { statements: [statement] })

    expect(known.checks).toMatchObject([{ result: 'pass' }])
    expect(unknown.checks).toMatchObject([{ result: 'fail', code: 'ERR_TRUST_POLICY_NONE' }])
  })

  it('records what a level lets pass, and what is skipped: neither is a pass', async () => {
    const audit = aStatement({ signatureVerification: { level: 'audit' } })
    const skip = aStatement({
      registryScopes: [APP],
      signatureVerification: { level: 'skip' },
      trustStores: undefined,
      trustedIdentities: undefined,
    })
    const signed = [IMAGE, await aSignature(IMAGE, stranger)]

    const [recorded, skipped] = [
      await judged(signed, {}, { statements: [audit] }),
      await judged(IMAGE, {}, { statements: [skip] }),
    ]

    expect([...recorded.checks, ...skipped.checks].map(({ result }) => result)).toEqual(['logged', 'logged'])
    expect([...recorded.artifacts, ...skipped.artifacts].map(({ verdict }) => verdict)).toEqual(['verified', 'skipped'])
  })

  it('trusts nobody where a store of the statement cannot be read', async () => {
    const { statement: _, ...context } = contextOf({ now: VERIFIED_AT })
    const store = () => Promise.reject(new TransferError('ERR_TRUST_STORE_INVALID', 'the trust store ca:acme is empty'))

    const found = await judged([IMAGE, await aSignature(IMAGE, vendor)], {}, { context: { ...context, store } })

    expect(found.checks).toMatchObject([{ result: 'fail', code: 'ERR_TRUST_STORE_INVALID' }])
  })

  it('throws what is no verdict: being stopped, a medium that fails, and a mistake of ours', async () => {
    const bundle = await openBundle(await aBundle([IMAGE, await aSignature(IMAGE, vendor)]))
    const { statement: _, ...context } = contextOf({ stores: { 'ca:acme': [vendor.root.certificate] } })
    const policy = parseTrustPolicy(policyBytes([aStatement()]), 'oci', 'trustpolicy.json')
    const signal = AbortSignal.abort(new TransferError('ERR_CANCELLED', 'enough'))
    const store = () => Promise.reject(new RangeError('a bug'))

    const stopped = checkArtifacts(bundle, { policy, context: { ...context, signal }, signal })
    await expect(stopped).rejects.toMatchObject({ code: 'ERR_CANCELLED' })
    const mistaken = checkArtifacts(bundle, { ...CALL, policy, context: { ...context, store } })
    await expect(mistaken).rejects.toThrow(RangeError)
    await bundle.close()
    const failing = checkArtifacts(bundle, { ...CALL, policy, context })
    await expect(failing).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  it('refuses a root of which the document does not say what hangs on it', async () => {
    const path = await aBundle([IMAGE, await aSignature(IMAGE, vendor)])
    const bundle = await opened(path)
    const silent = { ...bundle, document: { ...bundle.document, lookups: [] } }
    const { statement: _, ...context } = contextOf({ stores: { 'ca:acme': [vendor.root.certificate] } })
    const policy = parseTrustPolicy(policyBytes([aStatement()]), 'oci', 'trustpolicy.json')

    const found = await checkArtifacts(silent, { ...CALL, policy, context })

    expect(found.checks).toMatchObject([{ result: 'fail', code: 'ERR_BUNDLE_INCOMPLETE' }])
  })
})

describe('a source that could not say which signatures there are', () => {
  async function unanswered(): Promise<Partial<ExportSpec>> {
    const store = await aRepository(IMAGE, await aSignature(IMAGE, vendor))
    const source: ContentSource = {
      resolve: store.resolve.bind(store),
      fetch: store.fetch.bind(store),
      // biome-ignore lint/correctness/useYield: it fails before there is anything
      async *referrers() {
        throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no \u{1b}[2J answer')
      },
    }
    return { from: { [APP]: source }, allowUnknownReferrers: true }
  }

  it('leaves its roots refused: not known is not trusted', async () => {
    const found = await judged([], await unanswered())

    expect(found.checks).toMatchObject([{ result: 'fail', code: 'ERR_SIGNATURE_MISSING' }])
    expect(found.checks[0]?.detail).toContain('exported again')
  })

  it('does not matter where the policy wants no signature', async () => {
    const skip = { signatureVerification: { level: 'skip' }, trustStores: undefined, trustedIdentities: undefined }
    const statements = [aStatement({ registryScopes: [APP], ...skip })]

    expect((await judged([], await unanswered(), { statements })).checks).toMatchObject([{ result: 'logged' }])
  })
})

describe('a root that is a signature of the prototype', () => {
  const SIGNATURES = 'signatures.example/team/nv2'

  it('does not decide where what it signs is here, and is shown', async () => {
    const token = (await anNv2Signature(IMAGE.root)).tagged('one')
    const repositories = {
      ...(await from(IMAGE, await aSignature(IMAGE, vendor))),
      [SIGNATURES]: await aRepository(token),
    }

    const found = await judged([], { from: repositories, sources: [`${APP}:1.0`, `${SIGNATURES}:one`] })

    expect(found.checks).toMatchObject([{ subject: `${APP}:1.0`, result: 'pass' }])
    expect(found.artifacts).toMatchObject([
      { name: `${APP}:1.0`, signatures: [{ kind: 'jws' }, { kind: 'nv2', verdict: 'refused' }] },
      { name: `${SIGNATURES}:one`, required: false },
    ])
  })

  it.each([
    ['something that is not here', anImage({ seed: 'elsewhere' })],
    ['nothing that is a manifest here: a layer', { root: IMAGE.contents[0]?.descriptor ?? IMAGE.root }],
  ])('decides like any other where it says that it signs %s', async (_what, subject) => {
    const token = (await anNv2Signature(subject.root)).tagged('2.0')
    const spec = {
      from: await from(IMAGE, await aSignature(IMAGE, vendor), token),
      sources: [`${APP}:1.0`, `${APP}:2.0`],
    }

    const found = await judged([], spec)

    expect(found.checks).toMatchObject([
      { subject: `${APP}:1.0`, result: 'pass' },
      { subject: `${APP}:2.0`, result: 'fail', code: 'ERR_SIGNATURE_MISSING' },
    ])
  })

  it('decides where nothing else is here: a tag was moved to it', async () => {
    const token = (await anNv2Signature(IMAGE.root)).tagged('1.0')

    const found = await judged(token)

    expect(found.checks).toMatchObject([{ subject: `${APP}:1.0`, result: 'fail' }])
  })

  it('decides where it signs another one like it', async () => {
    const inner = await anNv2Signature(IMAGE.root)
    const outer = await anNv2Signature(inner.root)
    const content = [IMAGE, await aSignature(IMAGE, vendor), inner.tagged('2.0'), outer.tagged('3.0')]

    const found = await judged([], {
      from: await from(...content),
      sources: [`${APP}:1.0`, `${APP}:2.0`, `${APP}:3.0`],
    })

    expect(found.checks.map(({ subject, result }) => [subject, result])).toEqual([
      [`${APP}:1.0`, 'pass'],
      [`${APP}:3.0`, 'fail'],
    ])
  })
})
