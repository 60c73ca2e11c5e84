import { describe, expect, it } from 'vitest'
import { readAll } from '../../src/content/read-all.js'
import { once } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { verified } from '../../src/content/verified.js'
import { describe as descriptorOf } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { noise } from '../support/build.js'

const MiB = 1024 * 1024
const SMALL = noise(1000, 'small')
const LARGE = noise(2 * MiB + 1, 'large')

async function* inPieces(bytes: Uint8Array, size: number): Bytes {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

describe('verified', () => {
  it.each([
    ['in one piece', SMALL, 1000],
    ['byte by byte', SMALL, 1],
    ['in uneven pieces', SMALL, 333],
    ['in large pieces', LARGE, MiB],
    ['in pieces that fit no thread’s slot', LARGE, 700_001],
  ])('gives the same bytes that come %s', async (_how, bytes, size) => {
    const read = await readAll(verified(inPieces(bytes, size), descriptorOf('a/b', bytes)), 10 * MiB, 'x')

    expect(Buffer.compare(read, bytes)).toBe(0)
  })

  it('gives no bytes for the digest of no bytes', async () => {
    const nothing = new Uint8Array(0)

    const read = await readAll(verified(once(nothing), descriptorOf('a/b', nothing)), 0, 'nothing')

    expect(read.byteLength).toBe(0)
  })

  it('checks a SHA-512 digest', async () => {
    const expected = { mediaType: 'a/b', digest: digestOf(SMALL, 'sha512'), size: SMALL.byteLength }

    const read = await readAll(verified(inPieces(SMALL, 100), expected), MiB, 'x')

    expect(read.byteLength).toBe(SMALL.byteLength)
  })

  it.each([
    ['differ in the first byte', (bytes: Uint8Array) => altered(bytes, 0)],
    ['differ in the last byte', (bytes: Uint8Array) => altered(bytes, bytes.byteLength - 1)],
    ['end early', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['do not end', (bytes: Uint8Array) => Buffer.concat([bytes, bytes])],
    ['are empty', () => new Uint8Array(0)],
  ])('never gives the whole of bytes that %s', async (_how, alter) => {
    for (const [bytes, size] of [
      [SMALL, 1000],
      [SMALL, 100],
      [LARGE, MiB],
    ] as const) {
      let given = 0
      const reading = (async () => {
        const pieces = inPieces(alter(bytes), size)
        for await (const piece of verified(pieces, descriptorOf('a/b', bytes))) given += piece.byteLength
      })()

      await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH', subject: digestOf(bytes) })
      expect(given).toBeLessThan(bytes.byteLength)
    }
  })

  it('stops an endless stream at the size that was promised', async () => {
    let asked = 0
    async function* endless(): Bytes {
      for (;;) {
        asked += 1
        yield new Uint8Array(1000)
      }
    }

    const reading = readAll(verified(endless(), descriptorOf('a/b', SMALL)), MiB, 'x')

    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
    expect(asked).toBe(2)
  })

  it('throws what the stream throws', async () => {
    async function* failing(): Bytes {
      yield SMALL.subarray(0, 10)
      throw new Error('the disk is gone')
    }

    const reading = readAll(verified(failing(), descriptorOf('a/b', SMALL)), MiB, 'x')

    await expect(reading).rejects.toThrow('the disk is gone')
  })

  it('ends the stream it reads when its consumer leaves', async () => {
    let ended = false
    async function* watched(): Bytes {
      try {
        for (;;) yield SMALL.subarray(0, 1)
      } finally {
        ended = true
      }
    }

    for await (const _ of verified(watched(), descriptorOf('a/b', SMALL))) break

    expect(ended).toBe(true)
  })
})

function altered(bytes: Uint8Array, at: number): Uint8Array {
  const other = new Uint8Array(bytes)
  other[at] = (other[at] ?? 0) ^ 0x80
  return other
}
