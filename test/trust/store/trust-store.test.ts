import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  addToTrustStore,
  readTrustStore,
  trustStoreFolder,
  trustStoreWarnings,
} from '../../../src/trust/store/trust-store.js'
import { caExtensions, leafExtensions, type Minted, type MintedChain, mint, mintChain } from '../../support/keys.js'
import { tmpFolder } from '../../support/tmp.js'

const STORE = { type: 'ca', name: 'exporters' } as const
const INVALID = { code: 'ERR_TRUST_STORE_INVALID' }
let chain: MintedChain
let alone: Minted

beforeAll(async () => {
  chain = await mintChain()
  alone = await mint({ name: 'alone', extensions: leafExtensions() })
})

/** A configuration folder whose store has these files. */
async function storeOf(files: Record<string, string | Uint8Array>): Promise<{ config: string; folder: string }> {
  const config = await tmpFolder()
  const folder = join(config, 'truststore/x509/ca/exporters')
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return { config, folder }
}

describe('reading', () => {
  test('gives every certificate once, from PEM and DER files, in the order of their names', async () => {
    const { config } = await storeOf({
      'b.crt': chain.root.certificate.der,
      'a.pem': alone.pem + chain.intermediate.pem,
      'c.cer': chain.root.pem,
    })

    const found = await readTrustStore(config, STORE)

    const expected = [alone, chain.intermediate, chain.root].map(({ certificate }) => certificate.thumbprint)
    expect(found.map(({ thumbprint }) => thumbprint)).toEqual(expected)
  })

  test('does not look into sub-directories', async () => {
    const { config, folder } = await storeOf({ 'a.pem': chain.root.pem })
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'sub', 'other.pem'), alone.pem)

    expect(await readTrustStore(config, STORE)).toHaveLength(1)
    expect(await trustStoreWarnings(config, STORE)).toEqual([expect.stringContaining('sub is not looked at')])
  })

  test('has nothing odd to tell of a store without sub-directories, and of none at all', async () => {
    const { config } = await storeOf({ 'a.pem': chain.root.pem })

    expect(await trustStoreWarnings(config, STORE)).toEqual([])
    expect(await trustStoreWarnings(config, { type: 'tsa', name: 'none' })).toEqual([])
  })

  test('refuses a pipe among the certificates, without waiting for it', async () => {
    const { config, folder } = await storeOf({ 'a.pem': chain.root.pem })
    execFileSync('mkfifo', [join(folder, 'b.pem')])

    await expect(readTrustStore(config, STORE)).rejects.toMatchObject(INVALID)
  })

  test('keeps the types of stores apart, whatever they are called', async () => {
    const { config } = await storeOf({ 'a.pem': chain.root.pem })

    await expect(readTrustStore(config, { ...STORE, type: 'signingAuthority' })).rejects.toMatchObject(INVALID)
    await expect(readTrustStore(config, { ...STORE, type: 'tsa' })).rejects.toMatchObject(INVALID)
  })

  test('refuses a store that does not exist, and one that is empty', async () => {
    const { config } = await storeOf({})

    await expect(readTrustStore(config, STORE)).rejects.toMatchObject(INVALID)
    await expect(readTrustStore(config, { type: 'ca', name: 'other' })).rejects.toMatchObject(INVALID)
  })

  test.each([
    ['a certificate that is neither a CA nor self-signed', () => chain.leaf.pem],
    ['such a one behind a root', () => chain.root.pem + chain.leaf.pem],
    ['a private key', () => chain.root.keyPem],
    ['a private key behind a root', () => chain.root.pem + chain.root.keyPem],
    ['something else', () => 'hello'],
    ['nothing', () => ''],
    ['half a certificate', () => chain.root.pem.slice(0, 200)],
    ['more bytes than any certificate file', () => chain.root.pem + '#'.repeat(1024 * 1024)],
  ])('refuses a store with a file that holds %s, however good the others are', async (_what, content) => {
    const { config } = await storeOf({ 'a.pem': chain.root.pem, invalid: content() })

    await expect(readTrustStore(config, STORE)).rejects.toMatchObject(INVALID)
  })

  test('refuses a symbolic link to a certificate, and one to a store', async () => {
    const real = await storeOf({ 'a.pem': chain.root.pem })
    const { config, folder } = await storeOf({ 'a.pem': chain.root.pem })
    await symlink(join(real.folder, 'a.pem'), join(folder, 'link.pem'))
    await symlink(real.folder, join(config, 'truststore/x509/ca/linked'))

    await expect(readTrustStore(config, STORE)).rejects.toMatchObject(INVALID)
    await expect(readTrustStore(config, { type: 'ca', name: 'linked' })).rejects.toMatchObject(INVALID)
  })

  test.each(['', '.', '..', 'a/b', '../ca/exporters', 'a b', 'a\0', 'é', 'a'.repeat(256)])(
    'refuses the store name %j',
    async (name) => {
      await expect(readTrustStore('/nowhere', { type: 'ca', name })).rejects.toMatchObject({ code: 'ERR_USAGE' })
    },
  )
})

