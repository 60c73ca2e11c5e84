import { beforeAll, describe, expect, it } from 'vitest'
import { notarySignatures } from '../../src/content/notary-signatures.js'
import type { ContentSink } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { artifactTypeOf, parseManifest } from '../../src/oci/manifest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { attachSignature } from '../../src/sign/attach.js'
import { makeSignature } from '../../src/sign/make-signature.js'
import { packSignature, type SignaturePack } from '../../src/sign/pack.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { SIGNATURE_TYPE } from '../../src/trust/signature-manifest.js'
import { anImage } from '../support/build.js'
import { aRepository } from '../support/bundles.js'
import { mintChain, signerOf } from '../support/keys.js'
import { aService, signingWith } from '../support/signing.js'
import { CALL } from '../support/tmp.js'

const IMAGE = anImage()
let signer: Signer

beforeAll(async () => {
  signer = signerOf(await mintChain())
})

async function packed(type: typeof ENVELOPE_JWS | typeof ENVELOPE_COSE = ENVELOPE_JWS): Promise<SignaturePack> {
  return packSignature(await makeSignature(IMAGE.root, signingWith(signer, { type })), IMAGE.root)
}

describe('a signature as a registry keeps it', () => {
  it.each([ENVELOPE_JWS, ENVELOPE_COSE] as const)(
    'is a manifest of the form with the type in its config, %s',
    async (type) => {
      const { manifest, blobs } = await packed(type)

      const read = parseManifest(manifest.bytes, OCI_MANIFEST, 'signature')
      expect(artifactTypeOf(read)).toBe(SIGNATURE_TYPE)
      expect(read.artifactType).toBeUndefined()
      expect(read.subject?.digest).toBe(IMAGE.root.digest)
      expect(read).toMatchObject({ layers: [{ mediaType: type }] })
      expect(blobs.map(({ descriptor }) => descriptor.mediaType)).toEqual([type, SIGNATURE_TYPE])
    },
  )

  it('has what a signing service wishes for, but not in place of its own annotations', async () => {
    const annotations = { 'org.example.job': '1', 'org.opencontainers.image.created': 'never' }
    const made = await makeSignature(IMAGE.root, signingWith(aService(signer, { annotations })))

    const { manifest } = packSignature(made, IMAGE.root)

    expect(parseManifest(manifest.bytes, OCI_MANIFEST, 'signature').annotations).toMatchObject({
      'org.example.job': '1',
      'org.opencontainers.image.created': '2026-11-22T12:00:00Z',
    })
  })
})

describe('hanging a signature on its subject', () => {
  it('puts what the manifest names there first, and leaves other signatures alone', async () => {
    const store = await aRepository(IMAGE)
    const [first, second] = [await packed(ENVELOPE_COSE), await packed()]

    await attachSignature(first, store, CALL)
    await attachSignature(second, store, CALL)

    const found = await notarySignatures(store, IMAGE.root, CALL)
    expect(found.map(({ signature }) => signature)).toEqual(
      [first, second].map(({ manifest }) => manifest.descriptor.digest),
    )
    const order = store.stored.map(({ digest }) => digest)
    expect(order.indexOf(second.manifest.descriptor.digest)).toBe(order.length - 1)
  })

  it('adds another one where the same key signs again', async () => {
    const store = await aRepository(IMAGE)

    for (const pack of [await packed(), await packed()]) await attachSignature(pack, store, CALL)

    expect(await notarySignatures(store, IMAGE.root, CALL)).toHaveLength(2)
  })

  it('pushes no manifest where the envelope could not be pushed', async () => {
    const pushed: string[] = []
    const broken: ContentSink = {
      has: async () => false,
      push: async ({ mediaType }) => {
        if (mediaType === ENVELOPE_JWS) throw new TransferError('ERR_SINK_UNREACHABLE', 'gone')
        pushed.push(mediaType)
      },
      tag: async () => {},
    }

    await expect(attachSignature(await packed(), broken, CALL)).rejects.toMatchObject({ code: 'ERR_SINK_UNREACHABLE' })
    expect(pushed).toEqual([])
  })
})
