import { createHmac, sign as cryptoSign } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { describe as describeBytes } from '../../../src/oci/descriptor.js'
import { ENVELOPE_JWS } from '../../../src/trust/envelope/envelope.js'
import { jwsHeader } from '../../../src/trust/envelope/jws-header.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import { sealEnvelope } from '../../../src/trust/envelope/seal.js'
import type { Signer } from '../../../src/trust/key/signer.js'
import { formatPayload } from '../../../src/trust/payload.js'
import {
  caExtensions,
  leafExtensions,
  type MintedChain,
  mint,
  mintChain,
  NOW,
  privateKeyOf,
  signerOf,
} from '../../support/keys.js'

const PAYLOAD = formatPayload(describeBytes('application/vnd.oci.image.manifest.v1+json', Buffer.from('content')))
const AGENT = 'waybill/0.0.0-test'
const REFUSED = { code: 'ERR_SIGNATURE_INVALID' }
let chain: MintedChain
let signer: Signer
let envelope: Uint8Array

beforeAll(async () => {
  chain = await mintChain()
  signer = signerOf(chain)
  envelope = await sealEnvelope(PAYLOAD, signer, { type: ENVELOPE_JWS, signingTime: NOW, agent: AGENT })
})

const open = (bytes: Uint8Array) => openEnvelope(bytes, ENVELOPE_JWS)

interface Forgery {
  /** over the protected header, before it is signed */
  readonly header?: object
  /** the protected header as text, before it is signed */
  readonly headerText?: (text: string) => string
  readonly x5c?: readonly string[]
  readonly sign?: (input: Buffer) => Buffer
  /** over the four members, afterwards */
  readonly members?: object
  readonly payload?: Uint8Array
}

/** An envelope made by somebody who has the key of `from`, and does with it what the format forbids. */
function forge(change: Forgery, from = chain): Buffer {
  const text = JSON.stringify({ ...jwsHeader('ES256', { signingTime: NOW }), ...change.header })
  const head = Buffer.from(change.headerText?.(text) ?? text).toString('base64url')
  const payload = Buffer.from(change.payload ?? PAYLOAD).toString('base64url')
  const input = Buffer.from(`${head}.${payload}`)
  const key = privateKeyOf(from.leaf)
  const signature = change.sign?.(input) ?? cryptoSign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
  const x5c = change.x5c ?? from.certificates.map(({ der }) => Buffer.from(der).toString('base64'))
  const members = { payload, protected: head, header: { x5c }, signature: signature.toString('base64url') }
  return Buffer.from(JSON.stringify({ ...members, ...change.members }))
}

function members(): Record<'payload' | 'protected' | 'signature', string> & { header: { x5c: string[] } } {
  return JSON.parse(Buffer.from(envelope).toString())
}

