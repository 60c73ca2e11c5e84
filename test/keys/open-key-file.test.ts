import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { FileKeySpec } from '../../src/keys/key-spec.js'
import { openKey } from '../../src/keys/open-key.js'
import { verifyRaw } from '../../src/trust/key/raw-signature.js'
import { leafExtensions, type Minted, type MintedChain, mint, mintChain, NOW, privateKeyOf } from '../support/keys.js'
import { makePkcs12 } from '../support/pkcs12.js'
import { CALL } from '../support/tmp.js'

let chain: MintedChain
let rsa: { readonly key: KeyObject; readonly leaf: Minted }

beforeAll(async () => {
  chain = await mintChain()
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  rsa = { key: privateKey, leaf: await mint({ name: 'rsa', publicKey, extensions: leafExtensions() }, chain.root) }
})

const UNUSABLE = expect.objectContaining({ code: 'ERR_KEY_UNUSABLE' })
const PASSWORD = 'correct horse'

/** Opens the file `key` of these files; `cert` and `password` are others. */
function open(files: Readonly<Record<string, string | Uint8Array>>, given: { readonly asked?: () => string } = {}) {
  const spec: FileKeySpec = {
    kind: 'file',
    path: 'key',
    ...(files['cert'] === undefined ? {} : { cert: 'cert' }),
    ...(files['password'] === undefined ? {} : { passwordFile: 'password' }),
  }
  const { asked } = given
  return openKey(spec, {
    readFile: async (path) => Buffer.from(files[path] ?? ''),
    now: NOW,
    ...CALL,
    ...(asked === undefined ? {} : { password: async () => asked() }),
  })
}

function encrypted(type: 'pkcs8' | 'sec1' | 'pkcs1', key: KeyObject = privateKeyOf(chain.leaf)): string {
  const how = { format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD } as const
  return key.export({ type: type as 'pkcs8', ...how }).toString()
}

function pkcs12(recipe: Partial<Parameters<typeof makePkcs12>[0]> = {}): Promise<Uint8Array> {
  return makePkcs12({
    keys: [privateKeyOf(chain.leaf)],
    certificates: chain.certificates.map(({ der }) => der).toReversed(),
    password: PASSWORD,
    ...recipe,
  })
}

