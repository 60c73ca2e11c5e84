import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Cbor, decodeCbor, encodeCbor } from '../../src/trust/envelope/cbor.js'
import {
  ENVELOPE_COSE,
  ENVELOPE_JWS,
  type EnvelopeType,
  type OpenedEnvelope,
} from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { sealEnvelope, withTimestampToken } from '../../src/trust/envelope/seal.js'
import { mintChain, NOW, signerOf } from '../support/keys.js'

const TYPES: readonly EnvelopeType[] = [ENVELOPE_JWS, ENVELOPE_COSE]
const PAYLOAD = Buffer.from('{"targetArtifact":{"mediaType":"a/b","size":1}}')
const envelopes = new Map<EnvelopeType, Uint8Array>()
const INVALID = { code: 'ERR_SIGNATURE_INVALID' }

beforeAll(async () => {
  const signer = signerOf(await mintChain())
  for (const type of TYPES) {
    const expiry = new Date(NOW.getTime() + 60_000)
    const sealed = await sealEnvelope(PAYLOAD, signer, { type, signingTime: NOW, expiry, agent: 'test' })
    envelopes.set(type, withTimestampToken(sealed, type, Buffer.from('3003020100', 'hex')))
  }
})

/** What a signer answers for; the token is somebody else's word, and proves itself or nothing. */
function signed({ timestampToken: _, ...opened }: OpenedEnvelope) {
  return opened
}

describe.each(TYPES)('an envelope of the type %s', (type) => {
  const envelope = () => envelopes.get(type) ?? new Uint8Array()

  test('with any one byte changed is refused, or says the same, signed by the same', async () => {
    const before = signed(await openEnvelope(envelope(), type))
    const { length } = envelope()
    let refused = 0
    for (let at = 0; at < length; at += 1) {
      const changed = Uint8Array.from(envelope())
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const opened = await openEnvelope(changed, type).catch((error: unknown) => error)
      if (opened instanceof Error) {
        expect(opened).toMatchObject(INVALID)
        refused += 1
      } else expect(signed(opened as OpenedEnvelope)).toEqual(before)
    }
    // What may change is the agent's name and the token, and the spelling of what is not signed.
    expect(refused).toBeGreaterThan(length * 0.9)
  }, 60_000)

  test('cut anywhere, or with anything after it, is refused', async () => {
    const whole = envelope()
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 9 }), async (at, more) => {
        await expect(openEnvelope(whole.subarray(0, at), type)).rejects.toMatchObject(INVALID)
        // Spaces after a JSON text belong to it.
        const after = more.map((byte) => (byte <= 0x20 ? 0x21 : byte))
        await expect(openEnvelope(Buffer.concat([whole, after]), type)).rejects.toMatchObject(INVALID)
      }),
    )
  })

  test('that is any bytes at all is refused, and never with another error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await expect(openEnvelope(bytes, type)).rejects.toMatchObject(INVALID)
      }),
    )
  })
})

const integer = fc.maxSafeInteger()
const { value } = fc.letrec<{ value: Cbor }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    integer,
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(integer, fc.string()), tie('value')), { maxLength: 5, selector: ([key]) => key })
      .map((entries) => new Map(entries)),
  ),
}))

test('CBOR has one encoding for one value, and it reads back', () => {
  fc.assert(
    fc.property(value, (one) => {
      const bytes = encodeCbor(one)
      const read = decodeCbor(bytes)

      expect(read).toEqual(one)
      expect(encodeCbor(read)).toEqual(bytes)
    }),
  )
})

test('CBOR that is read at all is written back the same, but for the order of maps and the width of fractions', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = attempt(bytes)
      if (read === undefined || hasFraction(bytes)) return

      expect([...encodeCbor(read.value)].sort()).toEqual([...bytes].sort())
    }),
    { numRuns: 5_000 },
  )
})

function attempt(bytes: Uint8Array): { readonly value: Cbor } | undefined {
  try {
    return { value: decodeCbor(bytes) }
  } catch {
    return undefined
  }
}

function hasFraction(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte >= 0xf9 && byte <= 0xfb)
}
