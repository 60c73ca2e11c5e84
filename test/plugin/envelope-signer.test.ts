import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describe as describeContent } from '../../src/oci/descriptor.js'
import { openPluginKey } from '../../src/plugin/open-plugin-key.js'
import type { OpenPluginGiven } from '../../src/plugin/plugin-key.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import type { SealedPayload } from '../../src/trust/key/signer.js'
import { formatPayload, PAYLOAD_TYPE } from '../../src/trust/payload.js'
import { type MintedChain, mintChain, NOW } from '../support/keys.js'
import { base64Chain, installPlugin, type PluginRecipe } from '../support/plugins.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const FAILED = expect.objectContaining({ code: 'ERR_PLUGIN_FAILED' })
const JWS = 'application/jose+json'
const ARTIFACT = describeContent('application/vnd.oci.image.manifest.v1+json', Buffer.from('{}'))
const PAYLOAD = formatPayload(ARTIFACT, { build: '7' })
const { mediaType, digest, size } = ARTIFACT

let chain: MintedChain
let folder: string

beforeAll(async () => {
  chain = await mintChain()
})

beforeEach(async () => {
  folder = await tmpFolder()
})

async function seal(
  recipe: PluginRecipe = {},
  { expirySeconds, ...given }: Partial<OpenPluginGiven> & { readonly expirySeconds?: number } = {},
): Promise<SealedPayload> {
  await installPlugin(folder, 'signer', {
    minted: chain,
    capabilities: ['SIGNATURE_GENERATOR.ENVELOPE'],
    ...recipe,
    metadata: { now: NOW.getTime(), ...recipe.metadata },
  })
  const key = { name: 'signer', keyId: 'release', config: {} }
  const signer = await openPluginKey(key, { folder, now: NOW, environment: {}, timeoutMs: 20_000, ...CALL, ...given })
  if (!('sealPayload' in signer)) throw new Error('makes raw signatures')
  const expiry = expirySeconds === undefined ? {} : { expirySeconds }
  return await signer.sealPayload(PAYLOAD, { payloadType: PAYLOAD_TYPE, envelopeType: JWS, ...expiry, ...CALL })
}

/** A plugin that signs this in the place of what it was asked to. */
function signs(payload: unknown): PluginRecipe {
  return { metadata: { payload } }
}

const WANTED = { mediaType, digest, size, annotations: { build: '7' } }

describe('a plugin that makes envelopes', () => {
  test('makes one around the payload, and says what it wants in the manifest', async () => {
    const { envelope, annotations } = await seal()

    expect(Buffer.from((await openEnvelope(envelope, JWS)).payload)).toEqual(Buffer.from(PAYLOAD))
    expect(annotations).toEqual({ 'com.example.job': '7' })
  })

  test('may add annotations to what is signed', async () => {
    const signed = { targetArtifact: { ...WANTED, annotations: { build: '7', 'com.example.key': 'v3' } } }

    const { envelope } = await seal(signs(signed))

    expect(JSON.parse(Buffer.from((await openEnvelope(envelope, JWS)).payload).toString())).toEqual(signed)
  })

  test('may leave out the annotations of the manifest', async () => {
    expect((await seal({ answers: { 'generate-envelope': { annotations: null } } })).annotations).toEqual({})
  })

  test('makes a signature that expires as it was asked for, or earlier', async () => {
    const { envelope } = await seal({}, { expirySeconds: 3600 })
    const { attributes } = await openEnvelope(envelope, JWS)

    expect(attributes.expiry).toEqual(new Date(NOW.getTime() + 3_600_000))
    await expect(seal({ metadata: { lifetime: 60 } }, { expirySeconds: 3600 })).resolves.toBeDefined()
    await expect(seal({ metadata: { lifetime: 60 } })).resolves.toBeDefined()
  })

  test('is refused where the signature counts longer than was asked for', async () => {
    await expect(seal({ metadata: { lifetime: 3602 } }, { expirySeconds: 3600 })).rejects.toEqual(FAILED)
    await expect(seal({ metadata: { lifetime: 'never' } }, { expirySeconds: 3600 })).rejects.toEqual(FAILED)
  })

  test.each<readonly [string, unknown]>([
    ['another digest', { targetArtifact: { ...WANTED, digest: digest.replace(/.$/, '0').replace(/0$/, '1') } }],
    ['another size', { targetArtifact: { ...WANTED, size: size + 1 } }],
    ['another media type', { targetArtifact: { ...WANTED, mediaType: 'text/plain' } }],
    ['another member of the artifact', { targetArtifact: { ...WANTED, artifactType: 'x/y' } }],
    ['no annotations', { targetArtifact: { mediaType, digest, size } }],
    ['another annotation', { targetArtifact: { ...WANTED, annotations: { build: '8' } } }],
    ['annotations that are no texts', { targetArtifact: { ...WANTED, annotations: { build: '7', more: 7 } } }],
    ['annotations that are no object', { targetArtifact: { ...WANTED, annotations: null } }],
    ['something beside the artifact', { targetArtifact: WANTED, more: {} }],
    ['no artifact', {}],
    ['two artifacts', [{ targetArtifact: WANTED }]],
    ['a number that readers disagree about', { targetArtifact: { ...WANTED, size: 2.5 } }],
  ])('is refused where it signs %s', async (_, payload) => {
    await expect(seal(signs(payload))).rejects.toEqual(FAILED)
  })

  test.each<readonly [string, () => PluginRecipe]>([
    ['another type', () => ({ answers: { 'generate-envelope': { signatureEnvelopeType: 'application/cose' } } })],
    ['no envelope', () => ({ answers: { 'generate-envelope': { signatureEnvelope: '' } } })],
    ['no base64', () => ({ answers: { 'generate-envelope': { signatureEnvelope: '*' } } })],
    ['something else than an envelope', () => ({ answers: { 'generate-envelope': { signatureEnvelope: 'e30=' } } })],
    ['a signature by another key', () => ({ key: chain.root.keyPem })],
    ['half a chain', () => ({ chain: base64Chain(chain).slice(0, 1) })],
    ['annotations that are no texts', () => ({ answers: { 'generate-envelope': { annotations: { a: 1 } } } })],
  ])('is refused where it answers %s', async (_, recipe) => {
    await expect(seal(recipe())).rejects.toEqual(FAILED)
  })

  test('is refused where its certificate has expired, or is not the one expected', async () => {
    const other = await mintChain('Other')

    await expect(seal({}, { now: new Date('2030-01-01T00:00:00Z') })).rejects.toEqual(FAILED)
    await expect(seal({}, { chain: other.certificates })).rejects.toEqual(FAILED)
    await expect(seal({}, { chain: chain.certificates })).resolves.toBeDefined()
  })

  test('makes raw signatures where it can do both', async () => {
    await installPlugin(folder, 'signer', {
      minted: chain,
      capabilities: ['SIGNATURE_GENERATOR.ENVELOPE', 'SIGNATURE_GENERATOR.RAW'],
    })

    const key = { name: 'signer', keyId: 'release', config: {} }
    const signer = await openPluginKey(key, { folder, now: NOW, environment: {}, ...CALL })

    expect(signer).toMatchObject({ algorithm: 'ES256' })
  })
})