describe('a PEM key', () => {
  test('opens with its chain, and signs', async () => {
    const signer = await open({ key: chain.leaf.keyPem, cert: chain.chainPem })

    const toBeSigned = Buffer.from('x')
    const signature = await signer.sign(toBeSigned, {})
    await signer.close()

    expect(verifyRaw(chain.leaf.certificate.publicKey, 'ES256', { toBeSigned, signature })).toBe(true)
  })

  test.each(['pkcs8', 'sec1'] as const)('opens with its password, encrypted as %s', async (type) => {
    const signer = await open({ key: encrypted(type), cert: chain.chainPem, password: `${PASSWORD}\n` })

    expect(signer.algorithm).toBe('ES256')
  })

  test('opens with its password, encrypted as pkcs1', async () => {
    const cert = rsa.leaf.pem + chain.root.pem
    const signer = await open({ key: encrypted('pkcs1', rsa.key), cert, password: PASSWORD })

    expect(signer.algorithm).toBe('PS256')
  })

  test('asks for a password only where it is encrypted', async () => {
    const asked: string[] = []
    const ask = () => {
      asked.push('asked')
      return PASSWORD
    }

    await open({ key: chain.leaf.keyPem, cert: chain.chainPem }, { asked: ask })
    await open({ key: encrypted('pkcs8'), cert: chain.chainPem }, { asked: ask })

    expect(asked).toEqual(['asked'])
  })

  test.each(['pkcs8', 'sec1'] as const)('is refused with a wrong password or none, encrypted as %s', async (type) => {
    const files = { key: encrypted(type), cert: chain.chainPem }

    await expect(open(files)).rejects.toEqual(UNUSABLE)
    for (const password of ['correct horsf', '', 'x']) {
      await expect(open({ ...files, password })).rejects.toEqual(UNUSABLE)
    }
  })

  test('is refused where the password file holds more than one line', async () => {
    const files = { key: encrypted('pkcs8'), cert: chain.chainPem, password: `${PASSWORD}\nmore\n` }

    await expect(open(files)).rejects.toEqual(UNUSABLE)
  })

  test('is refused without a certificate', async () => {
    await expect(open({ key: chain.leaf.keyPem })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test.each(['pkcs8', 'sec1'] as const)('is refused as DER, with how to convert it: %s', async (type) => {
    const key = privateKeyOf(chain.leaf).export({ type, format: 'der' })

    await expect(open({ key, cert: chain.chainPem })).rejects.toMatchObject({
      code: 'ERR_KEY_UNUSABLE',
      message: expect.stringContaining('openssl pkey -inform DER'),
    })
  })

  test('is refused with a certificate file that holds none, which is named', async () => {
    await expect(open({ key: chain.leaf.keyPem, cert: 'no certificate' })).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringContaining('the signing certificate file cert '),
    })
  })
})

describe('a PKCS#12 file', () => {
  test('opens, and its chain is put in order', async () => {
    const signer = await open({ key: await pkcs12(), password: PASSWORD })

    expect(signer.chain.map(({ subject }) => subject)).toEqual(chain.certificates.map(({ subject }) => subject))
    expect((await signer.sign(Buffer.from('x'), {})).byteLength).toBe(64)
  })

  test('opens with an RSA key', async () => {
    const certificates = [chain.root.certificate.der, rsa.leaf.certificate.der]

    const signer = await open({ key: await pkcs12({ keys: [rsa.key], certificates }), password: PASSWORD })

    expect(signer.algorithm).toBe('PS256')
  })

  test.each(['', 'pässwörd', '密碼', '🔑'])('opens with the password %j', async (password) => {
    await expect(open({ key: await pkcs12({ password }), password })).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  test('leaves out certificates that are not of its chain', async () => {
    const other = await mintChain('Other')
    const certificates = [...other.certificates, ...chain.certificates].map(({ der }) => der)

    const signer = await open({ key: await pkcs12({ certificates }), password: PASSWORD })

    expect(signer.chain).toHaveLength(3)
  })

  test('takes what its chain lacks from the certificate file', async () => {
    const certificates = [chain.leaf.certificate.der, chain.intermediate.certificate.der]
    const key = await pkcs12({ certificates })

    await expect(open({ key, password: PASSWORD })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
    await expect(open({ key, password: PASSWORD, cert: chain.root.pem })).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  test('is refused with a wrong password, and asks for none where it could not be read anyway', async () => {
    const never = () => {
      throw new Error('asked for a password')
    }

    await expect(open({ key: await pkcs12(), password: 'wrong' })).rejects.toEqual(UNUSABLE)
    for (const recipe of [
      { certificateEncryption: '1.2.840.113549.1.12.1.6' },
      { certificateEncryption: '1.2.840.113549.1.12.1.3' },
      { certificateEncryption: '1.2.3.4' },
      { withoutMac: true },
    ]) {
      await expect(open({ key: await pkcs12(recipe) }, { asked: never })).rejects.toEqual(UNUSABLE)
    }
  })

  test('says how to convert an old one', async () => {
    const key = await pkcs12({ certificateEncryption: '1.2.840.113549.1.12.1.6' })

    await expect(open({ key })).rejects.toThrow(/openssl pkcs12 -legacy/)
  })

  test('is refused where it asks for too much work, or for less than none', async () => {
    const key = await pkcs12({ rounds: 70_000 })
    const asked = Buffer.from([2, 3, 1, 0x11, 0x70]) // 70,000 as a DER integer
    const places = [...key.keys()].filter((at) => asked.equals(key.subarray(at, at + asked.byteLength)))

    // Of the certificates, of the key, and of the integrity code over both.
    expect(places).toHaveLength(3)
    for (const at of places) {
      for (const rounds of [0x7f, 0xff]) {
        const changed = Buffer.from(key)
        changed.set([2, 3, rounds, 0xff, 0xff], at)
        await expect(open({ key: changed, password: PASSWORD })).rejects.toEqual(UNUSABLE)
      }
    }
  })

  test('is refused with two keys, no key, or the certificate of another', async () => {
    const keys = [privateKeyOf(chain.leaf), privateKeyOf(chain.root)]

    await expect(open({ key: await pkcs12({ keys }), password: PASSWORD })).rejects.toEqual(UNUSABLE)
    await expect(open({ key: await pkcs12({ keys: [] }), password: PASSWORD })).rejects.toEqual(UNUSABLE)
    await expect(open({ key: await pkcs12({ keys: [rsa.key] }), password: PASSWORD })).rejects.toEqual(UNUSABLE)
  })

  test('is refused wherever it is damaged', async () => {
    const key = await pkcs12()

    for (const at of [20, 60, key.byteLength >> 1, key.byteLength - 40]) {
      const damaged = Buffer.from(key)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      await expect(open({ key: damaged, password: PASSWORD })).rejects.toEqual(UNUSABLE)
    }
    await expect(open({ key: key.subarray(0, -1), password: PASSWORD })).rejects.toEqual(UNUSABLE)
    await expect(open({ key: key.subarray(0, 99), password: PASSWORD })).rejects.toEqual(UNUSABLE)
  })
})
