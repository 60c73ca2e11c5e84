import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasCode } from '../../src/errors.js'
import type { VerifiedTimestamp } from '../../src/trust/timestamp/timestamp.js'
import { verifyTimestampToken } from '../../src/trust/timestamp/verify-token.js'
import { type Authority, mintAuthority, mintToken, SIGNED } from '../support/timestamps.js'

describe('a timestamp token', () => {
  let authority: Authority
  let token: Uint8Array
  let proven: VerifiedTimestamp

  beforeAll(async () => {
    authority = await mintAuthority()
    token = mintToken({ authority })
    proven = await verify(token)
  })

  function verify(bytes: Uint8Array): Promise<VerifiedTimestamp> {
    return verifyTimestampToken(bytes, { signed: SIGNED, anchors: [authority.root.certificate] })
  }

  /** undefined: refused, with the one code that there is for it. */
  async function verdict(bytes: Uint8Array): Promise<VerifiedTimestamp | undefined> {
    try {
      return await verify(bytes)
    } catch (error) {
      if (!hasCode(error, 'ERR_TIMESTAMP_INVALID')) throw error
      return undefined
    }
  }

  it('never proves anything else with a byte changed', async () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))

    await fc.assert(
      fc.asyncProperty(change, async ([at, mask]) => {
        const changed = token.with(at % token.length, (token[at % token.length] ?? 0) ^ mask)

        expect([undefined, proven]).toContainEqual(await verdict(changed))
      }),
      { numRuns: 500 },
    )
  })

  it('is refused with any byte of what it says or of its signature changed', async () => {
    const places = signedPlaces(token)

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        expect(await verdict(token.with(at, (token[at] ?? 0) ^ mask))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('never proves anything cut, doubled or filled up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.uint8Array({ maxLength: 8 }), async (at, more) => {
        const cut = at % token.length

        expect(await verdict(token.subarray(0, cut))).toBeUndefined()
        expect(await verdict(Uint8Array.from([...token, ...more, 0]))).toBeUndefined()
        const filled = Uint8Array.from([...token.subarray(0, cut), ...more, 1, ...token.subarray(cut)])
        expect([undefined, proven]).toContainEqual(await verdict(filled))
      }),
      { numRuns: 200 },
    )
  })

  it('is never mistaken for by other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await verdict(bytes)).toBeUndefined()
      }),
    )
  })

  /** Where the TSTInfo, the signed attributes and the signature lie. */
  function signedPlaces(bytes: Uint8Array): number[] {
    const buffer = Buffer.from(bytes)
    // The TSTInfo follows its type; the signer's part, but for its name and algorithms, ends the token.
    const content = buffer.indexOf(Buffer.from('060b2a864886f70d0109100104', 'hex')) + 13
    const attributes = buffer.lastIndexOf(Buffer.from('300b06092a864886f70d010903', 'hex').subarray(2))
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)
    return [
      ...range(content + 6, content + 60),
      ...range(attributes, bytes.length - 80),
      ...range(bytes.length - 60, bytes.length),
    ]
  }
})
