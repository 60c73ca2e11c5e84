import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../../src/trust/envelope/seal.js'
import { loadSigner } from '../../../src/trust/key/signer.js'
import { formatPem } from '../../../src/trust/pem.js'
import { leafExtensions, type MintedChain, mint, mintChain, NOW, privateKeyOf } from '../../support/keys.js'

let chain: MintedChain

beforeAll(async () => {
  chain = await mintChain()
})

const REFUSED = expect.objectContaining({ code: 'ERR_CONFIG_INVALID' })
const UNUSABLE = expect.objectContaining({ code: 'ERR_KEY_UNUSABLE' })

test('loads a key and its chain', () => {
  const signer = loadSigner(chain.leaf.keyPem, chain.chainPem, NOW)

  expect(signer.algorithm).toBe('ES256')
  expect(signer.chain.map(({ thumbprint }) => thumbprint)).toEqual(
    chain.certificates.map(({ thumbprint }) => thumbprint),
  )
})

test('loads the key in the older forms that openssl writes', () => {
  const sec1 = privateKeyOf(chain.leaf).export({ type: 'sec1', format: 'pem' }).toString()
  const parameters = formatPem('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex'))

  expect(loadSigner(sec1, chain.chainPem, NOW).algorithm).toBe('ES256')
  expect(loadSigner(parameters + sec1, chain.chainPem, NOW).algorithm).toBe('ES256')
})

test('loads an RSA key and signs with PSS', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const leaf = await mint({ name: 'rsa', publicKey, extensions: leafExtensions() }, chain.root)
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()

  const signer = loadSigner(key, leaf.pem + chain.root.pem, NOW)
  const envelope = await sealEnvelope(Buffer.from('x'), signer, { type: ENVELOPE_JWS, signingTime: NOW, agent: 'test' })

  await expect(openEnvelope(envelope, ENVELOPE_JWS)).resolves.toMatchObject({ algorithm: 'PS256' })
})

test('does not show the key, however it is printed', () => {
  const signer = loadSigner(chain.leaf.keyPem, chain.chainPem, NOW)
  const secret = privateKeyOf(chain.leaf).export({ format: 'jwk' }).d ?? 'none'

  const printed = [String(signer), JSON.stringify({ signer }), inspect(signer, { showHidden: true, depth: 9 })]

  for (const text of printed) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain('PRIVATE')
    expect(text).not.toMatch(/KeyObject/)
  }
})

test('refuses an encrypted key without its password, in either form', () => {
  const key = privateKeyOf(chain.leaf)
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'x', format: 'pem' } as const

  for (const type of ['pkcs8', 'sec1'] as const) {
    const encrypted = key.export({ type, ...cipher }).toString()
    expect(() => loadSigner(encrypted, chain.chainPem, NOW)).toThrow(UNUSABLE)
  }
})

test.each([
  ['nothing', () => ''],
  ['a certificate', () => chain.chainPem],
  ['a public key', () => chain.leaf.certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ['two keys', () => chain.leaf.keyPem + chain.root.keyPem],
  ['a damaged key', () => formatPem('PRIVATE KEY', Buffer.from('x'))],
  ['a cut key', () => chain.leaf.keyPem.slice(0, 100)],
  ['another key', () => chain.root.keyPem],
])('refuses a key file with %s, and does not repeat what is in it', (_what, text) => {
  const load = () => loadSigner(text(), chain.chainPem, NOW)

  expect(load).toThrow(UNUSABLE)
  expect(load).not.toThrow(chain.leaf.keyPem.split('\n')[1] ?? 'none')
})

test.each([
  ['only the leaf', () => chain.leaf.pem],
  ['no root', () => chain.leaf.pem + chain.intermediate.pem],
  ['the root first', () => chain.root.pem + chain.intermediate.pem + chain.leaf.pem],
  ['no certificate', () => ''],
  ['the key', () => chain.chainPem + chain.leaf.keyPem],
])('refuses a certificate file with %s', (_what, text) => {
  expect(() => loadSigner(chain.leaf.keyPem, text(), NOW)).toThrow(REFUSED)
})

test('refuses a certificate that is not valid yet or no more', () => {
  for (const at of ['2025-12-31T23:59:59Z', '2028-01-01T00:00:00Z']) {
    expect(() => loadSigner(chain.leaf.keyPem, chain.chainPem, new Date(at))).toThrow(REFUSED)
  }
})

test('refuses a certificate that verifiers would refuse', async () => {
  const leaf = await mint({ name: 'no usage' }, chain.root)

  expect(() => loadSigner(leaf.keyPem, leaf.pem + chain.root.pem, NOW)).toThrow(REFUSED)
})
