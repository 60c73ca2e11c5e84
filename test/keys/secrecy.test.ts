import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { openKey } from '../../src/keys/open-key.js'
import type { OpenSigner } from '../../src/trust/key/signer.js'
import { type MintedChain, mintChain, NOW, privateKeyOf } from '../support/keys.js'
import { makePkcs12 } from '../support/pkcs12.js'
import { CALL } from '../support/tmp.js'

const PASSWORD = 'Zebra-7741-Password'

let chain: MintedChain
/** every spelling in which the key could come out */
let secrets: readonly string[]
let files: Readonly<Record<string, string | Uint8Array>>

beforeAll(async () => {
  chain = await mintChain()
  const key = privateKeyOf(chain.leaf)
  const scalar = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  const body = chain.leaf.keyPem.split('\n').filter((line) => line !== '' && !line.startsWith('-'))
  const bytes = [...scalar].join(', ')
  secrets = [PASSWORD, bytes, scalar.toString('hex'), scalar.toString('base64'), scalar.toString('base64url'), ...body]
  const how = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD } as const
  files = {
    plain: chain.leaf.keyPem,
    encrypted: key.export(how).toString(),
    p12: await makePkcs12({
      keys: [key],
      certificates: chain.certificates.map(({ der }) => der),
      password: PASSWORD,
    }),
    chain: chain.chainPem,
    foreign: (await mintChain('Other')).chainPem,
    password: PASSWORD,
    wrong: `${PASSWORD}!`,
    twice: `${PASSWORD}\n${PASSWORD}`,
    cut: chain.leaf.keyPem.slice(0, 150),
    joined: chain.leaf.keyPem.replaceAll('\n', ''),
    two: chain.leaf.keyPem + chain.leaf.keyPem,
    damaged: chain.leaf.keyPem.replace(/[A-Z]/g, 'A'),
  }
})

function open(path: string, words: { readonly cert?: string; readonly passwordFile?: string } = {}) {
  const readFile = async (name: string) => Buffer.from(files[name] ?? '')
  return openKey({ kind: 'file', path, cert: 'chain', ...words }, { readFile, now: NOW, ...CALL })
}

/** Every way in which a value ends up in a log, on a screen or in a report about a crash. */
function printed(value: unknown): readonly string[] {
  const error = value instanceof Error ? [value.message, value.stack ?? '', String(value.cause)] : []
  return [
    ...error,
    String(value),
    `${value}`,
    JSON.stringify(value) ?? '',
    JSON.stringify({ value, list: [value] }),
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
    inspect({ value }, { depth: Number.POSITIVE_INFINITY, showHidden: true, customInspect: false, getters: true }),
    JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(value ?? {}))),
    ...Object.values(value ?? {}).map(String),
  ]
}

function expectSilence(value: unknown): void {
  for (const text of printed(value)) {
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/PRIVATE KEY-----/)
  }
}

describe('an open key', () => {
  test.each(['plain', 'encrypted', 'p12'])('does not show itself, out of a file that is %s', async (path) => {
    const signer = await open(path, { passwordFile: 'password' })
    await signer.sign(Buffer.from('x'), {})

    expectSilence(signer)
    await signer.close()
    expectSilence(signer)
  })

  test('does not show itself where it is copied or thrown', async () => {
    const signer = await open('plain')
    const copy = { ...signer, sign: signer.sign }

    expectSilence(copy)
    expectSilence(new Error(`cannot use ${signer}`, { cause: signer }))
    expect(() => structuredClone(copy)).toThrow()
  })
})

describe('what is said of a key that cannot be opened', () => {
  test.each<readonly [string, string, { readonly cert?: string; readonly passwordFile?: string }]>([
    ['the key is cut', 'cut', {}],
    ['the key has no lines', 'joined', {}],
    ['there are two keys', 'two', {}],
    ['the key is damaged', 'damaged', {}],
    ['the certificate is another’s', 'plain', { cert: 'foreign' }],
    ['the key stands for the certificate', 'plain', { cert: 'plain' }],
    ['the certificate stands for the key', 'chain', { cert: 'chain' }],
    ['the password is wrong', 'encrypted', { passwordFile: 'wrong' }],
    ['the password file has two lines', 'encrypted', { passwordFile: 'twice' }],
    ['the key stands for the password', 'encrypted', { passwordFile: 'plain' }],
    ['the password of a PKCS#12 file is wrong', 'p12', { passwordFile: 'wrong' }],
    ['the password of a PKCS#12 file has two lines', 'p12', { passwordFile: 'twice' }],
  ])('does not show it where %s', async (_, path, words) => {
    const error = await open(path, words).then(
      (signer: OpenSigner) => signer,
      (cause: unknown) => cause,
    )

    expect(error).toBeInstanceOf(Error)
    expectSilence(error)
  })
})