describe('a good envelope', () => {
  test('gives back payload, chain, times and algorithm', async () => {
    const expiry = new Date('2026-12-01T00:00:00Z')
    const signed = await sealEnvelope(PAYLOAD, signer, { type: ENVELOPE_JWS, signingTime: NOW, expiry, agent: AGENT })

    const opened = await open(signed)

    expect(Buffer.from(opened.payload)).toEqual(Buffer.from(PAYLOAD))
    expect(opened.chain.map(({ thumbprint }) => thumbprint)).toEqual(
      chain.certificates.map(({ thumbprint }) => thumbprint),
    )
    expect(opened).toMatchObject({
      type: ENVELOPE_JWS,
      attributes: { scheme: 'notary.x509', signingTime: NOW, expiry, extended: [] },
      algorithm: 'ES256',
    })
  })

  test('has the members and headers of the Notary profile', () => {
    const { payload, protected: head, header, signature } = members()

    expect(Object.keys(members()).sort()).toEqual(['header', 'payload', 'protected', 'signature'])
    expect(Buffer.from(payload, 'base64url')).toEqual(Buffer.from(PAYLOAD))
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({
      alg: 'ES256',
      cty: 'application/vnd.cncf.notary.payload.v1+json',
      crit: ['io.cncf.notary.signingScheme'],
      'io.cncf.notary.signingScheme': 'notary.x509',
      'io.cncf.notary.signingTime': '2026-11-22T12:00:00Z',
    })
    expect(header).toEqual({
      x5c: chain.certificates.map(({ der }) => Buffer.from(der).toString('base64')),
      'io.cncf.notary.signingAgent': AGENT,
    })
    expect(Buffer.from(signature, 'base64url')).toHaveLength(64)
  })

  test('may be spelled with spaces, and with unprotected members that nobody knows', async () => {
    const { header, ...others } = members()
    const text = JSON.stringify({ header: { ...header, 'com.example.note': [1] }, ...others }, null, 2)

    await expect(open(Buffer.from(text))).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  test('made by hand, after the specification, opens too', async () => {
    await expect(open(forge({}))).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  test('may have a critical attribute that somebody else has to process', async () => {
    const header = { crit: ['io.cncf.notary.signingScheme', 'com.example'], 'com.example': 'x' }

    await expect(open(forge({ header }))).resolves.toMatchObject({
      attributes: { extended: [{ key: 'com.example', value: 'x', critical: true }] },
    })
  })

  test('gives the token that stands beside its signature, and none for an empty text', async () => {
    const { header, ...others } = members()
    const withToken = (token: unknown) =>
      open(
        Buffer.from(JSON.stringify({ header: { ...header, 'io.cncf.notary.timestampSignature': token }, ...others })),
      )

    await expect(withToken('MAA=')).resolves.toMatchObject({ timestampToken: Buffer.from([0x30, 0]) })
    await expect(withToken('')).resolves.not.toHaveProperty('timestampToken')
    for (const token of ['MAA', 'MA-_', 1, null, {}]) await expect(withToken(token)).rejects.toMatchObject(REFUSED)
  })
})

describe('a tampered envelope', () => {
  test('is refused at every sampled bit, or still says the same, signed by the same', async () => {
    const before = await open(envelope)
    const step = 13
    for (let at = 0; at < envelope.byteLength; at += step) {
      const changed = Uint8Array.from(envelope)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))

      const opened = await open(changed).catch((error: unknown) => error)

      if (opened instanceof Error) expect(opened).toMatchObject(REFUSED)
      else expect(opened).toEqual(before)
    }
  })

  test('is refused at every sampled length', async () => {
    for (let length = 0; length < envelope.byteLength; length += 101) {
      await expect(open(envelope.subarray(0, length))).rejects.toMatchObject(REFUSED)
    }
  })

  test('is refused with another payload, header, signature or signer', async () => {
    const other = await mintChain('Other')
    const good = members()
    const payload = Buffer.from('{"targetArtifact":{}}').toString('base64url')
    const head = Buffer.from(JSON.stringify(jwsHeader('ES256', { signingTime: new Date(0) }))).toString('base64url')
    const x5c = other.certificates.map(({ der }) => Buffer.from(der).toString('base64'))
    const zeros = Buffer.alloc(64).toString('base64url')

    for (const change of [{ payload }, { protected: head }, { header: { x5c } }, { signature: zeros }]) {
      await expect(open(Buffer.from(JSON.stringify({ ...good, ...change })))).rejects.toMatchObject(REFUSED)
    }
  })

  test('says the same sentence whichever byte of the signature differs', async () => {
    const good = members()
    const refusals = [0, 31, 63].map(async (at) => {
      const signature = Buffer.from(good.signature, 'base64url')
      signature[at] = (signature[at] ?? 0) ^ 1
      const text = JSON.stringify({ ...good, signature: signature.toString('base64url') })
      return open(Buffer.from(text)).catch((error: unknown) => String(error))
    })

    expect(new Set(await Promise.all(refusals)).size).toBe(1)
  })
})

describe('an envelope of another shape is refused', () => {
  test.each<[string, (good: ReturnType<typeof members>) => object]>([
    ['a fifth member', (good) => ({ ...good, signatures: [] })],
    ['general serialisation', ({ payload, ...one }) => ({ payload, signatures: [one] })],
    ['no payload', ({ payload: _, ...others }) => others],
    ['an empty payload', (good) => ({ ...good, payload: '' })],
    ['no protected header', ({ protected: _, ...others }) => others],
    ['no header', ({ header: _, ...others }) => others],
    ['a header that is a list', (good) => ({ ...good, header: [] })],
    ['an empty signature', (good) => ({ ...good, signature: '' })],
    ['a padded payload', (good) => ({ ...good, payload: `${good.payload}=` })],
    ['a padded signature', (good) => ({ ...good, signature: `${good.signature}==` })],
    ['a padded protected header', (good) => ({ ...good, protected: `${good.protected}=` })],
    ['a line end in the payload', (good) => ({ ...good, payload: `${good.payload}\n` })],
    ['a signature with loose bits at its end', (good) => ({ ...good, signature: loosen(good.signature) })],
    ['no chain', (good) => ({ ...good, header: {} })],
    ['an empty chain', (good) => ({ ...good, header: { x5c: [] } })],
    ['a chain that is one text', (good) => ({ ...good, header: { x5c: good.header.x5c[0] } })],
    ['a chain with a number', (good) => ({ ...good, header: { x5c: [...good.header.x5c, 1] } })],
    ['a chain in base64url', (good) => ({ ...good, header: { x5c: good.header.x5c.map(toUrl) } })],
    ['a certificate with a byte more', (good) => ({ ...good, header: { x5c: good.header.x5c.map(longer) } })],
    ['eleven certificates', (good) => ({ ...good, header: { x5c: Array(11).fill(good.header.x5c[0]) } })],
    ['a protected header again, unprotected', (good) => ({ ...good, header: { ...good.header, alg: 'ES256' } })],
    ['an unprotected b64', (good) => ({ ...good, header: { ...good.header, b64: false } })],
  ])('%s', async (_why, change) => {
    await expect(open(Buffer.from(JSON.stringify(change(members()))))).rejects.toMatchObject(REFUSED)
  })

  test.each([
    ['nothing', ''],
    ['a compact JWS', 'a.b.c'],
    ['a list', '[]'],
    ['null', 'null'],
    ['deep nesting', `{"header":${'['.repeat(5000)}`],
  ])('%s', async (_why, text) => {
    await expect(open(Buffer.from(text))).rejects.toMatchObject(REFUSED)
  })

  test('a member twice', async () => {
    const text = Buffer.from(envelope).toString()
    const twice = text.replace('{', `{"payload":"${Buffer.from('{}').toString('base64url')}",`)

    await expect(open(Buffer.from(twice))).rejects.toMatchObject(REFUSED)
  })

  test('more bytes than any envelope', async () => {
    const text = `${Buffer.from(envelope).toString()}${' '.repeat(4 * 1024 * 1024)}`

    await expect(open(Buffer.from(text))).rejects.toMatchObject(REFUSED)
  })
})

describe('an envelope that is properly signed but breaks a rule is refused', () => {
  test.each<[string, Forgery]>([
    ['a key twice in its protected header', { headerText: (text) => text.replace('{', '{"alg":"ES256",') }],
    ['a key in another case', { headerText: (text) => text.replace('{', '{"Alg":"none",') }],
    ['bytes after its protected header', { headerText: (text) => `${text} {}` }],
    ['a protected header that is a list', { headerText: (text) => `[${text}]` }],
    ['a protected header with half a surrogate', { headerText: (text) => text.replace('{', '{"x":"\\ud800",') }],
    ['b64 false', { header: { b64: false, crit: ['io.cncf.notary.signingScheme', 'b64'] } }],
    ['another content type', { header: { cty: 'application/json' } }],
    ['the algorithm none', { header: { alg: 'none' }, sign: () => Buffer.alloc(0) }],
    ['the algorithm none and some signature', { header: { alg: 'none' } }],
    ['the algorithm of another key', { header: { alg: 'ES384' } }],
    ['the algorithm RS256', { header: { alg: 'RS256' } }],
    ['the algorithm EdDSA', { header: { alg: 'EdDSA' } }],
    ['an algorithm that every object has', { header: { alg: 'constructor' } }],
    ['a signature in DER', { sign: (input) => cryptoSign('sha256', input, privateKeyOf(chain.leaf)) }],
    ['an expiry before its signing time', expired()],
  ])('%s', async (_why, change) => {
    await expect(open(forge(change))).rejects.toMatchObject(REFUSED)
  })

  test('the public key as the secret of an HMAC', async () => {
    const secret = chain.leaf.certificate.publicKey.export({ type: 'spki', format: 'pem' })
    const sign = (input: Buffer) => createHmac('sha256', secret).update(input).digest()

    await expect(open(forge({ header: { alg: 'HS256' }, sign }))).rejects.toMatchObject(REFUSED)
  })

  test('a chain that is out of order, short, or has a stranger in it', async () => {
    const [leaf = '', intermediate = '', root = ''] = members().header.x5c
    const stranger = Buffer.from((await mint({ name: 's', extensions: caExtensions() })).certificate.der).toString(
      'base64',
    )

    for (const x5c of [
      [leaf],
      [leaf, intermediate],
      [leaf, root],
      [leaf, root, intermediate],
      [root, intermediate, leaf],
      [leaf, intermediate, root, root],
      [leaf, intermediate, root, stranger],
      [leaf, leaf, intermediate, root],
    ]) {
      await expect(open(forge({ x5c }))).rejects.toMatchObject(REFUSED)
    }
  })

  test('a leaf that may not sign content', async () => {
    const leaf = await mint({ name: 'tls', extensions: leafExtensions().slice(0, 1) }, chain.intermediate)
    const certificates = [leaf, chain.intermediate, chain.root].map(({ certificate }) => certificate)

    await expect(open(forge({}, { ...chain, leaf, certificates }))).rejects.toMatchObject(REFUSED)
  })

  test('nothing but dates: an expired chain is whole, and is judged elsewhere', async () => {
    const brief = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2020-02-01T00:00:00Z') }
    const leaf = await mint({ name: 'old', extensions: leafExtensions(), ...brief }, chain.intermediate)
    const certificates = [leaf, chain.intermediate, chain.root].map(({ certificate }) => certificate)

    await expect(open(forge({}, { ...chain, leaf, certificates }))).resolves.toMatchObject({
      algorithm: 'ES256',
    })
  })
})

function expired(): Forgery {
  const times = { signingTime: NOW, expiry: new Date(NOW.getTime() - 1000) }
  return { header: jwsHeader('ES256', times) }
}

function toUrl(text: string): string {
  return Buffer.from(text, 'base64').toString('base64url')
}

function longer(text: string): string {
  return Buffer.concat([Buffer.from(text, 'base64'), Buffer.from([0])]).toString('base64')
}

/** The same bytes for a lenient decoder: the bits that do not count are set. */
function loosen(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1] ?? '')
}
