import { beforeAll, describe, expect, it } from 'vitest'
import { TransferError } from '../../src/errors.js'
import { makeSignature } from '../../src/sign/make-signature.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { type EnvelopeSigner, loadSigner, type Signer } from '../../src/trust/key/signer.js'
import { parsePayload } from '../../src/trust/payload.js'
import { leafExtensions, type MintedChain, mint, mintChain, NOW, signerOf } from '../support/keys.js'
import { authorityHeaders, type SealRecipe, signedBy } from '../support/notary.js'
import { anAuthority, aService, remembering, SUBJECT, signingWith } from '../support/signing.js'
import { type Authority, GEN_TIME, mintAuthority, tsaExtensions } from '../support/timestamps.js'

const DAY_MS = 86_400_000
const INVALID = { code: 'ERR_SIGNATURE_INVALID' }

let chain: MintedChain
let signer: Signer

beforeAll(async () => {
  chain = await mintChain()
  signer = signerOf(chain)
})

describe.each([ENVELOPE_JWS, ENVELOPE_COSE] as const)('a signature that is made, %s', (type) => {
  it('says what was signed, by whom and when, and what the signer states of it', async () => {
    const made = await makeSignature(SUBJECT, signingWith(signer, { type, metadata: { build: '7', 'a=b': '=' } }))

    expect(parsePayload(made.opened.payload)).toMatchObject({ target: SUBJECT, metadata: { build: '7', 'a=b': '=' } })
    expect(made.opened).toMatchObject({ type, algorithm: 'ES256' })
    expect(made.opened.attributes).toMatchObject({ scheme: 'notary.x509', signingTime: NOW })
    expect(made.opened.attributes.expiry).toBeUndefined()
    expect(made.timestamp).toBeUndefined()
  })

  it('expires when it was asked to', async () => {
    const made = await makeSignature(SUBJECT, signingWith(signer, { type, lifetimeMs: 30 * DAY_MS }))

    expect(made.opened.attributes.expiry).toEqual(new Date(NOW.getTime() + 30 * DAY_MS))
  })

  it('says nothing of what stood beside the descriptor', async () => {
    const noisy = { ...SUBJECT, annotations: { from: 'an index' }, artifactType: 'application/x' }

    const made = await makeSignature(noisy, signingWith(signer, { type }))

    expect(parsePayload(made.opened.payload).target).toEqual(SUBJECT)
  })

  it('is timestamped over the raw signature, in the envelope that was signed', async () => {
    const authority = await mintAuthority()
    const watched = remembering(signer)
    const tsa = anAuthority(authority, watched.last)

    const made = await makeSignature(SUBJECT, signingWith(watched, { type, authority: tsa }))

    expect(Buffer.from(made.opened.signature)).toEqual(Buffer.from(watched.last()))
    expect(made.timestamp?.genTime).toEqual(genTime())
    expect(made.timestamp?.chain[0]?.thumbprint).toBe(authority.leaf.certificate.thumbprint)
    expect(tsa.asked).toHaveLength(1)
  })
})

describe('a signature that nobody would take', () => {
  it('is not made where the signer answers with another signature', async () => {
    const other = signerOf(await mintChain())
    const liar: Signer = { ...facts(signer), sign: (bytes, call) => other.sign(bytes, call) }

    await expect(makeSignature(SUBJECT, signingWith(liar))).rejects.toMatchObject(INVALID)
  })

  it('is not made where the certificate is not valid any more', async () => {
    const now = new Date('2028-01-01T00:00:00Z')

    await expect(makeSignature(SUBJECT, signingWith(signer, { now }))).rejects.toMatchObject(INVALID)
  })

  it('is not made where it would have expired already', async () => {
    const signingTime = new Date(NOW.getTime() - 2 * DAY_MS)
    const given = signingWith(signer, { signingTime, lifetimeMs: DAY_MS })

    await expect(makeSignature(SUBJECT, given)).rejects.toMatchObject(INVALID)
  })
})

