import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../support/peers/compare.js'
import { openNotation } from '../support/peers/notation.js'
import { CERTIFICATE_AUTHORITY, type KeyKind, makeChain, makeKey } from '../support/peers/openssl.js'
import { makeLayout } from '../support/peers/release.js'
import { initKeys, type SigningFiles, waybill, waybillJson } from '../support/peers/waybill.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace
let source: string

beforeAll(async () => {
  space = await openWorkspace()
  source = `oci:${await makeLayout(space)}:pair`
})

afterAll(() => space.remove())

/** Exports, and unpacks the bundle into a folder. */
async function exportAndUnpack(name: string, signer: readonly string[]) {
  const bundle = space.path(`${name}.tar`)
  const { waybill: digest } = waybillJson(space, 'waybill.export.v1', ['export', source, '--output', bundle, ...signer])
  const folder = space.path(`${name}-unpacked`)
  await mkdir(folder)
  space.text('tar', ['-xf', bundle, '-C', folder])
  return { bundle, digest, folder }
}

describe('a bundle signed with keys that waybill made', () => {
  let keys: SigningFiles

  beforeAll(() => {
    keys = initKeys(space)
  })

  it('is accepted by notation once it is unpacked', async () => {
    const notation = await openNotation(space, { name: 'importer', roots: [keys.ca] })
    const { digest, folder } = await exportAndUnpack('own', keys.signer)

    const { status, stdout } = notation.verifyLayout(folder, digest)

    expect(stdout.toString()).toContain('Successfully verified signature')
    expect(status).toBe(0)
  })

  it('is refused by notation and by waybill where another root is trusted', async () => {
    const stranger = await makeChain(space, 'stranger')
    const notation = await openNotation(space, { name: 'elsewhere', roots: [stranger.ca] })
    const { bundle, digest, folder } = await exportAndUnpack('foreign', keys.signer)
    waybillJson(space, 'waybill.trust.v1', ['trust', 'add', stranger.ca, '--store', 'strangers'])

    expect(notation.verifyLayout(folder, digest).status).not.toBe(0)
    expect(waybill(space, ['verify', bundle, '--store', 'strangers']).status).toBe(5)
  })

  it.each(['payload', 'signature'] as const)('is refused by notation where the %s was altered', async (member) => {
    const notation = await openNotation(space, { name: `altered-${member}`, roots: [keys.ca] })
    const { digest, folder } = await exportAndUnpack(`altered-${member}`, keys.signer)
    await alterEnvelope(folder, member)

    const { status, stderr } = notation.verifyLayout(folder, digest)

    expect(stderr).toContain('signature verification failed for all the signatures')
    expect(status).not.toBe(0)
  })
})

/** Alters the signature as one who may write to the medium can: every digest above it is made right again. */
async function alterEnvelope(folder: string, member: 'payload' | 'signature'): Promise<void> {
  const blob = (digest: string) => `${folder}/blobs/${digest.replace(':', '/')}`
  const put = async (value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value))
    await writeFile(blob(sha256(bytes)), bytes)
    return { digest: sha256(bytes), size: bytes.byteLength }
  }
  const index = JSON.parse(await readFile(`${folder}/index.json`, 'utf8'))
  const entry = index.manifests.find(
    (one: { readonly artifactType?: string }) => one.artifactType === 'application/vnd.cncf.notary.signature',
  )
  const manifest = JSON.parse(await readFile(blob(entry.digest), 'utf8'))
  const envelope = JSON.parse(await readFile(blob(manifest.layers[0].digest), 'utf8'))
  const text: string = envelope[member]
  const other = text[20] === 'A' ? 'B' : 'A'
  Object.assign(manifest.layers[0], await put({ ...envelope, [member]: text.slice(0, 20) + other + text.slice(21) }))
  await rm(blob(entry.digest))
  Object.assign(entry, await put(manifest))
  await writeFile(`${folder}/index.json`, JSON.stringify(index))
}

const GOOD: readonly KeyKind[] = ['RSA 2048', 'RSA 3072', 'RSA 4096', 'EC P-256', 'EC P-384', 'EC P-521']

describe.each(GOOD)('a bundle signed with openssl’s %s key', (kind) => {
  it('is verified by waybill, and by notation once it is unpacked', async () => {
    const name = kind.toLowerCase().replace(' ', '-')
    const { ca, key, chain } = await makeChain(space, name, { kind })
    const notation = await openNotation(space, { name, roots: [ca] })
    waybillJson(space, 'waybill.trust.v1', ['trust', 'add', ca, '--store', name])

    const { bundle, digest, folder } = await exportAndUnpack(name, ['--key', key, '--cert', chain])

    expect(waybillJson(space, 'waybill.verify.v1', ['verify', bundle, '--store', name]).verdict).toBe('verified')
    expect(notation.verifyLayout(folder, digest).stdout.toString()).toContain('Successfully verified signature')
  })
})

describe('a signing key that no verifier would accept', () => {
  const attempt = (name: string, key: string, chain: string) => {
    const args = ['export', source, '--output', space.path(`${name}.tar`), '--key', key, '--cert', chain, '--json']
    const { status, stdout } = waybill(space, args)
    return { status, code: JSON.parse(stdout.toString()).code }
  }
  const REFUSED = { status: 2, code: 'ERR_CONFIG_INVALID' }

  it('is refused where it is too short', async () => {
    const { key, chain } = await makeChain(space, 'short', { kind: 'RSA 1024' })

    expect(attempt('short', key, chain)).toEqual(REFUSED)
  })

  it('is refused where its certificate has expired', async () => {
    const { key, chain } = await makeChain(space, 'expired', { expired: true })

    expect(attempt('expired', key, chain)).toEqual(REFUSED)
  })

  it('is refused where its certificate is that of an authority', async () => {
    const { key, chain } = await makeChain(space, 'authority', { leafExtensions: CERTIFICATE_AUTHORITY })

    expect(attempt('authority', key, chain)).toEqual(REFUSED)
  })

  it('is refused where its certificate is for web servers', async () => {
    const leafExtensions = [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature',
      'extendedKeyUsage=serverAuth',
    ]
    const { key, chain } = await makeChain(space, 'server', { leafExtensions })

    expect(attempt('server', key, chain)).toEqual(REFUSED)
  })

  it('is refused where it belongs to another certificate', async () => {
    const { chain } = await makeChain(space, 'mismatch')
    makeKey(space, 'EC P-256', space.path('other.key'))

    expect(attempt('mismatch', space.path('other.key'), chain)).toEqual({ status: 2, code: 'ERR_KEY_UNUSABLE' })
  })

  it('is refused where the chain does not reach its root', async () => {
    const { key } = await makeChain(space, 'rootless')

    expect(attempt('rootless', key, space.path('rootless-leaf.crt'))).toEqual(REFUSED)
  })
})
