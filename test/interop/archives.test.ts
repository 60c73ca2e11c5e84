import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdings, parseJson, sha256 } from '../support/peers/compare.js'
import { type Containerd, startContainerd } from '../support/peers/containerd.js'
import { mayUseRoot } from '../support/peers/privilege.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn, makeLayout } from '../support/peers/release.js'
import { initKeys, type SigningFiles, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const NAME = 'registry.example/app/single:v1'

let space: Workspace
let served: RunningRegistry
let keys: SigningFiles

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  space.text('skopeo', ['--insecure-policy', 'copy', 'oci:layout:single', `docker-archive:saved.tar:${NAME}`])
  served = await startRegistryPeer(space, 'waybill')
  keys = initKeys(space)
})

afterAll(async () => {
  await served.stop()
  await space.remove()
})

function manifestOf(archive: string, ...options: readonly string[]): Buffer {
  const { status, stdout, stderr } = waybill(space, ['manifest', archive, ...options])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

function podman(...args: readonly string[]): string {
  const storage = ['--root', space.path('pods'), '--runroot', space.path('pods-run'), '--storage-driver', 'vfs']
  return space.text('podman', [...storage, ...args])
}

/** Exports and imports it, and gives the repository that it became. */
function carried(source: string, bundle: string): string {
  waybillJson(space, 'waybill.export.v1', ['export', source, '--output', space.path(bundle), ...keys.signer])
  const loaded = waybillJson(space, 'waybill.import.v1', ['import', space.path(bundle), '--to', served.host])
  return loaded.loaded[0]?.target ?? ''
}

describe('an archive that skopeo made as docker save would', () => {
  it('has the manifest before the registry that the registry has afterwards', () => {
    const before = manifestOf('saved.tar')
    const descriptor = parseJson<Record<string, unknown>>(manifestOf('saved.tar', '--descriptor'))

    const target = carried('docker-archive:saved.tar', 'saved-bundle.tar')
    const after = space.bytes('skopeo', ['inspect', '--tls-verify=false', '--raw', `docker://${target}`])

    expect(target).toBe(`${served.host}/app/single:v1`)
    expect(after).toEqual(before)
    expect(descriptor).toEqual({
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      digest: sha256(before),
      size: before.byteLength,
    })
  })

  it('has it under its name, in a file, and in JSON', () => {
    const whole = manifestOf('saved.tar', '--name', NAME)
    const document = waybillJson(space, 'waybill.manifest.v1', ['manifest', 'saved.tar', '--output', 'manifest.json'])

    expect(space.bytes('cat', ['manifest.json'])).toEqual(whole)
    expect(document).toMatchObject({ digest: sha256(whole), size: whole.byteLength, name: NAME })
  })

  it('is pulled by skopeo, and unpacked by umoci with the files that were put in', () => {
    const from = `docker://${served.host}/app/single:v1`

    space.text('skopeo', ['--insecure-policy', 'copy', '--src-tls-verify=false', from, 'oci:back:single'])
    space.text('umoci', ['unpack', '--rootless', '--image', 'back:single', 'unpacked'])

    expect(space.text('cat', [space.path('unpacked', 'rootfs', 'hello.txt')])).toBe('hello from single')
  })

  it('is pulled by crane, whose archive has the same manifest again', () => {
    space.text('crane', ['pull', '--insecure', `${served.host}/app/single:v1`, space.path('crane.tar')])

    expect(manifestOf('crane.tar')).toEqual(manifestOf('saved.tar'))
  })

  it('goes into other registries, and comes back the same', async () => {
    const other = await startRegistryPeer(space, 'docker-registry')
    try {
      waybillJson(space, 'waybill.import.v1', ['import', space.path('saved-bundle.tar'), '--to', other.host])

      expect(holdings(space, `${other.host}/app/single`, ['v1'])).toEqual(
        holdings(space, `${served.host}/app/single`, ['v1']),
      )
    } finally {
      await other.stop()
    }
  })

  it.runIf(mayUseRoot)('is pulled by podman, and has the same manifest when podman saves it', () => {
    const name = `${served.host}/app/single:v1`

    podman('pull', '--quiet', '--tls-verify=false', name)
    podman('save', '--output', space.path('podman.tar'), name)

    expect(manifestOf('podman.tar')).toEqual(manifestOf('saved.tar'))
  })
})

describe.runIf(mayUseRoot)('an archive of several images that podman saved', () => {
  beforeAll(() => {
    const names = ['one', 'two'].map((image) => `${served.host}/app/${image}:v1`)
    for (const [at, image] of ['one', 'two'].entries()) {
      copyIn(space, image, names[at] ?? '')
      podman('pull', '--quiet', '--tls-verify=false', names[at] ?? '')
    }
    podman('save', '--multi-image-archive', '--output', space.path('both.tar'), ...names)
  })

  it('has a manifest for each, which is the one that is carried', () => {
    const [one, two] = ['one', 'two'].map((image) => manifestOf('both.tar', '--name', `${served.host}/app/${image}:v1`))

    const target = carried(`docker-archive:both.tar:${served.host}/app/two:v1`, 'both-bundle.tar')

    expect(one).not.toEqual(two)
    expect(space.bytes('skopeo', ['inspect', '--tls-verify=false', '--raw', `docker://${target}`])).toEqual(two)
  })

  it('wants to be told which one is meant', () => {
    const { status, stderr } = waybill(space, ['manifest', 'both.tar'])

    expect(status).toBe(2)
    expect(stderr).toMatch('ERR_REFERENCE_INVALID')
  })
})

describe.each([
  ['a folder', 'layout'],
  ['a tar', 'layout.tar'],
])('a layout in %s', (_form, path) => {
  beforeAll(() => {
    space.text('skopeo', ['--insecure-policy', 'copy', 'oci:layout:single', 'oci-archive:layout.tar:single'])
  })

  it('has the manifest that its own index names', () => {
    const form = path.endsWith('.tar') ? 'oci-archive' : 'oci'

    const manifest = manifestOf(path, '--name', 'single')

    expect(manifest).toEqual(space.bytes('skopeo', ['inspect', '--raw', `${form}:${path}:single`]))
  })
})

describe.runIf(mayUseRoot)('containerd', () => {
  let containerd: Containerd

  beforeAll(async () => {
    containerd = await startContainerd(space)
  })

  afterAll(() => containerd.stop())

  it('unpacks an image whose layers are not compressed', () => {
    const name = `${served.host}/app/single:v1`

    containerd.ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', name)

    expect(containerd.ctr('images', 'ls', `name==${name}`).toString()).toContain(sha256(manifestOf('saved.tar')))
  })
})
