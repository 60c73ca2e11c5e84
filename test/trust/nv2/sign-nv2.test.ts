import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { DOCKER_MANIFEST } from '../../../src/oci/media-types.js'
import { libtrustKeyId } from '../../../src/trust/nv2/key-id.js'
import type { Nv2Key } from '../../../src/trust/nv2/nv2.js'
import { nv2Key, nv2KeyOfSigner } from '../../../src/trust/nv2/nv2-key.js'
import { openNv2 } from '../../../src/trust/nv2/open-nv2.js'
import { signNv2 } from '../../../src/trust/nv2/sign-nv2.js'
import { mintChain, NOW, signerOf } from '../../support/keys.js'
import { newKey, registrar } from '../../support/nv2.js'

const TARGET = { mediaType: DOCKER_MANIFEST, digest: digestOf(new Uint8Array([1])), size: 1 }
const HOST = 'registry.example.com'

function opened(token: string) {
  return openNv2(new TextEncoder().encode(token))
}

describe('a JWT that is made here', () => {
  test.each([
    ['rsa2048', 'RS256'],
    ['P-256', 'ES256'],
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
  ] as const)('is signed with %s by %s', async (kind, algorithm) => {
    const { leaf, key } = await registrar(HOST, { kind })
    const references = [`${HOST}/app:v1`, `${HOST}/app:latest`]

    const token = await signNv2(TARGET, nv2Key(key, [leaf.certificate]), { references, at: NOW })

    const { claims, signedBy, ...rest } = opened(token)
    expect(rest.algorithm).toBe(algorithm)
    expect(claims).toEqual({ target: TARGET, references, issuedAt: NOW })
    expect(signedBy.kind).toBe('x5c')
  })

  test('says from when to when it counts if it ends', async () => {
    const { key } = await registrar(HOST)
    const expiry = new Date(NOW.getTime() + 3600_000)

    const { claims } = opened(await signNv2(TARGET, nv2Key(key), { references: [], at: NOW, expiry }))

    expect(claims).toMatchObject({ issuedAt: NOW, notBefore: NOW, expiry })
  })

  test('names its key by its id where there is no certificate', async () => {
    const { privateKey, publicKey } = newKey('rsa3072')

    const { signedBy } = opened(await signNv2(TARGET, nv2Key(privateKey), { references: [`${HOST}/a:b`], at: NOW }))

    expect(signedBy).toEqual({ kind: 'kid', keyId: libtrustKeyId(publicKey) })
  })

  test('can come from whoever shows raw signatures of an elliptic key', async () => {
    const key = nv2KeyOfSigner(signerOf(await mintChain(HOST)))

    const { signedBy } = opened(await signNv2(TARGET, key, { references: [`${HOST}/app:v1`], at: NOW }))

    expect(signedBy.kind === 'x5c' && signedBy.chain).toHaveLength(3)
  })

  test('claims no names of a registry that the certificate does not cover', async () => {
    const { leaf, key } = await registrar(HOST)

    const signing = signNv2(TARGET, nv2Key(key, [leaf.certificate]), { references: ['evil.com/app:v1'], at: NOW })

    await expect(signing).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('does not end before it begins', async () => {
    const signing = signNv2(TARGET, nv2Key(newKey('P-256').privateKey), { references: [], at: NOW, expiry: NOW })

    await expect(signing).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('never leaves with a signature that does not verify', async () => {
    const honest = nv2Key(newKey('P-256').privateKey)
    const liar: Nv2Key = { ...honest, publicKey: honest.publicKey, sign: async () => new Uint8Array(64).fill(1) }

    const signing = signNv2(TARGET, liar, { references: [], at: NOW })

    await expect(signing).rejects.toMatchObject({ code: 'ERR_KEY_UNUSABLE' })
  })
})

describe('a key', () => {
  test.each(['rsa1024', 'secp256k1', 'ed25519'] as const)('of the kind %s makes none', (kind) => {
    const { privateKey } = newKey(kind)

    expect(() => nv2Key(privateKey)).toThrow(expect.objectContaining({ code: 'ERR_KEY_UNUSABLE' }))
  })

  test('must be the one of its certificate', async () => {
    const { leaf } = await registrar(HOST)
    const { privateKey } = newKey('P-256')

    expect(() => nv2Key(privateKey, [leaf.certificate])).toThrow(expect.objectContaining({ code: 'ERR_KEY_UNUSABLE' }))
  })

  test('is not shown', async () => {
    const { inspect } = await import('node:util')
    const key = nv2Key(newKey('P-256').privateKey)

    expect(inspect(key)).toBe('[nv2 key ES256]')
    expect(JSON.stringify(key)).not.toMatch(/"d"/)
  })
})
