import fc from 'fast-check'
import { extract } from 'tar-stream'
import { expect, it } from 'vitest'
import { placeAll } from '../../src/bundle/offsets.js'
import { tarHeader } from '../../src/bundle/tar-header.js'
import { parseTarHeader } from '../../src/content/tar-header.js'
import { digestOf } from '../../src/oci/digest.js'
import { archiveOf } from '../support/bundles-by-hand.js'

const path = fc
  .tuple(fc.nat(), fc.constantFrom('sha256' as const, 'sha512' as const))
  .map(([seed, algorithm]) => `blobs/${digestOf(Buffer.from(String(seed)), algorithm).replace(':', '/')}`)
const size = fc.oneof(fc.nat(2000), fc.maxSafeNat(), fc.constantFrom(0, 8 * 1024 ** 3 - 1, 8 * 1024 ** 3))

it('one name and one size have one header, and other ones another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(path, size), fc.tuple(path, size), async (one, two) => {
      const headers = await Promise.all([tarHeader(...one), tarHeader(...two), tarHeader(...one)])

      const [first, second, again] = headers.map((header) => Buffer.from(header).toString('latin1'))
      expect(again).toBe(first)
      expect(second === first).toBe(one.join() === two.join())
      expect(headers.every((header) => header.byteLength % 512 === 0)).toBe(true)
      expect(parseTarHeader(headers[0].subarray(-512), 'header')).toMatchObject({ type: '0', size: one[1] })
    }),
    { numRuns: 150 },
  )
})

it('another reader finds the entries and bytes that were put there, where they were planned', async () => {
  const entry = fc.record({ path, bytes: fc.uint8Array({ maxLength: 1500 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
      const archive = await archiveOf(entries)

      const placed = await placeAll(entries.map((one) => ({ path: one.path, size: one.bytes.byteLength })))

      expect(await listed(archive)).toEqual(
        entries.map((one) => ({ name: one.path, text: Buffer.from(one.bytes).toString('hex') })),
      )
      for (const [at, { bodyAt, size }] of placed.entries()) {
        expect(archive.subarray(bodyAt, bodyAt + size)).toEqual(Buffer.from(entries[at]?.bytes ?? []))
      }
    }),
    { numRuns: 60 },
  )
})

async function listed(archive: Uint8Array) {
  const reader = extract()
  reader.end(archive)
  const found: { readonly name: string; readonly text: string }[] = []
  for await (const entry of reader) {
    const pieces: Uint8Array[] = []
    for await (const piece of entry) pieces.push(piece as Uint8Array)
    found.push({ name: entry.header.name, text: Buffer.concat(pieces).toString('hex') })
  }
  return found
}
