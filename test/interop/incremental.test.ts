import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseJson, sha256 } from '../support/peers/compare.js'
import { type RunningRegistry, startRegistryPeer } from '../support/peers/registries.js'
import { copyIn } from '../support/peers/release.js'
import { initKeys, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const BASE = 8 * 1024 * 1024

let space: Workspace
let source: RunningRegistry
let signer: readonly string[]
let full: string
let increment: string

beforeAll(async () => {
  space = await openWorkspace()
  source = await startRegistryPeer(space, 'olareg')
  signer = initKeys(space).signer
  space.text('umoci', ['init', '--layout', 'layout'])
  space.text('umoci', ['new', '--image', 'layout:app'])
  await insert('base.bin', randomBytes(BASE))
  await insert('app.txt', 'version one\n')
  copyIn(space, 'app', `${source.host}/team/app:v1`)
  await insert('app.txt', 'version two\n')
  copyIn(space, 'app', `${source.host}/team/app:v2`)
  full = exported('v1', 'full.tar', [])
  increment = exported('v2', 'increment.tar', ['--assume', full])
})

afterAll(async () => {
  await source.stop()
  await space.remove()
})

async function insert(name: string, bytes: string | Uint8Array): Promise<void> {
  await space.write(name, bytes)
  space.text('umoci', ['insert', '--image', 'layout:app', '--rootless', name, `/${name}`])
}

function exported(tag: string, name: string, given: readonly string[]): string {
  const path = space.path(name)
  const words = ['export', `${source.host}/team/app:${tag}`, '--output', path, ...given, ...signer]
  waybillJson(space, 'waybill.export.v1', words)
  return path
}

function imported(path: string, to: string) {
  return waybillJson(space, 'waybill.import.v1', ['import', path, '--to', to])
}

describe.each(['docker-registry', 'olareg'] as const)('an incremental bundle at %s', (name) => {
  let target: RunningRegistry

  beforeAll(async () => {
    target = await startRegistryPeer(space, name)
  })

  afterAll(() => target.stop())

  it('is refused by name where the target has nothing, and nothing is written', () => {
    const { status, stdout } = waybill(space, ['import', increment, '--to', target.host])

    expect(stdout.toString()).toContain('ERR_BASE_MISSING')
    expect(status).toBe(4)
    // Some registries know a repository that nothing is in.
    const listed = space.run('skopeo', ['list-tags', '--tls-verify=false', `docker://${target.host}/team/app`])
    const tags = listed.status === 0 ? parseJson<{ readonly Tags: readonly string[] }>(listed.stdout).Tags : []
    expect(tags).toEqual([])
  })

  it('is a small file, and gives the same image where the target has the rest', async () => {
    imported(full, target.host)

    const { blobs } = imported(increment, target.host)

    expect((await stat(increment)).size).toBeLessThan((await stat(full)).size / 50)
    expect(blobs.copied).toBe(2)
    const there = `${target.host}/team/app:v2`
    expect(rawOf(there)).toBe(rawOf(`${source.host}/team/app:v2`))
    const folder = `dir:${space.path(`pulled-${name}`)}`
    space.text('skopeo', ['--insecure-policy', 'copy', '--src-tls-verify=false', `docker://${there}`, folder])
  })

  it('takes content from where the earlier bundle went', () => {
    imported(full, `${target.host}/mirror`)
    copyIn(space, 'app', `${source.host}/team/other:v2`)
    const path = space.path(`other-${name}.tar`)
    const words = ['export', `${source.host}/team/other:v2`, '--output', path, '--assume', full, ...signer]
    waybillJson(space, 'waybill.export.v1', words)

    const { blobs } = imported(path, `${target.host}/mirror`)

    expect(blobs.copied + blobs.mounted).toBe(4)
    expect(rawOf(`${target.host}/mirror/team/other:v2`)).toBe(rawOf(`${source.host}/team/app:v2`))
  })
})

describe('an incremental bundle in other tools', () => {
  it('has all manifests, for oras and skopeo', () => {
    const there = space.bytes('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${source.host}/team/app:v2`,
    ])
    const bytes = space.bytes('oras', ['manifest', 'fetch', '--oci-layout', `${increment}@${sha256(there)}`])
    const raw = space.bytes('skopeo', ['inspect', '--raw', `oci-archive:${increment}:${source.host}/team/app:v2`])

    expect(bytes).toEqual(there)
    expect(raw).toEqual(bytes)
  })

  it('is not copied by skopeo: it says which blob is missing', () => {
    const folder = `dir:${space.path('from-increment')}`
    const words = ['--insecure-policy', 'copy', `oci-archive:${increment}:${source.host}/team/app:v2`, folder]
    const { status, stderr } = space.run('skopeo', words)

    expect(status).not.toBe(0)
    expect(stderr).toMatch(/blobs\/sha256\/[0-9a-f]{64}/)
  })
})

function rawOf(reference: string): string {
  return space.text('skopeo', ['inspect', '--tls-verify=false', '--raw', `docker://${reference}`])
}