describe('adding', () => {
  const given = { store: STORE, fileName: 'ca.crt' }

  test('writes a root where reading finds it, for everyone to read', async () => {
    const config = await tmpFolder()

    const added = await addToTrustStore(config, Buffer.from(chain.root.pem), given)

    expect(added.path).toBe(join(trustStoreFolder(config, STORE), 'ca.crt'))
    expect((await stat(added.path ?? '')).mode & 0o133).toBe(0)
    expect((await readTrustStore(config, STORE)).map(({ subject }) => subject)).toEqual([
      chain.root.certificate.subject,
    ])
  })

  test('says that it had nothing to do where the store has the root already, in whatever file', async () => {
    const config = await tmpFolder()
    await addToTrustStore(config, Buffer.from(chain.root.pem), given)

    const again = await addToTrustStore(config, chain.root.certificate.der, { ...given, fileName: 'other.cer' })

    expect(again.path).toBeUndefined()
    expect(again.certificates).toHaveLength(1)
    expect(await readdir(trustStoreFolder(config, STORE))).toEqual(['ca.crt'])
  })

  test('keeps two roots that are both called ca.crt', async () => {
    const config = await tmpFolder()
    const other = await mint({ name: 'other root', extensions: caExtensions() })
    await addToTrustStore(config, Buffer.from(chain.root.pem), given)
    const before = await readFile(join(trustStoreFolder(config, STORE), 'ca.crt'), 'utf8')

    await addToTrustStore(config, Buffer.from(other.pem), given)

    expect(await readTrustStore(config, STORE)).toHaveLength(2)
    expect(await readFile(join(trustStoreFolder(config, STORE), 'ca.crt'), 'utf8')).toBe(before)
  })

  test('writes DER as PEM, and leaves out the text around certificates', async () => {
    const config = await tmpFolder()
    const text = `issuer=nobody\n${chain.root.pem}`

    const added = await addToTrustStore(config, Buffer.from(text), { ...given, fileName: 'root.der' })

    expect(added.path).toMatch(/root\.crt$/)
    expect(await readFile(added.path ?? '', 'utf8')).toBe(chain.root.pem)
  })

  test('takes a signing certificate that is its own root', async () => {
    const config = await tmpFolder()

    await addToTrustStore(config, Buffer.from(alone.pem), given)

    expect(await readTrustStore(config, STORE)).toHaveLength(1)
  })

  test('writes only into the store, whatever the file is called', async () => {
    const config = await tmpFolder()

    const added = await addToTrustStore(config, Buffer.from(chain.root.pem), {
      ...given,
      fileName: '../../\u001b[2J é.pem',
    })

    expect(await readdir(trustStoreFolder(config, STORE))).toHaveLength(1)
    expect(added.path).toMatch(/exporters\/[a-zA-Z0-9_-]+\.crt$/)
  })

  test.each([
    ['a leaf', () => chain.leaf.pem],
    ['an intermediate', () => chain.intermediate.pem],
    ['a chain with its root', () => chain.chainPem],
    ['a private key', () => chain.root.keyPem],
    ['a private key behind a root', () => chain.root.pem + chain.root.keyPem],
    [
      'a request for a certificate',
      () => '-----BEGIN CERTIFICATE REQUEST-----\nYQ==\n-----END CERTIFICATE REQUEST-----\n',
    ],
    ['nothing', () => ''],
  ])('refuses a file with %s, and writes nothing', async (_what, content) => {
    const config = await tmpFolder()

    const adding = addToTrustStore(config, Buffer.from(content()), given)

    await expect(adding).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
    expect(await readdir(config)).toEqual([])
  })

  test('refuses a self-signed certificate that may neither issue nor sign', async () => {
    const config = await tmpFolder()
    const useless = await mint({ name: 'tls server' })

    const adding = addToTrustStore(config, Buffer.from(useless.pem), given)

    await expect(adding).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  })

  test('refuses to add to a store that is damaged or a symbolic link', async () => {
    const { config } = await storeOf({ bad: 'x' })
    await symlink(await tmpFolder(), join(config, 'truststore/x509/ca/linked'))

    for (const name of ['exporters', 'linked']) {
      const store = { type: 'ca', name } as const
      const adding = addToTrustStore(config, Buffer.from(chain.root.pem), { ...given, store })
      await expect(adding).rejects.toMatchObject(INVALID)
    }
  })

  test('writes a root of a timestamp authority into a store of that type', async () => {
    const config = await tmpFolder()
    const store = { type: 'tsa', name: 'clock' } as const

    const added = await addToTrustStore(config, Buffer.from(chain.root.pem), { ...given, store })

    expect(added.path).toBe(join(config, 'truststore/x509/tsa/clock/ca.crt'))
    expect(await readTrustStore(config, store)).toHaveLength(1)
  })

  test('refuses a signing certificate of its own as the root of a timestamp authority', async () => {
    const store = { type: 'tsa', name: 'clock' } as const

    const adding = addToTrustStore(await tmpFolder(), Buffer.from(alone.pem), { ...given, store })

    await expect(adding).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  })

  test('says so where the folder cannot be made', async () => {
    const config = join(await tmpFolder(), 'file')
    await writeFile(config, '')

    const adding = addToTrustStore(config, Buffer.from(chain.root.pem), given)

    await expect(adding).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })
})
