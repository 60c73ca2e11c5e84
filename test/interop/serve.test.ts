import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { discover, holdings, parseJson, readManifest, sha256 } from '../support/peers/compare.js'
import { type Containerd, startContainerd } from '../support/peers/containerd.js'
import { type Notation, openNotation } from '../support/peers/notation.js'
import { makeChain } from '../support/peers/openssl.js'
import { mayUseRoot } from '../support/peers/privilege.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { makeLayout, publishRelease, type Release } from '../support/peers/release.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace
let served: RunningRegistry
let notation: Notation
let release: Release
let host: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  const chain = await makeChain(space, 'publisher')
  notation = await openNotation(space, { name: 'publisher', signer: chain, roots: [chain.ca] })
  served = await startRegistryPeer(space, 'waybill')
  host = served.host
  release = await publishRelease(space, host, notation)
})

afterAll(async () => {
  await served.stop()
  await space.remove()
})

describe('waybill serve', () => {
  it('gives skopeo back what skopeo pushed', () => {
    const pair = `docker://${host}/app/pair:v1`

    space.text('skopeo', ['--insecure-policy', 'copy', '--all', '--src-tls-verify=false', pair, 'oci:pulled:pair'])
    const { digest } = parseJson<{ readonly digest: string }>(
      space.text('skopeo', ['inspect', '--format', '{"digest":"{{.Digest}}"}', 'oci:pulled:pair']),
    )

    expect(digest).toBe(release.pair.index)
  })

  it('lists tags for skopeo, crane, oras and regctl alike', () => {
    const repository = `${host}/app/pair`
    const lines = (text: string) => text.split('\n').sort()
    const expected = ['v1', release.cosignTag].sort()

    const bySkopeo = space.text('skopeo', ['list-tags', '--tls-verify=false', `docker://${repository}`])
    const byRegctl = space.text('regctl', ['tag', 'ls', '--host', `reg=${host},tls=disabled`, repository])

    expect([...parseJson<{ readonly Tags: readonly string[] }>(bySkopeo).Tags].sort()).toEqual(expected)
    expect(lines(space.text('crane', ['ls', '--insecure', repository]))).toEqual(expected)
    expect(lines(space.text('oras', ['repo', 'tags', '--plain-http', repository]))).toEqual(expected)
    expect(lines(byRegctl)).toEqual(expected)
  })

  it('takes an image from crane, and gives it back', async () => {
    space.text('crane', ['pull', '--insecure', '--format', 'oci', `${host}/app/single:v1`, 'craned'])

    space.text('crane', ['push', '--insecure', 'craned', `${host}/craned/single:v1`])
    const digest = space.text('crane', ['digest', '--insecure', `${host}/craned/single:v1`])
    const valid = space.run('crane', ['validate', '--insecure', '--remote', `${host}/craned/single:v1`])

    expect(digest).toBe(space.text('crane', ['digest', '--insecure', `${host}/app/single:v1`]))
    expect(valid).toMatchObject({ status: 0 })
  })

  it('lets crane copy, tag, append to and delete images', () => {
    const copied = `${host}/craned/pair`
    space.text('crane', ['copy', '--insecure', `${host}/app/pair:v1`, `${copied}:v1`])
    space.text('crane', ['tag', '--insecure', `${copied}:v1`, 'again'])
    space.text('tar', ['-cf', 'more.tar', 'hello.txt'])
    const more = ['--insecure', '--base', `${host}/app/single:v1`, '--new_layer', 'more.tar']
    space.text('crane', ['append', ...more, '--new_tag', `${copied}:more`])

    const digest = space.text('crane', ['digest', '--insecure', `${copied}:again`])
    space.text('crane', ['delete', '--insecure', `${copied}@${digest}`])

    expect(digest).toBe(release.pair.index)
    expect(space.text('crane', ['ls', '--insecure', copied])).toBe('more')
    expect(space.run('crane', ['validate', '--insecure', '--remote', `${copied}:more`]).status).toBe(0)
  })

  it('lists for oras what oras attached, also by type', () => {
    const subject = `${host}/app/pair@${release.pair.index}`

    const everything = discover(space, subject)
    const filter = ['--artifact-type', 'application/spdx+json', '--format', 'json']
    const filtered = space.text('oras', ['discover', '--plain-http', ...filter, subject])

    expect(everything.map(({ artifactType }) => artifactType).sort()).toEqual([
      'application/spdx+json',
      'application/vnd.cncf.notary.signature',
    ])
    const { referrers } = parseJson<{ readonly referrers: readonly { readonly digest: string }[] }>(filtered)
    expect(referrers.map(({ digest }) => digest)).toEqual([release.pair.sbom])
  })

  it('gives oras the files of an artifact', async () => {
    await mkdir(space.path('files'))

    space.text('oras', ['pull', '--plain-http', '--no-tty', '--output', space.path('files'), `${host}/app/files:2.0`])

    expect(space.text('cat', [space.path('files', 'config.txt')])).toBe('verbose = true')
    expect(space.text('cat', [space.path('files', 'table.csv')])).toBe('a,b\n1,2')
  })

  it('lets oras copy an image with everything that hangs on it', () => {
    const to = `${host}/orased/pair`

    space.text('oras', [
      'cp',
      '-r',
      '--from-plain-http',
      '--to-plain-http',
      '--no-tty',
      `${host}/app/pair:v1`,
      `${to}:v1`,
    ])

    expect(holdings(space, to, ['v1'])).toEqual(holdings(space, `${host}/app/pair`, ['v1']))
  })

  it('lets regctl see the tree of referrers, and copy it', () => {
    const to = `${host}/regctled/pair`
    const plain = ['--host', `reg=${host},tls=disabled`]

    const tree = space.text('regctl', ['artifact', 'tree', ...plain, `${host}/app/pair:v1`])
    space.text('regctl', ['image', 'copy', ...plain, '--referrers', '--digest-tags', `${host}/app/pair:v1`, `${to}:v1`])

    expect(tree).toContain(release.pair.sbom)
    expect(holdings(space, to, ['v1', release.cosignTag])).toEqual(
      holdings(space, `${host}/app/pair`, ['v1', release.cosignTag]),
    )
  })

  it.each(['index', 'child', 'sbom'] as const)('has the signature that notation put on the %s', (which) => {
    const { status } = notation.verify(`${host}/app/pair@${release.pair[which]}`)

    expect(status).toBe(0)
  })

  it('takes a second signature beside the first', async () => {
    const chain = await makeChain(space, 'second')
    const second = await openNotation(space, { name: 'second', signer: chain, roots: [chain.ca] })
    const reference = `${host}/orased/pair@${release.pair.index}`

    second.sign(reference, 'cose')

    expect(second.verify(reference).status).toBe(0)
    expect(notation.verify(reference).status).toBe(0)
  })

  describe.skipIf(!mayUseRoot)('for containerd', () => {
    let containerd: Containerd

    beforeAll(async () => {
      containerd = await startContainerd(space)
    })

    afterAll(() => containerd?.stop())

    it.each(['app/single:v1', 'app/pair:v1'])('is where %s is pulled from', (name) => {
      containerd.ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', `${host}/${name}`)

      const listed = containerd.ctr('images', 'check', '--snapshotter', 'native', `name==${host}/${name}`).toString()
      expect(listed).toMatch(/ complete \(.* true/)
    })

    it('takes an image that containerd pushes', () => {
      containerd.ctr('images', 'push', '--plain-http', `${host}/pushed/single:v1`, `${host}/app/single:v1`)

      const digest = sha256(space.bytes('crane', ['manifest', '--insecure', `${host}/app/single:v1`]))
      expect(sha256(readManifest(space, `${host}/pushed/single`, digest))).toBe(digest)
    })
  })
})
