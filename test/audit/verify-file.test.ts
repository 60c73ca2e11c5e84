import { beforeAll, describe, expect, it } from 'vitest'
import { parseSubject, verifySignatureFile } from '../../src/audit/verify-file.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { type MintedChain, mintChain } from '../support/keys.js'
import { type ContextRecipe, contextOf, signedBy, statementOf, TARGET } from '../support/notary.js'
import { rawToken } from '../support/nv2.js'

let acme: MintedChain

beforeAll(async () => {
  acme = await mintChain('Acme')
})

const judged = (bytes: Uint8Array, context: ContextRecipe = {}) =>
  verifySignatureFile(
    { path: 'app.sig', bytes },
    { target: TARGET, scope: 'localhost/signature' },
    contextOf({ stores: { 'ca:acme': [acme.root.certificate] }, ...context }),
  )

describe('a signature in a file', () => {
  it.each([ENVELOPE_JWS, ENVELOPE_COSE] as const)('is told by its bytes, and verified: %s', async (type) => {
    const outcome = await judged(await signedBy(acme, { type }))

    expect(outcome).toMatchObject({
      verdict: 'verified',
      signatures: [{ kind: type === ENVELOPE_JWS ? 'jws' : 'cose' }],
    })
  })

  it('may have white space before it, as editors leave it', async () => {
    expect((await judged(Buffer.concat([Buffer.from(' \n\t'), await signedBy(acme)]))).verdict).toBe('verified')
  })

  it('is judged by the rules of its own world: a JWT of the prototype', async () => {
    const token = rawToken({ typ: 'x509', alg: 'ES256', kid: `${'AAAA:'.repeat(11)}AAAA` }, { ...TARGET })

    const outcome = await judged(token, { statement: statementOf({ waybill: { nv2: true } }) })

    expect(outcome).toMatchObject({ verdict: 'refused', signatures: [{ kind: 'nv2' }] })
  })

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a certificate', '-----BEGIN CERTIFICATE-----'],
    ['a list', '[{}]'],
    ['two parts of a JWT', 'e30.e30'],
    ['four parts', 'e30.e30.e30.e30'],
    ['a byte order mark before JSON', '\ufeff{}'],
    ['control characters before JSON', '\u{1b}[2J{}'],
  ])('is refused at every level where it is %s', async (_what, text) => {
    const statement = statementOf({ signatureVerification: { level: 'audit' } })

    const outcome = await judged(Buffer.from(text), { statement })

    expect(outcome).toMatchObject({
      verdict: 'refused',
      code: 'ERR_SIGNATURE_INVALID',
      signatures: [{ kind: /other|jws/ }],
    })
  })

  it.each([
    ['a COSE tag and nothing', Buffer.from([0xd2])],
    ['COSE nested beyond measure', Buffer.concat([Buffer.from([0xd2]), Buffer.alloc(100_000, 0x81)])],
    ['JSON nested beyond measure', Buffer.from(`{"payload":${'['.repeat(100_000)}`)],
    ['more bytes than are read', Buffer.alloc(4 * 1024 * 1024 + 1, 0x7b)],
    ['a JWT of more bytes than are read', Buffer.from(`e30.${'A'.repeat(5 * 1024 * 1024)}.e30`)],
  ])('is refused where it is %s', async (_what, bytes) => {
    expect((await judged(bytes)).verdict).toBe('refused')
  })
})

describe('the descriptor of what was signed', () => {
  const parse = (text: string | Uint8Array) => parseSubject(Buffer.from(text), 'subject.json')
  const { mediaType, digest, size } = TARGET

  it('is taken as it is, without what else stands beside it', () => {
    const more = { annotations: { a: 'b' }, platform: { os: 'linux', architecture: 'amd64' }, urls: ['http://x'] }

    expect(parse(JSON.stringify({ mediaType, digest, size, ...more }))).toEqual({ mediaType, digest, size })
  })

  it.each<[string, string]>([
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no size', JSON.stringify({ mediaType, digest })],
    ['a size below nothing', JSON.stringify({ mediaType, digest, size: -1 })],
    ['a size that no number has', `{"mediaType":"${mediaType}","digest":"${digest}","size":9007199254740993}`],
    ['a size as text', JSON.stringify({ mediaType, digest, size: `${size}` })],
    ['a digest that is a path', JSON.stringify({ mediaType, digest: 'sha256:../../etc/passwd', size })],
    ['a digest of another kind', JSON.stringify({ mediaType, digest: 'md5:d41d8cd98f00b204e9800998ecf8427e', size })],
    ['a digest twice', `{"mediaType":"${mediaType}","digest":"${digest}","digest":"${digest}","size":1}`],
    ['a digest in two spellings', `{"mediaType":"${mediaType}","digest":"${digest}","Digest":"${digest}","size":1}`],
    ['a media type that is none', JSON.stringify({ mediaType: 'x', digest, size })],
    ['annotations that are no texts', JSON.stringify({ mediaType, digest, size, annotations: { a: 1 } })],
    ['nesting beyond measure', '['.repeat(100_000)],
  ])('is refused with %s', (_what, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
  })

  it('has no prototype to reach by its names', () => {
    const text = `{"mediaType":"${mediaType}","digest":"${digest}","size":1,"__proto__":{"size":2},"annotations":{"__proto__":"x"}}`

    expect(parse(text)).toEqual({ mediaType, digest, size: 1 })
  })
})
