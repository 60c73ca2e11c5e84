import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openPluginKey } from '../../src/plugin/open-plugin-key.js'
import type { OpenPluginGiven } from '../../src/plugin/plugin-key.js'
import { encodeBase64 } from '../../src/trust/base64.js'
import { verifyRaw } from '../../src/trust/key/raw-signature.js'
import type { OpenSigner } from '../../src/trust/key/signer.js'
import { leafExtensions, type MintedChain, mint, mintChain, NOW } from '../support/keys.js'
import { base64Chain, installPlugin, type PluginRecipe } from '../support/plugins.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const FAILED = expect.objectContaining({ code: 'ERR_PLUGIN_FAILED' })

let chain: MintedChain
let other: MintedChain
let folder: string

beforeAll(async () => {
  chain = await mintChain()
  other = await mintChain('Other')
})

beforeEach(async () => {
  folder = await tmpFolder()
})

async function open(recipe: PluginRecipe = {}, given: Partial<OpenPluginGiven> = {}): Promise<OpenSigner> {
  await installPlugin(folder, 'vault', { minted: chain, ...recipe })
  const key = { name: 'vault', keyId: 'release', config: { region: 'here' } }
  const signer = await openPluginKey(key, { folder, now: NOW, environment: {}, timeoutMs: 20_000, ...CALL, ...given })
  if ('sealPayload' in signer) throw new Error('makes envelopes')
  return signer
}

describe('a plugin that makes raw signatures', () => {
  test('signs, and its chain is known before anything is signed', async () => {
    const signer = await open()
    const toBeSigned = Buffer.from('x')

    const signature = await signer.sign(toBeSigned, {})
    await signer.close()

    expect(signer.algorithm).toBe('ES256')
    expect(signer.chain.map(({ thumbprint }) => thumbprint)).toEqual(
      chain.certificates.map(({ thumbprint }) => thumbprint),
    )
    expect(verifyRaw(chain.leaf.certificate.publicKey, 'ES256', { toBeSigned, signature })).toBe(true)
  })

  test.each([
    ['RSA-2048', 'PS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['RSA-3072', 'PS384', () => generateKeyPairSync('rsa', { modulusLength: 3072 })],
    ['RSA-4096', 'PS512', () => generateKeyPairSync('rsa', { modulusLength: 4096 })],
    ['EC-384', 'ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['EC-521', 'ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ])('signs with a key of %s', async (keySpec, algorithm, generate) => {
    const pair = generate()

    const signer = await open({ keySpec, ...(await recipeOf(pair)) })

    expect(signer.algorithm).toBe(algorithm)
    await expect(signer.sign(Buffer.from('x'), {})).resolves.toBeInstanceOf(Uint8Array)
  })

  test('is asked for its chain by a signature only where the chain is not given', async () => {
    const log = join(folder, 'log')

    await open({ log }, { chain: chain.certificates })
    const given = await readFile(log, 'utf8')
    await open({ log })
    const asked = (await readFile(log, 'utf8')).slice(given.length)

    expect(given.split('\n')).toEqual(['get-plugin-metadata', 'describe-key', ''])
    expect(asked.split('\n')).toEqual(['get-plugin-metadata', 'describe-key', 'generate-signature', ''])
  })

  test('is told the key, what to sign with, and its configuration', async () => {
    const log = join(folder, 'log')
    const signer = await open({ log, behaviour: { 'generate-signature': 'logs' } }, { chain: chain.certificates })

    await signer.sign(Buffer.from('what is signed'), {})

    const [request = ''] = (await readFile(log, 'utf8')).split('\n').filter((line) => line.startsWith('{'))
    expect(JSON.parse(request)).toEqual({
      contractVersion: '1.0',
      keyId: 'release',
      keySpec: 'EC-256',
      hashAlgorithm: 'SHA-256',
      payload: Buffer.from('what is signed').toString('base64'),
      pluginConfig: { region: 'here' },
    })
  })

  test('shows nothing but its subject when it is printed', async () => {
    const signer = await open()

    for (const text of [String(signer), JSON.stringify(signer), inspect(signer, { depth: 9, showHidden: true })]) {
      expect(text).toMatch(/^"?\[signer C=ZZ, ST=-, O=Waybill tests, CN=Acme\]"?$/)
    }
  })
})

describe('a plugin that lies', () => {
  test.each<readonly [string, () => PluginRecipe | Promise<PluginRecipe>]>([
    ['describes another key', () => ({ answers: { 'describe-key': { keyId: 'another' } } })],
    ['describes no key', () => ({ answers: { 'describe-key': { keySpec: '' } } })],
    ['has a key that nobody may sign with', () => ({ keySpec: 'RSA-1024' })],
    ['has a name that objects have', () => ({ keySpec: 'constructor' })],
    ['describes a larger key than it has', () => ({ keySpec: 'EC-384' })],
    ['signs with another key than the chain’s', () => ({ key: other.leaf.keyPem })],
    ['signs with the key of the root', () => ({ key: chain.root.keyPem })],
    ['answers the chain of another', () => ({ chain: base64Chain(other) })],
    ['answers for another key', () => ({ answers: { 'generate-signature': { keyId: 'another' } } })],
    ['answers another algorithm', () => ({ answers: { 'generate-signature': { signingAlgorithm: 'ECDSA-SHA-384' } } })],
    ['answers no algorithm', () => ({ answers: { 'generate-signature': { signingAlgorithm: null } } })],
    ['answers no signature', () => ({ answers: { 'generate-signature': { signature: '' } } })],
    ['answers a signature that is not base64', () => ({ answers: { 'generate-signature': { signature: '_-_-' } } })],
    ['answers another signature', () => ({ answers: { 'generate-signature': { signature: 'AAAA' } } })],
    ['answers no chain', () => ({ chain: [] })],
    ['answers a chain without a root', () => ({ chain: base64Chain(chain).slice(0, 2) })],
    ['answers a chain from root to leaf', () => ({ chain: base64Chain(chain).toReversed() })],
    ['answers a chain that is none', () => ({ chain: ['AAAA'] })],
    ['answers an endless chain', () => ({ chain: Array<string>(200).fill(base64Chain(chain)[0] ?? '') })],
    ['has a weak key', async () => weakKey()],
    ['has a certificate that is for web servers', async () => unfitLeaf()],
  ])('is refused where it %s', async (_, recipe) => {
    await expect(open(await recipe())).rejects.toEqual(FAILED)
  })

  test('is refused where it changes its chain from one signature to the next', async () => {
    const signer = await open({}, { chain: other.certificates })

    await expect(signer.sign(Buffer.from('x'), {})).rejects.toEqual(FAILED)
  })

  test('is refused where its chain has expired', async () => {
    await expect(open({}, { now: new Date('2030-01-01T00:00:00Z') })).rejects.toEqual(FAILED)
  })
})

async function recipeOf({ publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }) {
  const leaf = await mint({ name: 'leaf', publicKey, extensions: leafExtensions() }, chain.root)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chain: [leaf, chain.root].map(({ certificate }) => encodeBase64(certificate.der)),
  }
}

async function weakKey(): Promise<PluginRecipe> {
  return { keySpec: 'RSA-2048', ...(await recipeOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))) }
}

async function unfitLeaf(): Promise<PluginRecipe> {
  const leaf = await mint({ name: 'leaf' }, chain.root)
  return { key: leaf.keyPem, chain: [leaf, chain.root].map(({ certificate }) => encodeBase64(certificate.der)) }
}
