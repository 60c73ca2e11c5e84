import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KeyWords, parseKeySpec } from '../../src/keys/key-spec.js'
import { openKey } from '../../src/keys/open-key.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import { algorithmOfKey } from '../../src/trust/key/algorithms.js'
import type { OpenSigner } from '../../src/trust/key/signer.js'
import { caExtensions, leafExtensions, mint } from '../support/keys.js'
import { type KeyKind, makeChain, type OpensslChain } from '../support/peers/openssl.js'
import { openSoftToken, type SoftToken } from '../support/peers/softhsm.js'
import { openWorkspace, type Workspace } from '../support/peers/workspace.js'

let space: Workspace
let before: string | undefined

beforeAll(async () => {
  space = await openWorkspace()
  // The library finds its tokens by the environment, which the process that loads it takes over.
  before = process.env['SOFTHSM2_CONF']
  process.env['SOFTHSM2_CONF'] = space.path('softhsm2.conf')
})

afterAll(async () => {
  if (before === undefined) delete process.env['SOFTHSM2_CONF']
  else process.env['SOFTHSM2_CONF'] = before
  await space.remove()
})

const KINDS: readonly (readonly [KeyKind, string])[] = [
  ['RSA 2048', 'PS256'],
  ['RSA 3072', 'PS384'],
  ['RSA 4096', 'PS512'],
  ['EC P-256', 'ES256'],
  ['EC P-384', 'ES384'],
  ['EC P-521', 'ES512'],
]

async function open(words: KeyWords, given: { readonly tokenTimeoutMs?: number } = {}): Promise<OpenSigner> {
  const spec = parseKeySpec(words)
  if (spec.kind === 'plugin' || spec.kind === 'notation') throw new Error(spec.kind)
  return await openKey(spec, { readFile, now: new Date(), signal: new AbortController().signal, ...given })
}

async function openAndClose(words: KeyWords): Promise<void> {
  await (await open(words)).close()
}

/** Signs in both formats, as `sign` does, which opens what it made. */
async function signs(signer: OpenSigner): Promise<void> {
  const signingTime = new Date()
  for (const type of [ENVELOPE_JWS, ENVELOPE_COSE] as const) {
    const envelope = await sealEnvelope(Buffer.from('{}'), signer, { type, signingTime, agent: 'test' })
    expect((await openEnvelope(envelope, type)).algorithm).toBe(signer.algorithm)
  }
  await signer.close()
}

const UNUSABLE = { code: 'ERR_KEY_UNUSABLE' }

describe('a key on a SoftHSM token', () => {
  let token: SoftToken
  let pin: string
  let stray: OpensslChain

  beforeAll(async () => {
    token = await openSoftToken(space, 'release keys')
    pin = await space.write('pin', `${token.pin}\n`)
    stray = await makeChain(space, 'stray')
    await token.add('stray', stray, { id: 'aa', certificates: 0 })
  })

  it.each(KINDS)('signs with %s', async (kind, algorithm) => {
    const id = `0${KINDS.findIndex(([one]) => one === kind) + 1}`
    const name = kind.replaceAll(' ', '-')
    await token.add(name, await makeChain(space, name, { kind }), { id })

    const byName = await open({ key: token.uri(`;object=${name};type=private`, `&pin-source=file:${pin}`) })
    const byId = await open({ key: token.uri(`;id=%${id}`), passwordFile: pin })

    expect(byName.algorithm).toBe(algorithm)
    expect(byId.chain.map(({ thumbprint }) => thumbprint)).toEqual(byName.chain.map(({ thumbprint }) => thumbprint))
    await signs(byName)
    await signs(byId)
  })

  it('signs with a certificate that is in a file', async () => {
    const words = { key: token.uri(';object=stray'), passwordFile: pin }

    await signs(await open({ ...words, cert: stray.chain }))
    await expect(openAndClose(words)).rejects.toMatchObject(UNUSABLE)
  })

  it('takes what the token lacks of the chain from the file', async () => {
    const chain = await makeChain(space, 'half')
    await token.add('half', chain, { id: 'ab', certificates: 1 })
    const words = { key: token.uri(';object=half'), passwordFile: pin }

    await signs(await open({ ...words, cert: chain.chain }))
    await expect(openAndClose(words)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  })

  it.each([
    ['never leaves the token', 'inside', 'c1', ['--sensitive']],
    ['wants the PIN for every signature', 'always', 'c2', ['--always-auth']],
  ] as const)('signs where it %s', async (_, name, id, options) => {
    const publicKey = createPublicKey({ key: token.generate(name, id, options), format: 'der', type: 'spki' })
    const valid = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) }
    const root = await mint({ name: `${name} root`, extensions: caExtensions(), ...valid })
    const leaf = await mint({ name, publicKey, extensions: leafExtensions(), ...valid }, root)
    const cert = await space.write(`${name}.crt`, leaf.pem + root.pem)

    const signer = await open({ key: token.uri(`;object=${name}`), cert, passwordFile: pin })

    expect(signer.algorithm).toBe(algorithmOfKey(publicKey))
    await signs(signer)
  })

  it('is refused where it belongs to another certificate', async () => {
    const { chain } = await makeChain(space, 'foreign')
    const rsa = await makeChain(space, 'foreign-rsa', { kind: 'RSA 2048' })

    for (const cert of [chain, rsa.chain]) {
      const words = { key: token.uri(';object=stray'), cert, passwordFile: pin }
      await expect(openAndClose(words)).rejects.toMatchObject(UNUSABLE)
    }
  })

  it('is refused with a wrong PIN, and the PIN is tried once', async () => {
    const wrong = await space.write('wrong', '654321')

    const attempt = openAndClose({ key: token.uri(';object=stray'), cert: stray.chain, passwordFile: wrong })

    await expect(attempt).rejects.toMatchObject(UNUSABLE)
    await expect(attempt).rejects.toThrow(/CKR_PIN_INCORRECT.*not tried again/)
    await expect(attempt).rejects.not.toThrow(/654321/)
  })

  it('is refused where nobody has a PIN', async () => {
    await expect(openAndClose({ key: token.uri(';object=stray'), cert: stray.chain })).rejects.toMatchObject(UNUSABLE)
  })

  it('is refused where the URI does not name exactly one, and says what there is', async () => {
    const words = { cert: stray.chain, passwordFile: pin }

    await expect(openAndClose({ ...words, key: token.uri(';object=none') })).rejects.toThrow(/stray \(id aa\)/)
    await expect(openAndClose({ ...words, key: token.uri('') })).rejects.toThrow(/more than one private key.*stray/)
    const elsewhere = token.uri('').replace(/token=[^;?]*/, 'token=none')
    await expect(openAndClose({ ...words, key: elsewhere })).rejects.toThrow(/release keys \(serial/)
  })

  it('is refused where the module is no module', async () => {
    const words = { cert: stray.chain, passwordFile: pin }
    const { module } = token
    const noModule = await space.write('module.so', 'no library')

    for (const path of [space.path('none.so'), noModule, process.execPath]) {
      const key = token.uri('').replace(module, path)
      await expect(openAndClose({ ...words, key })).rejects.toMatchObject(UNUSABLE)
    }
  })

  it('is refused in time where the module hangs while it is loaded', async () => {
    const fifo = space.path('hangs.so')
    space.text('mkfifo', [fifo])

    const attempt = open(
      { key: token.uri('').replace(token.module, fifo), cert: stray.chain, passwordFile: pin },
      { tokenTimeoutMs: 2000 },
    )

    await expect(attempt).rejects.toThrow(/did not answer within 2 seconds/)
  })
})

