import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover, type Holdings, holdings } from '../support/peers/compare.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain } from '../support/peers/openssl.js'
import { hasReferrersApi, REGISTRIES, type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { makeLayout, publishRelease, type Release } from '../support/peers/release.js'
import { initKeys, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'

let space: Workspace
let publisher: Notation
let stranger: Notation
let signer: readonly string[]

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  const chain = await makeChain(space, 'publisher')
  publisher = await openNotation(space, { name: 'publisher', signer: chain, roots: [chain.ca] })
  stranger = await openNotation(space, { name: 'stranger', roots: [(await makeChain(space, 'stranger')).ca] })
  signer = initKeys(space).signer
})

afterAll(() => space.remove())

describe.each(REGISTRIES)('a release in %s', (from) => {
  let source: RunningRegistry
  let release: Release
  let bundle: string
  let before: readonly Holdings[]

  beforeAll(async () => {
    source = await startRegistryPeer(space, from)
    release = await publishRelease(space, source.host, publisher)
    before = everything(source, release)
    bundle = space.path(`${from}.tar`)
  })

  afterAll(() => source.stop())

  it('has signatures on the index, a platform and the SBOM, and an image whose manifest does not say what it is', () => {
    const single = space.text('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${source.host}/app/single:v1`,
    ])

    const signed = Object.entries(before[0]?.referrers ?? {})
      .filter(([, found]) => found.some(({ artifactType }) => artifactType === NOTARY_SIGNATURE))
      .map(([subject]) => subject)

    expect(signed.sort()).toEqual([release.pair.index, release.pair.child, release.pair.sbom].sort())
    expect(JSON.parse(single)).not.toHaveProperty('mediaType')
  })

  it('goes into one bundle, which verifies', () => {
    const made = waybillJson(space, 'waybill.export.v1', ['export', ...release.sources, '--output', bundle, ...signer])
    const { verdict } = waybillJson(space, 'waybill.verify.v1', ['verify', bundle])

    const digests = new Set(before.flatMap(({ manifests, blobs }) => [...manifests, ...blobs]))
    expect(verdict).toBe('verified')
    expect(made.roots.map(({ name }) => name).sort()).toEqual([...release.sources].sort())
    expect(made.omissions).toEqual([])
    expect(made.totals.blobs).toBe(digests.size)
  })

  describe.each(REGISTRIES.filter((name) => name !== from))('imported into %s', (to) => {
    let target: RunningRegistry

    beforeAll(async () => {
      target = await startRegistryPeer(space, to)
    })

    afterAll(() => target.stop())

    it('is loaded whole', () => {
      const { verdict, loaded } = waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host])

      expect(verdict).toBe('verified')
      expect(loaded.map((one) => one.target).sort()).toEqual(
        release.sources.map((name) => name.replace(source.host, target.host)).sort(),
      )
    })

    it('has every manifest, blob and referrer that the source has, byte for byte', () => {
      const after = everything(target, release)

      expect(after).toEqual(before)
    })

    it('has the tags that the source has, and those that stand in for a Referrers API where there is none', () => {
      const tags = (host: string) =>
        space
          .text('crane', ['ls', '--insecure', `${host}/app/pair`])
          .split('\n')
          .sort()
      const { index, child, sbom } = release.pair
      const fallback = [index, child, sbom].map((digest) => digest.replace(':', '-'))

      const found = tags(target.host)

      expect(found).toEqual(['v1', release.cosignTag, ...(hasReferrersApi(to) ? [] : fallback)].sort())
    })

    it.each(['index', 'child', 'sbom'] as const)('has a signature on the %s that notation accepts', (which) => {
      const { status, stderr } = publisher.verify(`${target.host}/app/pair@${release.pair[which]}`)

      expect(stderr).not.toContain('Error')
      expect(status).toBe(0)
    })

    it('has nothing that notation accepts from a stranger, or without a signature', () => {
      const byStranger = stranger.verify(`${target.host}/app/pair@${release.pair.index}`)
      const unsigned = publisher.verify(`${target.host}/app/single:v1`)

      expect(byStranger.status).not.toBe(0)
      expect(byStranger.stderr).toContain('signature verification failed for all the signatures')
      expect(unsigned.status).not.toBe(0)
    })

    it('is left as it is by a second import', () => {
      const root = `${target.host}/app/pair@${release.pair.index}`
      const found = discover(space, root)

      const { blobs, manifests } = waybillJson(space, 'waybill.import.v1', ['import', bundle, '--to', target.host])

      expect(blobs).toMatchObject({ copied: 0, mounted: 0 })
      expect(manifests).toMatchObject({ copied: 0 })
      expect(discover(space, root)).toEqual(found)
    })
  })
})

function everything({ host }: RunningRegistry, { repositories }: Release): Holdings[] {
  return Object.entries(repositories).map(([name, roots]) => holdings(space, `${host}/${name}`, roots))
}
