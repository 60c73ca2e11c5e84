import { createHash } from 'node:crypto'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashRanges, startHash } from '../../src/content/hashing.js'

const signal = new AbortController().signal

describe('startHash', () => {
  it('finds the same digest as node:crypto for any way of cutting the content', async () => {
    const content = Buffer.alloc(3_000_000, 'waybill and more ')
    const expected = createHash('sha256').update(content).digest('hex')

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_200_000 }), { minLength: 1, maxLength: 20 }),
        async (cuts) => {
          const hash = startHash('sha256')
          let at = 0
          for (let n = 0; at < content.length; n += 1) {
            const size = cuts[n % cuts.length] ?? 1
            await hash.update(content.subarray(at, at + Math.max(size, 40_000)))
            at += Math.max(size, 40_000)
          }
          expect(await hash.digest()).toBe(expected)
          hash.release()
        },
      ),
      { numRuns: 20 },
    )
  })

  it('keeps streams apart that are fed at the same time', async () => {
    const contents = Array.from({ length: 12 }, (_, n) => Buffer.alloc(1_500_000, `stream ${n} `))

    const found = await Promise.all(
      contents.map(async (content) => {
        const hash = startHash('sha512')
        for (let at = 0; at < content.length; at += 65_536) await hash.update(content.subarray(at, at + 65_536))
        const digest = await hash.digest()
        hash.release()
        return digest
      }),
    )

    expect(found).toEqual(contents.map((content) => createHash('sha512').update(content).digest('hex')))
  })

  it('hashes nothing to the digest of nothing', async () => {
    const hash = startHash('sha256')

    const found = await hash.digest()
    hash.release()

    expect(found).toBe(createHash('sha256').digest('hex'))
  })
})

describe('hashRanges', () => {
  it('hashes ranges of a file in the order they were asked for, and says where the file ends too early', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waybill-hash-'))
    const path = join(folder, 'file')
    const content = Buffer.alloc(9_000_000, 'ranges ')
    await writeFile(path, content)
    const file = await open(path)
    const ranges = [
      { offset: 5, size: 10, algorithm: 'sha256' as const },
      { offset: 1000, size: 8_000_000, algorithm: 'sha256' as const },
      { offset: 0, size: 0, algorithm: 'sha512' as const },
      { offset: 8_999_990, size: 20, algorithm: 'sha256' as const },
    ]

    const found = await hashRanges({ fd: file.fd, path }, ranges, { signal })
    await file.close()
    await rm(folder, { recursive: true })

    const of = (algorithm: string, from: number, size: number) =>
      createHash(algorithm)
        .update(content.subarray(from, from + size))
        .digest('hex')
    expect(found).toEqual([of('sha256', 5, 10), of('sha256', 1000, 8_000_000), of('sha512', 0, 0), 'short:10'])
  })
})