describe('a PKCS#12 file by openssl', () => {
  const password = 'correct horse'
  const export12 = async (name: string, chain: OpensslChain, options: readonly string[] = []) => {
    const what = ['-inkey', chain.key, '-in', chain.chain, '-out', space.path(name), '-passout', `pass:${password}`]
    space.text('openssl', ['pkcs12', '-export', ...what, ...options])
    return { key: space.path(name), passwordFile: await space.write('p12-password', password) }
  }

  it.each(KINDS)('signs with %s', async (kind, algorithm) => {
    const words = await export12(`${kind}.p12`, await makeChain(space, `p12-${kind.replaceAll(' ', '-')}`, { kind }))

    const signer = await open(words)

    expect(signer.algorithm).toBe(algorithm)
    await signs(signer)
  })

  it.each([
    ['with AES-128', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC']],
    ['with the certificates in the open', ['-certpbe', 'NONE']],
    ['with the key in the open', ['-keypbe', 'NONE']],
    ['with many rounds', ['-iter', '200000', '-macalg', 'sha512']],
    ['with a name', ['-name', 'release', '-caname', 'root']],
  ])('is opened %s', async (_, options) => {
    await signs(await open(await export12('variant.p12', await makeChain(space, 'variant'), options)))
  })

  it.each([
    ['of old', ['-legacy']],
    ['with triple DES for its key', ['-keypbe', 'PBE-SHA1-3DES']],
    ['with triple DES for its certificates', ['-certpbe', 'PBE-SHA1-3DES']],
  ])('is refused %s, with a word on how to convert it', async (_, options) => {
    const words = await export12('legacy.p12', await makeChain(space, 'legacy'), options)

    await expect(open(words)).rejects.toMatchObject(UNUSABLE)
    await expect(open(words)).rejects.toThrow(/openssl pkcs12 -legacy/)
  })

  it('is converted as the refusal says', async () => {
    const old = await export12('old.p12', await makeChain(space, 'old'), ['-legacy'])
    const both = space.path('both.pem')
    const [input, output] = [`file:${old.passwordFile}`, `pass:${password}`]
    space.text('openssl', ['pkcs12', '-legacy', '-in', old.key, '-out', both, '-passin', input, '-passout', output])
    const again = ['-passin', output, '-passout', output]
    space.text('openssl', ['pkcs12', '-export', '-in', both, '-out', space.path('new.p12'), ...again])

    await signs(await open({ ...old, key: space.path('new.p12') }))
  })

  it('is refused without an integrity code, with a wrong password, or without a password', async () => {
    const chain = await makeChain(space, 'refused')
    const { key, passwordFile } = await export12('refused.p12', chain)
    const wrong = await space.write('p12-wrong', `${password}!`)

    await expect(open({ key, passwordFile: wrong })).rejects.toThrow(/password/)
    await expect(open({ key })).rejects.toMatchObject(UNUSABLE)
    await expect(open(await export12('nomac.p12', chain, ['-nomac']))).rejects.toMatchObject(UNUSABLE)
    await expect(open({ key, passwordFile })).resolves.toBeDefined()
  })
})

describe('an encrypted PEM key by openssl', () => {
  it.each([
    ['as it writes by itself', ['pkcs8', '-topk8']],
    ['with scrypt', ['pkcs8', '-topk8', '-scrypt']],
    ['in the traditional form', ['ec', '-aes256']],
  ])('signs, %s', async (_, command) => {
    const { key, chain } = await makeChain(space, 'encrypted')
    const passwordFile = await space.write('pem-password', 'pässwörd')
    const encrypted = space.path('encrypted.pem')
    space.text('openssl', [...command, '-in', key, '-out', encrypted, '-passout', `file:${passwordFile}`])

    await signs(await open({ key: encrypted, cert: chain, passwordFile }))
  })
})