describe('a service that makes whole envelopes', () => {
  const other = (payload: Uint8Array, from: string, to: string) =>
    Buffer.from(Buffer.from(payload).toString().replace(from, to))
  const metadata = { build: '7' }
  const made = (recipe: SealRecipe): EnvelopeSigner => ({
    sealPayload: async () => ({ envelope: await signedBy(chain, { target: SUBJECT, ...recipe }), annotations: {} }),
  })

  it('may add to what is stated, and wish for annotations of the manifest', async () => {
    const add = (payload: Uint8Array) => other(payload, '"build":"7"', '"build":"7","by":"service"')
    const service = aService(signer, { payload: add, annotations: { 'org.example.job': '1' } })

    const made = await makeSignature(SUBJECT, signingWith(service, { metadata, lifetimeMs: DAY_MS }))

    expect(parsePayload(made.opened.payload).metadata).toEqual({ build: '7', by: 'service' })
    expect(made.opened.attributes.expiry).toEqual(new Date(NOW.getTime() + DAY_MS))
    expect(made.annotations).toEqual({ 'org.example.job': '1' })
  })

  it.each([
    ['another digest', SUBJECT.digest, `sha256:${'0'.repeat(64)}`],
    ['another size', `"size":${SUBJECT.size}`, `"size":${SUBJECT.size + 1}`],
    ['another media type', SUBJECT.mediaType, 'application/vnd.oci.image.index.v1+json'],
    ['another statement', '"build":"7"', '"build":"8"'],
    ['no statement', '{"build":"7"}', '{}'],
    ['a second member', '{"targetArtifact"', '{"more":1,"targetArtifact"'],
  ])('is refused where it signs %s', async (_what, from, to) => {
    const service = aService(signer, { payload: (payload) => other(payload, from, to) })

    await expect(makeSignature(SUBJECT, signingWith(service, { metadata }))).rejects.toMatchObject(INVALID)
  })

  it.each([
    ['later', 2 * 86_400],
    ['never', undefined],
  ])('is refused where its envelope expires %s', async (_when, expirySeconds) => {
    const service = aService(signer, {
      wishes: ({ expirySeconds: _asked, ...wishes }) => ({
        ...wishes,
        ...(expirySeconds === undefined ? {} : { expirySeconds }),
      }),
    })

    await expect(makeSignature(SUBJECT, signingWith(service, { lifetimeMs: DAY_MS }))).rejects.toMatchObject(INVALID)
  })

  it('may have an expiry of its own where none was asked for', async () => {
    const service = aService(signer, { wishes: (wishes) => ({ ...wishes, expirySeconds: 135 * 30 * 86_400 }) })

    const made = await makeSignature(SUBJECT, signingWith(service))

    expect(made.opened.attributes.expiry).toEqual(new Date(NOW.getTime() + 135 * 30 * DAY_MS))
  })

  it('is refused where its clock is so far ahead that the signature counts longer', async () => {
    const signingTime = new Date(NOW.getTime() + 3 * DAY_MS)
    const service = made({ expiry: new Date(signingTime.getTime() + DAY_MS), signingTime })

    await expect(makeSignature(SUBJECT, signingWith(service, { lifetimeMs: DAY_MS }))).rejects.toMatchObject(INVALID)
  })

  it('may be a signing authority, which vouches for the time', async () => {
    const { opened } = await makeSignature(SUBJECT, signingWith(made(authorityHeaders(NOW))))

    expect(opened.attributes).toMatchObject({ scheme: 'notary.x509.signingAuthority', signingTime: NOW })
  })

  it('is refused where it vouches for a time at which its certificate was not valid', async () => {
    const service = made(authorityHeaders(new Date('2020-01-01T00:00:00Z')))

    await expect(makeSignature(SUBJECT, signingWith(service))).rejects.toMatchObject(INVALID)
  })

  it('is refused where its envelope is of the other kind', async () => {
    const service = aService(signer, { wishes: (wishes) => ({ ...wishes, envelopeType: ENVELOPE_COSE }) })

    await expect(makeSignature(SUBJECT, signingWith(service))).rejects.toMatchObject(INVALID)
  })
})

