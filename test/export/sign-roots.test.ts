import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { parseSource } from '../../src/export/request.js'
import { type ExportOptions, planRequest, writePlan } from '../../src/export/run.js'
import { waybillSigner } from '../../src/export/sign-waybill.js'
import { ENVELOPE_COSE } from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { parsePayload } from '../../src/trust/payload.js'
import { anImage, anIndex, together } from '../support/build.js'
import { APP, aRelease, aRepository, exportOptions, judge, opened } from '../support/bundles.js'
import { MADE_AT } from '../support/clock.js'
import { fixedSigner } from '../support/keys-fixed.js'
import { signingWith } from '../support/signing.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const OTHER = 'other.example/team/tool'
const SIGNATURE = 'application/vnd.cncf.notary.signature'
let signer: Signer

beforeAll(() => {
  signer = fixedSigner()
})

function signing(given: Parameters<typeof signingWith>[1] = {}) {
  return signingWith(signer, { now: MADE_AT, signingTime: MADE_AT, ...given })
}

async function planned(from: Readonly<Record<string, ContentSource>>, sources: readonly string[], more = {}) {
  const options: ExportOptions = { ...exportOptions({ from, sources }), signRoots: signing(), ...more }
  const request = { sources: sources.map(parseSource), allowUnknownReferrers: true }
  return { plan: await planRequest(request, options), options }
}

describe('an export that signs its roots', () => {
  it('carries a signature on each root, which the far side verifies with everything else', async () => {
    const release = aRelease()
    const store = await aRepository(release.all)
    const before = store.stored.length

    const { plan, options } = await planned({ [APP]: store }, [`${APP}:1.0`])
    const path = join(await tmpFolder(), 'bundle.tar')
    await writePlan(plan, path, { ...options, sign: waybillSigner(signing(), () => {}) })

    const [signed] = plan.signedRoots
    expect(plan.signedRoots).toHaveLength(1)
    expect(signed?.subject).toBe(release.index.root.digest)
    expect(await judge(path)).toMatchObject({ verdict: 'verified' })
    const bundle = await opened(path)
    expect(bundle.inventory.map(({ digest }) => digest)).toContain(signed?.signature)
    const lookup = bundle.document.lookups.find(({ subject }) => subject === release.index.root.digest)
    expect(lookup?.referrers).toMatchObject({ result: 'found', digests: expect.arrayContaining([signed?.signature]) })
    expect(store.stored).toHaveLength(before)
  })

  it('signs what has two names once, and a root inside another root as well', async () => {
    const [one, two] = [anImage({ seed: 'one' }), anImage({ seed: 'two', platform: 'linux/arm64' })]
    const index = anIndex([one, two])
    const all = together(index.tagged('1.0'), index.tagged('latest'), one.tagged('one'))
    const from = { [APP]: await aRepository(all), [OTHER]: await aRepository(index.tagged('2.0')) }

    const sources = [`${APP}:1.0`, `${APP}:latest`, `${APP}:one`, `${OTHER}:2.0`]
    const { plan } = await planned(from, sources)

    expect(plan.signedRoots.map(({ subject }) => subject).sort()).toEqual([index.root.digest, one.root.digest].sort())
    const { lookups } = plan.contents.document
    for (const { subject, signature } of plan.signedRoots) {
      const about = lookups.filter((lookup) => lookup.subject === subject)
      expect(about.every(({ referrers }) => JSON.stringify(referrers).includes(signature))).toBe(true)
    }
  })

  it('is refused where nobody could say what else hangs on a root', async () => {
    const store = await aRepository(anImage().tagged('1.0'))
    const mute: ContentSource = {
      resolve: (selector, call) => store.resolve(selector, call),
      fetch: (descriptor, call) => store.fetch(descriptor, call),
      referrers: failing,
    }

    await expect(planned({ [APP]: mute }, [`${APP}:1.0`])).rejects.toMatchObject({ code: 'ERR_REFERRERS_UNKNOWN' })
  })

  it('signs nothing unless it is told to', async () => {
    const from = { [APP]: await aRepository(anImage().tagged('1.0')) }

    const { plan } = await planned(from, [`${APP}:1.0`], { signRoots: undefined })

    expect(plan.signedRoots).toEqual([])
    expect(plan.contents.inventory.some(({ mediaType }) => mediaType === SIGNATURE)).toBe(false)
  })
})

describe('the waybill’s own signature', () => {
  it('is of the kind, expires when, and states what was asked for', async () => {
    const from = { [APP]: await aRepository(anImage().tagged('1.0')) }
    const { plan, options } = await planned(from, [`${APP}:1.0`], { signRoots: undefined })
    const path = join(await tmpFolder(), 'bundle.tar')
    const given = signing({ type: ENVELOPE_COSE, metadata: { transfer: '7' }, lifetimeMs: 30 * 86_400_000 })

    await writePlan(plan, path, { ...options, sign: waybillSigner(given, () => {}) })

    const bundle = await opened(path)
    const [carried] = bundle.signatures
    const { attributes, payload } = await openEnvelope(carried?.envelope ?? (await readFile(path)), ENVELOPE_COSE)
    expect(attributes.expiry).toEqual(new Date(MADE_AT.getTime() + 30 * 86_400_000))
    expect(parsePayload(payload)).toMatchObject({
      target: { digest: bundle.waybill.descriptor.digest },
      metadata: { transfer: '7' },
    })
    expect(await judge(path)).toMatchObject({ verdict: 'verified' })
  })
})

// biome-ignore lint/correctness/useYield: a registry that is down answers nothing
async function* failing(): AsyncGenerator<never> {
  CALL.signal.throwIfAborted()
  throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no route')
}
