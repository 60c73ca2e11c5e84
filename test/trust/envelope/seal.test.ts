import { beforeAll, describe, expect, test } from 'vitest'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType } from '../../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../../src/trust/envelope/open.js'
import { sealEnvelope, withTimestampToken } from '../../../src/trust/envelope/seal.js'
import type { Signer } from '../../../src/trust/key/signer.js'
import { mintChain, NOW, signerOf } from '../../support/keys.js'

const PAYLOAD = Buffer.from('{"targetArtifact":{}}')
const TYPES: readonly EnvelopeType[] = [ENVELOPE_JWS, ENVELOPE_COSE]
let signer: Signer

beforeAll(async () => {
  signer = signerOf(await mintChain())
})

describe.each(TYPES)('an envelope of the type %s', (type) => {
  const given = { type, signingTime: NOW, agent: 'test' }

  test('has one encoding for one signature', async () => {
    const signature = await signer.sign(await signedBytes(type), {})
    const constant = { ...signer, sign: async () => signature }

    expect(await sealEnvelope(PAYLOAD, constant, given)).toEqual(await sealEnvelope(PAYLOAD, constant, given))
  })

  test('cannot be made with an expiry that is not after its signing time', async () => {
    const expiry = new Date(NOW.getTime() + 500)

    await expect(sealEnvelope(PAYLOAD, signer, { ...given, expiry })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('is not made of a signature that does not verify, whoever made it', async () => {
    const liar = { ...signer, sign: async () => new Uint8Array(64) }

    await expect(sealEnvelope(PAYLOAD, liar, given)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' })
  })

  test('is not made for an algorithm that the key does not have', async () => {
    const other: Signer = { ...signer, algorithm: 'ES384', sign: (bytes, call) => signer.sign(bytes, call) }

    await expect(sealEnvelope(PAYLOAD, other, given)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' })
  })

  test('takes a timestamp token, and another one in its place, and says the same otherwise', async () => {
    const sealed = await sealEnvelope(PAYLOAD, signer, given)
    const before = await openEnvelope(sealed, type)

    const once = withTimestampToken(sealed, type, Uint8Array.of(0x30, 1, 0))
    const twice = withTimestampToken(once, type, Uint8Array.of(0x30, 1, 2))

    for (const [bytes, last] of [
      [once, 0],
      [twice, 2],
    ] as const) {
      const { timestampToken, ...others } = await openEnvelope(bytes, type)
      expect([...(timestampToken ?? [])]).toEqual([0x30, 1, last])
      expect(others).toEqual(before)
    }
  })

  test('is what a token is put into, and nothing else', () => {
    expect(() => withTimestampToken(Buffer.from('[]'), type, Buffer.of(0x30))).toThrow(
      expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' }),
    )
  })
})

/** What a signer is asked to sign. */
async function signedBytes(type: EnvelopeType): Promise<Uint8Array> {
  const asked: Uint8Array[] = []
  const sign: Signer['sign'] = (bytes, call) => {
    asked.push(bytes)
    return signer.sign(bytes, call)
  }
  await sealEnvelope(
    PAYLOAD,
    { ...signer, chain: signer.chain, algorithm: signer.algorithm, sign },
    { type, signingTime: NOW, agent: 'test' },
  )
  return asked[0] ?? Buffer.of()
}
