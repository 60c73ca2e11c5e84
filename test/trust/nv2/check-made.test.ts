import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { DOCKER_MANIFEST } from '../../../src/oci/media-types.js'
import { KeyUsageFlags, KeyUsagesExtension } from '../../../src/trust/certificate/x509.js'
import { checkMadeNv2 } from '../../../src/trust/nv2/check-made.js'
import { nv2Key } from '../../../src/trust/nv2/nv2-key.js'
import { signNv2 } from '../../../src/trust/nv2/sign-nv2.js'
import { mint, mintChain, NOW, privateKeyOf } from '../../support/keys.js'
import { newKey, registrar } from '../../support/nv2.js'

const TARGET = { mediaType: DOCKER_MANIFEST, digest: digestOf(new Uint8Array([1])), size: 1 }
const HOST = 'registry.example.com'
const GIVEN = { target: TARGET, now: NOW }
const CERTIFICATE = { code: 'ERR_CONFIG_INVALID' }

async function made(key: Parameters<typeof signNv2>[1], expiry?: Date): Promise<Uint8Array> {
  const given = { references: [`${HOST}/app:v1`], at: NOW, ...(expiry === undefined ? {} : { expiry }) }
  return new TextEncoder().encode(await signNv2(TARGET, key, given))
}

describe('a JWT that was made here', () => {
  test('is given out where a stranger would take it, with its whole chain and with its leaf alone', async () => {
    const { leaf, root, key } = await registrar(HOST)

    const whole = await checkMadeNv2(await made(nv2Key(key, [leaf.certificate, root.certificate])), GIVEN)
    const alone = await checkMadeNv2(await made(nv2Key(key, [leaf.certificate])), GIVEN)

    expect([whole, alone].map(({ claims }) => claims.target)).toEqual([TARGET, TARGET])
  })

  test('is given out where only a key id says who signed it', async () => {
    await expect(checkMadeNv2(await made(nv2Key(newKey('P-256').privateKey)), GIVEN)).resolves.toBeDefined()
  })

  test('is kept back where its certificate has expired', async () => {
    const { leaf, root } = await mintChain(HOST)
    const key = nv2Key(privateKeyOf(leaf), [leaf.certificate])
    const now = new Date(root.certificate.notAfter.getTime() + 1000)

    await expect(checkMadeNv2(await made(key), { ...GIVEN, now })).rejects.toMatchObject(CERTIFICATE)
  })

  test('is kept back where its certificate is not one for signatures', async () => {
    const { privateKey, publicKey } = newKey('rsa2048')
    const extensions = [new KeyUsagesExtension(KeyUsageFlags.keyEncipherment, true)]
    const { certificate } = await mint({ name: HOST, publicKey, extensions })

    await expect(checkMadeNv2(await made(nv2Key(privateKey, [certificate])), GIVEN)).rejects.toMatchObject(CERTIFICATE)
  })

  test('is kept back where it has expired already', async () => {
    const expiry = new Date(NOW.getTime() + 60_000)
    const now = new Date(NOW.getTime() + 60_000)
    const token = await made(nv2Key(newKey('P-256').privateKey), expiry)

    await expect(checkMadeNv2(token, { ...GIVEN, now })).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' })
  })
})