describe('a timestamp', () => {
  const stamped = async (authority: Authority, change: Parameters<typeof anAuthority>[2] = {}) => {
    const watched = remembering(signer)
    return await makeSignature(
      SUBJECT,
      signingWith(watched, { authority: anAuthority(authority, watched.last, change) }),
    )
  }

  it('is asked for by POST, with the media types of RFC 3161 and bounds on the answer', async () => {
    const watched = remembering(signer)
    const tsa = anAuthority(await mintAuthority(), watched.last)

    await makeSignature(SUBJECT, signingWith(watched, { authority: tsa }))

    expect(tsa.asked[0]).toMatchObject({
      url: 'http://tsa.example/',
      method: 'POST',
      contentType: 'application/timestamp-query',
      accept: 'application/timestamp-reply',
      maxBytes: 262_144,
    })
  })

  it.each([404, 500, 302])('is refused where the authority answers with the status %i', async (status) => {
    const exchange = async () => ({ status, body: new Uint8Array() })

    await expect(stamped(await mintAuthority(), { exchange })).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_AUTHORITY',
      subject: 'http://tsa.example/',
    })
  })

  it.each(['ERR_SOURCE_UNREACHABLE', 'ERR_LIMIT_EXCEEDED'] as const)('is refused after %s', async (code) => {
    const exchange = async (): Promise<never> => {
      throw new TransferError(code, 'no')
    }

    await expect(stamped(await mintAuthority(), { exchange })).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_AUTHORITY',
    })
  })

  it('is refused where the authority sends something else than a response', async () => {
    const exchange = async () => ({ status: 200, body: Buffer.from('<html>') })

    await expect(stamped(await mintAuthority(), { exchange })).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_AUTHORITY',
      subject: 'http://tsa.example/',
    })
  })

  it('is refused where it is over something else', async () => {
    const recipe = { signed: Buffer.from('other bytes') }

    await expect(stamped(await mintAuthority(), { recipe })).rejects.toMatchObject({ code: 'ERR_TIMESTAMP_AUTHORITY' })
  })

  it('is refused where its authority is not the one that was named', async () => {
    const [asked, named] = [await mintAuthority(), await mintAuthority()]
    const watched = remembering(signer)
    const authority = { ...anAuthority(asked, watched.last), anchors: [named.root.certificate] }

    await expect(makeSignature(SUBJECT, signingWith(watched, { authority }))).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_INVALID',
    })
  })

  it('is refused where its certificate is for something else', async () => {
    const authority = await mintAuthority({ extensions: tsaExtensions().slice(0, 2) })

    await expect(stamped(authority)).rejects.toMatchObject({ code: 'ERR_TIMESTAMP_INVALID' })
  })

  it('is refused where it is of a time at which the signing certificate was not valid', async () => {
    const notBefore = new Date('2026-09-01T00:00:00Z')
    const late = await mint({ name: 'Late', extensions: leafExtensions(), notBefore }, chain.intermediate)
    const watched = remembering(loadSigner(late.keyPem, late.pem + chain.intermediate.pem + chain.root.pem, NOW))
    const authority = anAuthority(await mintAuthority(), watched.last)

    await expect(makeSignature(SUBJECT, signingWith(watched, { authority }))).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_INVALID',
    })
  })
})

function facts({ chain: certificates, algorithm }: Signer) {
  return { chain: certificates, algorithm }
}

function genTime(): Date {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(GEN_TIME) ?? []
  return new Date(`${year}-${month}-${day}T12:00:00Z`)
}
