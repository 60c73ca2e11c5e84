import { expect, it } from 'vitest'
import { reopenable } from '../../src/content/reopenable.js'
import type { Bytes } from '../../src/content/store.js'
import { ContentBody, inLargePieces, PartCutter } from '../../src/registry/request-body.js'
import { content, noise } from '../support/build.js'
import { listed } from '../support/registry-client.js'

const KiB = 1024

async function* pieces(...sizes: readonly number[]): Bytes {
  for (const size of sizes) yield noise(size, `${size}`)
}

it.each([
  [[1, 1, 1], [3]],
  [
    [65_536, 65_536, 65_536, 65_536, 65_536],
    [262_144, 65_536],
  ],
  [
    [100_000, 100_000, 100_000],
    [200_000, 100_000],
  ],
  [
    [10, 300_000, 10],
    [10, 300_000, 10],
  ],
  [[3 * 1024 * KiB + 1], [1024 * KiB, 1024 * KiB, 1024 * KiB, 1]],
  [[0, 0], []],
  [[], []],
])('makes of pieces of %j bytes pieces of %j', async (given, expected) => {
  const found = await listed(inLargePieces(pieces(...given)))

  expect(found.map((piece) => piece.byteLength).filter((size) => size > 0)).toEqual(expected)
  expect(Buffer.concat(found).equals(Buffer.concat(await listed(pieces(...given))))).toBe(true)
})

it('copies small pieces, because their source may use the memory again', async () => {
  const shared = Buffer.alloc(100)
  async function* reusing(): Bytes {
    for (const letter of 'abc') yield shared.fill(letter)
  }

  const [found] = await listed(inLargePieces(reusing()))

  expect(found?.toString()).toBe('a'.repeat(100) + 'b'.repeat(100) + 'c'.repeat(100))
})

it('holds the last piece back until the source has ended well', async () => {
  const { descriptor, bytes } = content('x/y', noise(10, 'x'))
  const failing = reopenable(async function* () {
    yield bytes
    yield new Uint8Array(0)
    throw new Error('not what it seemed')
  })
  const seen: Uint8Array[] = []

  const sending = (async () => {
    for await (const piece of new ContentBody(failing, descriptor).open()) seen.push(piece)
  })()

  await expect(sending).rejects.toThrow('not what it seemed')
  expect(seen).toEqual([])
})

it('can be read again where the source can, and else as long as nothing was taken', async () => {
  const { descriptor, bytes } = content('x/y', noise(10, 'x'))
  const many = new ContentBody(
    reopenable(async function* () {
      yield bytes
    }),
    descriptor,
  )
  const single = new ContentBody(pieces(10), descriptor)
  void single.open()
  expect([many.canOpen(), single.canOpen()]).toEqual([true, true])

  await listed(many.open())
  await listed(single.open())

  expect([many.canOpen(), single.canOpen()]).toEqual([true, false])
})

it('cuts a stream into parts wherever its pieces end', async () => {
  const cutter = new PartCutter(pieces(5, 1, 7))
  const lengths: number[] = []
  for (const length of [3, 3, 6, 1]) {
    for (const piece of await listed(cutter.part(length).open())) lengths.push(piece.byteLength)
  }
  await cutter.finish()

  expect(lengths).toEqual([3, 2, 1, 6, 1])
})
