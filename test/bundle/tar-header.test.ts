import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { tarHeader } from '../../src/bundle/tar-header.js'

describe('tarHeader', () => {
  it('is byte for byte what tar-stream writes, for any name of the format and any size', async () => {
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
    const names = fc.oneof(
      fc.constantFrom('oci-layout', 'index.json'),
      hex.map((digits) => `blobs/sha256/${digits}`),
    )

    await fc.assert(
      fc.asyncProperty(names, fc.integer({ min: 0, max: 8 * 1024 ** 3 - 1 }), async (name, size) => {
        const archive = pack()
        archive.entry({ name, size, mode: 0o644, mtime: new Date(0), type: 'file' })
        const written = await new Promise<Buffer>((resolve) => {
          archive.once('readable', () => resolve(archive.read() as Buffer))
        })

        const header = await tarHeader(name, size)

        expect(Buffer.compare(header, written)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('says the size in a pax record from 8 GiB up, and the name of a sha512 blob', async () => {
    const large = await tarHeader(`blobs/sha256/${'a'.repeat(64)}`, 8 * 1024 ** 3)
    const long = await tarHeader(`blobs/sha512/${'b'.repeat(128)}`, 5)

    expect(Buffer.from(large).toString('latin1')).toContain(' size=8589934592\n')
    expect(Buffer.from(long).toString('latin1')).toContain(` path=blobs/sha512/${'b'.repeat(128)}\n`)
    expect([large.byteLength % 512, long.byteLength % 512]).toEqual([0, 0])
  })
})
