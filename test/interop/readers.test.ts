import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { discover, normal, parseJson, readManifest, sha256, type Told } from '../support/peers/compare.js'
import { type Containerd, startContainerd } from '../support/peers/containerd.js'
import { openNotation } from '../support/peers/notation.js'
import { makeChain } from '../support/peers/openssl.js'
import { mayUseRoot } from '../support/peers/privilege.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { makeLayout, publishRelease, type Release } from '../support/peers/release.js'
import { initKeys, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace
let source: RunningRegistry
let release: Release
let bundle: string
let pair: string
let single: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  const chain = await makeChain(space, 'publisher')
  const publisher = await openNotation(space, { name: 'publisher', signer: chain, roots: [chain.ca] })
  source = await startRegistryPeer(space, 'olareg')
  release = await publishRelease(space, source.host, publisher)
  pair = `${source.host}/app/pair`
  single = `${source.host}/app/single`
  bundle = space.path('bundle.tar')
  const signer = initKeys(space).signer
  waybillJson(space, 'waybill.export.v1', ['export', ...release.sources, '--output', bundle, ...signer])
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

describe('a bundle as it is', () => {
  it('is inspected by skopeo under the names that it was exported by', () => {
    for (const reference of [`${single}:v1`, `${pair}:v1`]) {
      const digest = (from: string) => space.text('skopeo', ['inspect', '--tls-verify=false', '--raw', from])

      expect(digest(`oci-archive:${bundle}:${reference}`)).toBe(digest(`docker://${reference}`))
    }
  })

  it('is copied from by skopeo, with all platforms and unchanged digests', async () => {
    const target = await startRegistryPeer(space, 'docker-registry')
    onTestFinished(() => target.stop())
    const copied = `${target.host}/copied`

    const how = ['--all', '--preserve-digests', '--dest-tls-verify=false']
    space.text('skopeo', [
      '--insecure-policy',
      'copy',
      ...how,
      `oci-archive:${bundle}:${pair}:v1`,
      `docker://${copied}:v1`,
    ])

    expect(readManifest(space, copied, release.pair.index)).toEqual(readManifest(space, pair, release.pair.index))
  })

  it('gives oras every manifest by its digest and by its name', () => {
    const { index, child, sbom } = release.pair
    for (const digest of [index, child, sbom]) {
      const bytes = space.bytes('oras', ['manifest', 'fetch', '--oci-layout', `${bundle}@${digest}`])

      expect(sha256(bytes)).toBe(digest)
    }
    const named = space.bytes('oras', ['manifest', 'fetch', '--oci-layout-path', bundle, `${pair}:v1`])

    expect(sha256(named)).toBe(index)
  })

  it('gives oras the referrers that the source has, at every level', () => {
    const { index, child, sbom } = release.pair
    for (const digest of [index, child, sbom]) {
      const told = space.text('oras', ['discover', '--oci-layout', '--format', 'json', `${bundle}@${digest}`])

      const found = normal(parseJson<{ readonly referrers?: readonly Told[] }>(told).referrers)
      expect(found.length).toBeGreaterThan(0)
      expect(found).toEqual(discover(space, `${pair}@${digest}`))
    }
  })

  it('is imported by regctl under a name in it', async () => {
    const target = await startRegistryPeer(space, 'olareg')
    onTestFinished(() => target.stop())
    const plain = ['--host', `reg=${target.host},tls=disabled`]

    space.text('regctl', ['image', 'import', ...plain, '--name', `${pair}:v1`, `${target.host}/imported:v1`, bundle])

    expect(sha256(readManifest(space, `${target.host}/imported`, release.pair.index))).toBe(release.pair.index)
  })

  it('is pulled from by podman', () => {
    const storage = ['--root', space.path('pm'), '--runroot', space.path('pmr'), '--storage-driver', 'vfs']

    const id = space.text('podman', [...storage, 'pull', '--quiet', `oci-archive:${bundle}:${single}:v1`])

    const manifest = parseJson<{ readonly config: { readonly digest: string } }>(
      space.text('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${single}:v1`]),
    )
    expect(`sha256:${id}`).toBe(manifest.config.digest)
  })

  describe.skipIf(!mayUseRoot)('by containerd', () => {
    let containerd: Containerd

    beforeAll(async () => {
      await mkdir(space.path('ctd-state'), { recursive: true })
      containerd = await startContainerd(space)
      containerd.ctr('images', 'import', '--no-unpack', '--all-platforms', bundle)
    })

    afterAll(() => containerd?.stop())

    it('is imported under the names that it was exported by', () => {
      const names = containerd.ctr('images', 'ls', '--quiet').toString().trim().split('\n')

      expect(names).toEqual(expect.arrayContaining([`${pair}:v1`, `${single}:v1`]))
    })

    it('is imported with the content of every platform', () => {
      const index = containerd.ctr('content', 'get', release.pair.index)
      const child = containerd.ctr('content', 'get', release.pair.child)
      const checked = containerd.ctr('images', 'check').toString()

      expect(sha256(index)).toBe(release.pair.index)
      expect(sha256(child)).toBe(release.pair.child)
      for (const line of checked.trim().split('\n').slice(1)) expect(line).toMatch(/ complete \(/)
    })
  })
})
