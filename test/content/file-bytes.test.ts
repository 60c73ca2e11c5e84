import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileBytes, fileFault } from '../../src/content/file-bytes.js'
import { readAll } from '../../src/content/read-all.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const MiB = 1024 * 1024

async function aFile(bytes: Uint8Array): Promise<string> {
  const path = join(await tmpFolder(), 'file')
  await writeFile(path, bytes)
  return path
}

/** Bytes of which no two pieces are alike, so that a wrong offset shows. */
function counted(size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32BE(at, at)
  return bytes
}

describe('fileBytes', () => {
  it('gives the whole file where no range is given', async () => {
    const content = counted(2 * MiB + 17)
    const path = await aFile(content)

    const read = await readAll(fileBytes(path, CALL), 10 * MiB, path)

    expect(Buffer.compare(read, content)).toBe(0)
  })

  it('gives exactly the bytes of a range', async () => {
    const content = counted(3 * MiB)
    const path = await aFile(content)

    const read = await readAll(fileBytes(path, { ...CALL, offset: 1001, size: MiB + 5 }), 10 * MiB, path)

    expect(Buffer.compare(read, content.subarray(1001, 1001 + MiB + 5))).toBe(0)
  })

  it.each([
    ['an empty file', 0, {}],
    ['an empty range', 10, { offset: 4, size: 0 }],
    ['a range that begins at the end', 10, { offset: 10 }],
  ])('gives nothing for %s', async (_what, size, range) => {
    const path = await aFile(counted(size))

    const read = await readAll(fileBytes(path, { ...CALL, ...range }), MiB, path)

    expect(read.byteLength).toBe(0)
  })

  it('gives buffers that the next read does not overwrite', async () => {
    const content = counted(4 * MiB)
    const path = await aFile(content)
    const kept: Uint8Array[] = []

    for await (const piece of fileBytes(path, CALL)) kept.push(piece)

    expect(kept.length).toBe(4)
    expect(Buffer.compare(Buffer.concat(kept), content)).toBe(0)
  })

  it('reads several ranges of one handle at the same time and leaves it open', async () => {
    const content = counted(4 * MiB)
    const handle = await open(await aFile(content))
    const ranges = [0, 1, 2, 3].map((at) => ({ ...CALL, offset: at * MiB, size: MiB }))

    const read = await Promise.all(ranges.map((range) => readAll(fileBytes(handle, range), MiB, 'range')))
    const { size } = await handle.stat()
    await handle.close()

    expect(Buffer.compare(Buffer.concat(read), content)).toBe(0)
    expect(size).toBe(content.byteLength)
  })

  it('refuses to end before the size that was promised', async () => {
    const path = await aFile(counted(100))

    const reading = readAll(fileBytes(path, { ...CALL, offset: 50, size: 51 }), MiB, path)

    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH', subject: path })
  })

  it('names the file that is not there', async () => {
    const path = join(await tmpFolder(), 'absent')

    const reading = readAll(fileBytes(path, CALL), MiB, path)

    await expect(reading).rejects.toMatchObject({ code: 'ERR_MEDIUM', subject: path })
  })

  it('says ERR_MEDIUM for something that cannot be read, such as a folder', async () => {
    const folder = await tmpFolder()

    const reading = readAll(fileBytes(folder, CALL), MiB, folder)

    await expect(reading).rejects.toMatchObject({ code: 'ERR_MEDIUM', subject: folder })
  })

  it('does not open the file when the call is cancelled already', async () => {
    const reading = readAll(fileBytes('/nonexistent', { signal: AbortSignal.abort(new Error('stop')) }), MiB, 'x')

    await expect(reading).rejects.toThrow('stop')
  })

  it('stops in the middle when the call is cancelled', async () => {
    const path = await aFile(counted(8 * MiB))
    const stop = new AbortController()
    let pieces = 0

    const reading = (async () => {
      for await (const _ of fileBytes(path, { signal: stop.signal })) {
        pieces += 1
        stop.abort(new Error('stop'))
      }
    })()

    await expect(reading).rejects.toThrow('stop')
    expect(pieces).toBe(1)
  })

  it('closes the file when the consumer leaves early', async () => {
    const path = await aFile(counted(8 * MiB))

    for (let round = 0; round < 5; round += 1) for await (const _ of fileBytes(path, CALL)) break

    const left = await openFilesNamed(path)
    expect(left).toBe(0)
  })
})

describe('fileFault', () => {
  it('tells a full disk from a broken one', () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const broken = Object.assign(new Error('i/o'), { code: 'EIO' })

    const codes = [fileFault('cannot write x', 'x', full).code, fileFault('cannot write x', 'x', broken).code]

    expect(codes).toEqual(['ERR_DISK_FULL', 'ERR_MEDIUM'])
  })
})

/** How often this process has the file open; 0 where the system cannot say. */
async function openFilesNamed(path: string): Promise<number> {
  const { readdir, readlink } = await import('node:fs/promises')
  const numbers = await readdir('/proc/self/fd').catch(() => [])
  const names = await Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')))
  return names.filter((name) => name === path).length
}
