import { beforeAll, describe, expect, it } from 'vitest'
import type { MemoryStore } from '../../src/content/memory.js'
import { describe as describeBytes } from '../../src/oci/descriptor.js'
import { attachSignature } from '../../src/sign/attach.js'
import { makeSignature } from '../../src/sign/make-signature.js'
import { findOwnSignature } from '../../src/sign/own-signature.js'
import { packSignature, type SignaturePack } from '../../src/sign/pack.js'
import type { SigningOptions } from '../../src/sign/signing-options.js'
import { ENVELOPE_COSE } from '../../src/trust/envelope/envelope.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { anImage } from '../support/build.js'
import { aRepository } from '../support/bundles.js'
import { mintChain, NOW, signerOf } from '../support/keys.js'
import { signingWith } from '../support/signing.js'
import { CALL } from '../support/tmp.js'

const IMAGE = anImage()
const OTHER = anImage({ seed: 'other' })
const HOUR_MS = 3_600_000
let signer: Signer
let stranger: Signer

beforeAll(async () => {
  signer = signerOf(await mintChain())
  stranger = signerOf(await mintChain())
})

async function signed(given: SigningOptions, target = IMAGE.root): Promise<SignaturePack> {
  return packSignature(await makeSignature(target, given), IMAGE.root)
}

async function holding(...packs: readonly SignaturePack[]): Promise<MemoryStore> {
  const store = await aRepository(IMAGE)
  for (const pack of packs) await attachSignature(pack, store, CALL)
  return store
}

function find(store: MemoryStore, given: SigningOptions = signingWith(signer)) {
  return findOwnSignature(store, IMAGE.root, { ...given, thumbprint: signer.chain[0]?.thumbprint ?? '' })
}

describe('a signature of our own', () => {
  it('is found among others, whichever kind of envelope it is in', async () => {
    const [theirs, ours] = [
      await signed(signingWith(stranger)),
      await signed(signingWith(signer, { type: ENVELOPE_COSE })),
    ]

    expect(await find(await holding(theirs, ours))).toBe(ours.manifest.descriptor.digest)
  })

  it('counts with another lifetime that is not longer, while it lasts', async () => {
    const given = signingWith(signer, { lifetimeMs: HOUR_MS })
    const store = await holding(await signed(given))

    const later = (ms: number) => ({ ...given, lifetimeMs: 2 * HOUR_MS, now: new Date(NOW.getTime() + ms) })
    expect(await find(store, later(HOUR_MS - 1))).toBeDefined()
    expect(await find(store, later(HOUR_MS))).toBeUndefined()
  })

  it.each<[string, () => Promise<SignaturePack>]>([
    ['is another’s', () => signed(signingWith(stranger))],
    ['is about something else', () => signed(signingWith(signer), OTHER.root)],
    ['states something else', () => signed(signingWith(signer, { metadata: { a: '1' } }))],
    ['ends, where none that ends was asked for', () => signed(signingWith(signer, { lifetimeMs: HOUR_MS }))],
    ['is another’s under our thumbprint', async () => forged(await signed(signingWith(stranger)))],
    ['is not an envelope', async () => broken(await signed(signingWith(signer)))],
  ])('is not one that %s', async (_what, pack) => {
    expect(await find(await holding(await pack()))).toBeUndefined()
  })

  it('is not one whose envelope is gone', async () => {
    const pack = await signed(signingWith(signer))
    const store = await aRepository(IMAGE)
    await store.push(pack.manifest.descriptor, bytesOf(pack.manifest.bytes), CALL)

    expect(await find(store)).toBeUndefined()
  })
})

/** A list may say of any signature that it is ours. */
function forged(pack: SignaturePack): SignaturePack {
  const [theirs, ours] = [stranger, signer].map(({ chain }) => chain[0]?.thumbprint ?? '')
  const bytes = Buffer.from(
    Buffer.from(pack.manifest.bytes)
      .toString()
      .replace(theirs ?? '', ours ?? ''),
  )
  return { ...pack, manifest: { descriptor: describeBytes(pack.manifest.descriptor.mediaType, bytes), bytes } }
}

function broken(pack: SignaturePack): SignaturePack {
  const [envelope, config] = pack.blobs
  if (envelope === undefined || config === undefined) throw new Error('no envelope')
  const bytes = Buffer.from('{}{}')
  const descriptor = describeBytes(envelope.descriptor.mediaType, bytes)
  const manifest = Buffer.from(
    Buffer.from(pack.manifest.bytes)
      .toString()
      .replace(envelope.descriptor.digest, descriptor.digest)
      .replace(`"size":${envelope.descriptor.size}`, `"size":${descriptor.size}`),
  )
  return {
    ...pack,
    blobs: [{ descriptor, bytes }, config],
    manifest: { descriptor: describeBytes(pack.manifest.descriptor.mediaType, manifest), bytes: manifest },
  }
}

async function* bytesOf(bytes: Uint8Array) {
  yield bytes
}
