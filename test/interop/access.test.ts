import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../support/peers/compare.js'
import { CERTIFICATE_AUTHORITY, makeChain } from '../support/peers/openssl.js'
import { type RunningRegistry, startDistribution, startOlareg, startPeer } from '../support/peers/registries.js'
import { makeLayout } from '../support/peers/release.js'
import { initKeys, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

const PASSWORD = 'over-the-gap'
/** of the same, by bcrypt, at its least cost */
const HASH = '$2b$04$XYTvCldF9ygwbkHOAuuIPu96khWRHKWY61qkCRKAFGGzN31Oo9mIq'
const UNAUTHORIZED = { status: 7, code: 'ERR_UNAUTHORIZED' }

let space: Workspace
let signer: readonly string[]
let bundle: string
let root: string

beforeAll(async () => {
  space = await openWorkspace()
  await makeLayout(space)
  signer = initKeys(space).signer
  bundle = space.path('bundle.tar')
  const args = ['export', 'oci:layout:pair', '--output', bundle, ...signer]
  root = waybillJson(space, 'waybill.export.v1', args).roots[0]?.digest ?? ''
})

afterAll(() => space.remove())

/** How a command ends that must not succeed. */
function failure(where: Workspace, args: readonly string[]) {
  const { status, stdout } = waybill(where, [...args, '--json'])
  return { status, code: JSON.parse(stdout.toString()).code }
}

/** Imports, exports what was imported, and gives the digest that came back. */
function thereAndBack(where: Workspace, host: string, ...options: readonly string[]) {
  const { loaded } = waybillJson(where, 'waybill.import.v1', ['import', bundle, '--to', `${host}/team`, ...options])
  const name = loaded[0]?.target ?? ''
  const again = space.path(`${host.replace(':', '-')}.tar`)
  const made = waybillJson(where, 'waybill.export.v1', ['export', name, '--output', again, ...signer, ...options])
  return made.roots[0]?.digest
}

/** Settings in a folder of their own, so that what one test logs in to is unknown to the others. */
async function fresh(name: string): Promise<Workspace> {
  const path = (part: string) => space.path(`${name}-${part}`)
  for (const part of ['docker', 'run']) await mkdir(path(part), { mode: 0o700 })
  return space.with({ DOCKER_CONFIG: path('docker'), XDG_RUNTIME_DIR: path('run'), HOME: path('docker') })
}

describe.each(['docker-registry', 'registry'] as const)('%s with passwords', (name) => {
  let registry: RunningRegistry

  beforeAll(async () => {
    const htpasswd = await space.write('htpasswd', `carrier:${HASH}\n`)
    registry = await startPeer(space, name, (where, place) => startDistribution(where, name, { ...place, htpasswd }))
  })

  afterAll(() => registry?.stop())

  it('is not written to, nor read from, without one', async () => {
    const nobody = await fresh(`${name}-nobody`)

    expect(failure(nobody, ['import', bundle, '--to', registry.host])).toEqual(UNAUTHORIZED)
    expect(failure(nobody, ['export', `${registry.host}/app:v1`, '--dry-run'])).toEqual(UNAUTHORIZED)
  })

  it('is written to, and read from, with what `oras login` left in Docker’s file', async () => {
    const carrier = await fresh(`${name}-carrier`)
    const login = ['--plain-http', '--username', 'carrier', '--password-stdin', registry.host]
    carrier.text('oras', ['login', ...login], { input: PASSWORD })

    expect(thereAndBack(carrier, registry.host)).toBe(root)
  })

  it('refuses a wrong one, which no message repeats', async () => {
    const liar = await fresh(`${name}-liar`)
    const auth = Buffer.from('carrier:not-the-password').toString('base64')
    await space.write(`${name}-liar-docker/config.json`, JSON.stringify({ auths: { [registry.host]: { auth } } }))

    const { status, stdout, stderr } = waybill(liar, ['import', bundle, '--to', registry.host])

    expect(status).toBe(7)
    for (const secret of ['not-the-password', auth]) expect(stderr + stdout.toString()).not.toContain(secret)
  })
})

describe('olareg with tokens', () => {
  let registry: RunningRegistry

  beforeAll(async () => {
    const acls = [
      { repo: '*', members: ['writers'], access: ['*'] },
      { repo: '*', members: ['readers'], access: ['read'] },
      { repo: '', members: ['writers', 'readers'], access: ['read'] },
    ]
    const groups = { writers: { members: ['carrier'] }, readers: { members: ['reader'] } }
    const users = { carrier: { cred: HASH }, reader: { cred: HASH } }
    const tokens = await space.write('users.yml', JSON.stringify({ users, groups, acls }))
    registry = await startPeer(space, 'olareg', (where, place) => startOlareg(where, { ...place, tokens }))
  })

  afterAll(() => registry?.stop())

  const login = (where: Workspace, user: string) => {
    const file = `${where.env['XDG_RUNTIME_DIR']}/containers/auth.json`
    const options = ['--tls-verify=false', '--authfile', file, '--username', user, '--password-stdin']
    where.text('skopeo', ['login', ...options, registry.host], { input: PASSWORD })
  }

  it('is not written to, nor read from, without one', async () => {
    const nobody = await fresh('tokens-nobody')

    expect(failure(nobody, ['import', bundle, '--to', registry.host])).toEqual(UNAUTHORIZED)
    expect(failure(nobody, ['export', `${registry.host}/app:v1`, '--dry-run'])).toEqual(UNAUTHORIZED)
  })

  it('is written to, and read from, with what `skopeo login` left in Podman’s file', async () => {
    const carrier = await fresh('tokens-carrier')
    login(carrier, 'carrier')

    expect(thereAndBack(carrier, registry.host)).toBe(root)
  })

  it('is not written to by one who may only read', async () => {
    const reader = await fresh('tokens-reader')
    login(reader, 'reader')

    const { status, code } = failure(reader, ['import', bundle, '--to', `${registry.host}/elsewhere`])

    expect(status).toBe(7)
    expect(['ERR_UNAUTHORIZED', 'ERR_FORBIDDEN']).toContain(code)
  })
})

describe('a registry whose certificate is from an authority of its own', () => {
  let registry: RunningRegistry
  let ca: string
  let host: string

  beforeAll(async () => {
    // An address of this machine for which plain HTTP is not the custom, as it is for 127.0.0.1.
    const leafExtensions = [
      'basicConstraints=critical,CA:FALSE',
      'extendedKeyUsage=serverAuth',
      'subjectAltName=IP:0.0.0.0',
    ]
    const made = await makeChain(space, 'tls', { leafExtensions })
    ca = made.ca
    const tls = { certificate: made.chain, key: made.key }
    registry = await startPeer(space, 'registry', (where, place) =>
      startDistribution(where, 'registry', { ...place, tls }),
    )
    host = registry.host.replace('127.0.0.1', '0.0.0.0')
  })

  afterAll(() => registry?.stop())

  it('is not spoken to without that authority', () => {
    expect(failure(space, ['import', bundle, '--to', host])).toEqual({ status: 7, code: 'ERR_SINK_UNREACHABLE' })
  })

  it('is not spoken to with another', async () => {
    const other = await makeChain(space, 'other', { leafExtensions: CERTIFICATE_AUTHORITY })

    const { status } = failure(space, ['import', bundle, '--to', host, '--ca', other.ca])

    expect(status).toBe(7)
  })

  it('is written to, and read from, with --ca', () => {
    const raw = () => {
      const where = `docker://${host}/team/layout:pair`
      return space.bytes('skopeo', ['inspect', '--raw', '--tls-verify=false', where])
    }

    expect(thereAndBack(space, host, '--ca', ca)).toBe(root)
    expect(sha256(raw())).toBe(root)
  })
})
