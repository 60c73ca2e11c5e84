import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/limits.js'
import { openTrustFolder } from '../../../src/trust/store/trust-folder.js'
import { type MintedChain, mintChain } from '../../support/keys.js'
import { tmpFolder } from '../../support/tmp.js'
import { aStatement, policyBytes } from '../../support/trust-policies.js'

const INVALID = { code: 'ERR_TRUST_POLICY_INVALID' }
const OCI = 'trustpolicy.oci.json'
const LEGACY = 'trustpolicy.json'
const BLOB = 'trustpolicy.blob.json'

let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const dir = await tmpFolder()
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), content)
  }
  return dir
}

const policyNamed = (name: string): Buffer => policyBytes([aStatement({ name })])
const blobPolicy = policyBytes([aStatement({ name: 'blobs', registryScopes: undefined })])

describe('the policy for artifacts', () => {
  test('is trustpolicy.oci.json, with a warning about the older file that is then not read', async () => {
    const { oci } = await openTrustFolder(await folderOf({ [OCI]: policyNamed('new'), [LEGACY]: policyNamed('old') }))

    expect(oci?.statements.map(({ name }) => name)).toEqual(['new'])
    expect(oci?.warnings).toEqual([expect.stringContaining('trustpolicy.json is not read')])
  })

  test('is the older file where there is no newer one', async () => {
    const dir = await folderOf({ [LEGACY]: policyNamed('old') })

    const { oci } = await openTrustFolder(dir)

    expect(oci).toMatchObject({ path: join(dir, LEGACY), kind: 'oci', warnings: [] })
  })

  test.each([
    ['a newer one that is broken', () => Buffer.from('{')],
    ['a newer one that is empty', () => Buffer.from('')],
    ['a newer one with a mistake', () => policyBytes([])],
  ])('is not the older file where there is %s', async (_what, content) => {
    const dir = await folderOf({ [OCI]: content(), [LEGACY]: policyNamed('old') })

    await expect(openTrustFolder(dir)).rejects.toMatchObject(INVALID)
  })

  test('is nobody’s where there is no file, and where there is no folder', async () => {
    const empty = await openTrustFolder(await tmpFolder())
    const nowhere = await openTrustFolder(join(await tmpFolder(), 'nowhere'))

    expect([empty.oci, empty.blob, nowhere.oci, nowhere.blob]).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('a policy file', () => {
  test.each([OCI, LEGACY, BLOB])('called %s may be no symbolic link, and no folder', async (name) => {
    const linked = await folderOf({ real: name === BLOB ? blobPolicy : policyNamed('real') })
    await symlink(join(linked, 'real'), join(linked, name))
    const folder = await tmpFolder()
    await mkdir(join(folder, name))
    const dangling = await tmpFolder()
    await symlink('nowhere', join(dangling, name))

    for (const dir of [linked, folder, dangling]) await expect(openTrustFolder(dir)).rejects.toMatchObject(INVALID)
  })

  test('is not read beyond its limit', async () => {
    const dir = await folderOf({ [OCI]: `${policyNamed('x')}${' '.repeat(LIMITS.trustPolicyBytes)}` })

    await expect(openTrustFolder(dir)).rejects.toMatchObject(INVALID)
  })

  test('is read whoever may read it, and with a warning where everybody may write it', async () => {
    const dir = await folderOf({ [OCI]: policyNamed('x') })
    await chmod(join(dir, OCI), 0o644)
    const readable = await openTrustFolder(dir)
    await chmod(join(dir, OCI), 0o666)
    const writable = await openTrustFolder(dir)

    expect(readable.oci?.warnings).toEqual([])
    expect(writable.oci?.warnings).toEqual([expect.stringContaining('written by everybody')])
  })

  test('of a folder that is a file cannot be read', async () => {
    const dir = await folderOf({ file: '' })

    await expect(openTrustFolder(join(dir, 'file'))).rejects.toMatchObject(INVALID)
  })
})

test('the policy for blobs is a file of its own, with its own rules', async () => {
  const { oci, blob } = await openTrustFolder(await folderOf({ [BLOB]: blobPolicy }))

  expect(oci).toBeUndefined()
  expect(blob).toMatchObject({ kind: 'blob', statements: [{ name: 'blobs', scopes: [] }] })
})

describe('the stores', () => {
  test('are read when they are asked for, each once', async () => {
    const dir = await folderOf({ [OCI]: policyNamed('x'), 'truststore/x509/ca/acme/root.pem': chain.root.pem })
    const folder = await openTrustFolder(dir)

    const first = await folder.store({ type: 'ca', name: 'acme' })
    await writeFile(join(dir, 'truststore/x509/ca/acme/root.pem'), 'changed while it was used')
    const second = await folder.store({ type: 'ca', name: 'acme' })

    expect(first.map(({ thumbprint }) => thumbprint)).toEqual([chain.root.certificate.thumbprint])
    expect(second).toBe(first)
  })

  test('that do not exist are no mistake until somebody asks for them', async () => {
    const folder = await openTrustFolder(await folderOf({ [OCI]: policyNamed('x') }))

    await expect(folder.store({ type: 'ca', name: 'acme' })).rejects.toMatchObject({ code: 'ERR_TRUST_STORE_INVALID' })
  })

  test('are told of where they have sub-directories, and a statement names them', async () => {
    const dir = await folderOf({
      [OCI]: policyBytes([
        aStatement(),
        aStatement({ name: 'second', registryScopes: ['reg.example/a'], trustStores: ['ca:acme', 'tsa:clock'] }),
      ]),
      'truststore/x509/ca/acme/root.pem': chain.root.pem,
      'truststore/x509/ca/acme/old/root.pem': chain.root.pem,
      'truststore/x509/ca/other/old/root.pem': chain.root.pem,
    })

    const { oci, store } = await openTrustFolder(dir)

    expect(oci?.warnings).toEqual([expect.stringContaining('ca:acme: the sub-directory old')])
    expect(await store({ type: 'ca', name: 'acme' })).toHaveLength(1)
  })
})
