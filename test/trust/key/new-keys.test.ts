import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { parsePemCertificates } from '../../../src/trust/certificate/certificate.js'
import { ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../../src/trust/envelope/seal.js'
import { makeSigningKeys } from '../../../src/trust/key/new-keys.js'
import { loadSigner } from '../../../src/trust/key/signer.js'
import { NOW } from '../../support/keys.js'

const DAY_MS = 24 * 60 * 60 * 1000

test('makes keys that sign at once, and that a verifier accepts', async () => {
  const keys = await makeSigningKeys({ name: 'acme-release', now: NOW })

  const signer = loadSigner(keys.signingKeyPem, keys.chainPem, NOW)
  const envelope = await sealEnvelope(Buffer.from('x'), signer, { type: ENVELOPE_JWS, signingTime: NOW, agent: 'test' })

  await expect(openEnvelope(envelope, ENVELOPE_JWS)).resolves.toMatchObject({ algorithm: 'ES256' })
})

test('makes a root for ten years that issues nothing but the signing certificate, which lasts three', async () => {
  const keys = await makeSigningKeys({ name: 'acme', now: NOW })

  const [leaf, root, ...more] = parsePemCertificates(keys.chainPem, 'chain', 'ERR_CONFIG_INVALID')
  const [ca] = parsePemCertificates(keys.caCertPem, 'ca', 'ERR_CONFIG_INVALID')
  expect(more).toEqual([])
  expect(ca?.thumbprint).toBe(root?.thumbprint)
  expect(keys.rootThumbprint).toBe(root?.thumbprint)
  expect(root?.basicConstraints).toEqual({ ca: true, pathLength: 0, critical: true })
  expect(leaf?.basicConstraints).toMatchObject({ ca: false })
  expect(leaf?.extendedKeyUsage?.usages).toEqual(['1.3.6.1.5.5.7.3.3'])
  expect(root?.notAfter.getTime()).toBe(NOW.getTime() + 3650 * DAY_MS)
  expect(leaf?.notAfter.getTime()).toBe(NOW.getTime() + 1095 * DAY_MS)
  expect(leaf?.notBefore.getTime()).toBeLessThan(NOW.getTime())
})

test('writes the subject that a trust policy can name', async () => {
  const keys = await makeSigningKeys({ name: 'Acme Release', now: NOW })

  const native = new X509Certificate(keys.chainPem)
  expect(native.subject).toBe('C=ZZ\nST=-\nO=Acme Release\nCN=Acme Release')
  expect(native.issuer).toBe('C=ZZ\nST=-\nO=Acme Release\nCN=Acme Release root')
  expect(native.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/)
})

test('makes other keys, serials and roots each time', async () => {
  const [one, two] = await Promise.all([1, 2].map(() => makeSigningKeys({ name: 'acme', now: NOW })))

  expect(one?.signingKeyPem).not.toBe(two?.signingKeyPem)
  expect(one?.rootThumbprint).not.toBe(two?.rootThumbprint)
})

test('takes names of other scripts', async () => {
  const keys = await makeSigningKeys({ name: 'Müller 東京', now: NOW })

  expect(new X509Certificate(keys.caCertPem).subject).toContain('O=Müller 東京')
})

test.each(['', ' acme', 'acme ', '#3003', 'a,CN=b', 'a/b', 'a=b', 'a+b', 'a\nb', 'a\u202eb', 'a'.repeat(51)])(
  'refuses the name %j',
  async (name) => {
    await expect(makeSigningKeys({ name, now: NOW })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  },
)
