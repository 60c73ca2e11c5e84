import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Entry, placeAll } from '../../src/bundle/offsets.js'
import { TarReader } from '../../src/bundle/tar-reader.js'
import { FileWindow } from '../../src/bundle/window.js'
import { checksummed, paxBody, type RawEntry, rawEntry, TAR_END } from '../support/raw-tar.js'
import { tmpFolder } from '../support/tmp.js'

const FIRST = { path: 'first', size: 700 }
const SECOND = { path: 'second', size: 0 }

async function reader(bytes: Uint8Array): Promise<TarReader> {
  const path = join(await tmpFolder(), 'archive.tar')
  await writeFile(path, bytes)
  const file = await open(path)
  onTestFinished(() => file.close())
  return new TarReader(new FileWindow(file, path, bytes.byteLength), bytes.byteLength)
}

/** An archive as the writer makes it, of bodies of `x`. */
async function written(...entries: readonly Entry[]): Promise<Buffer> {
  const placed = await placeAll(entries)
  const bytes = Buffer.alloc(placed.at(-1)?.endAt ?? 0)
  for (const { header, headerAt, bodyAt, size } of placed) {
    bytes.set(header, headerAt)
    bytes.fill('x', bodyAt, bodyAt + size)
  }
  return Buffer.concat([bytes, TAR_END])
}

/** Reads both entries and the end. */
async function readBoth(bytes: Uint8Array): Promise<void> {
  const tar = await reader(bytes)
  await tar.read(FIRST)
  await tar.expect(SECOND)
  await tar.expectEnd()
}

describe('TarReader', () => {
  it('takes what it expects, and gives the body', async () => {
    const tar = await reader(await written(FIRST, SECOND))

    const { bytes, placed } = await tar.read(FIRST)

    expect(Buffer.from(bytes).toString()).toBe('x'.repeat(700))
    expect(placed).toMatchObject({ bodyAt: 512, endAt: 1536 })
    await expect(tar.expect(SECOND)).resolves.toMatchObject({ headerAt: 1536 })
    await expect(tar.expectEnd()).resolves.toBeUndefined()
  })

  it('tells what comes next without taking it', async () => {
    const tar = await reader(await written(FIRST, SECOND))

    const found = [await tar.peek(), await tar.peek()]

    expect(found).toEqual([
      { name: 'first', size: 700, type: 'file' },
      { name: 'first', size: 700, type: 'file' },
    ])
  })

  it('reads a pax header for what is 8 GiB and larger, and calls a file without the rest cut off', async () => {
    const [placed] = await placeAll([{ path: 'large', size: 8 * 1024 ** 3 }])
    const tar = await reader(placed?.header ?? new Uint8Array(0))

    await expect(tar.expect({ path: 'large', size: 8 * 1024 ** 3 })).rejects.toMatchObject({
      code: 'ERR_BUNDLE_TRUNCATED',
      subject: 'large',
    })
  })

  it('refuses a path a second time', async () => {
    const tar = await reader(await written(FIRST, FIRST))
    await tar.expect(FIRST)

    await expect(tar.expect(FIRST)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT', subject: 'first' })
  })

  it.each<readonly [string, RawEntry]>([
    ['the same file by another writer', { name: 'first', body: 'x'.repeat(700) }],
    ['another name', { name: 'fIrst', body: 'x'.repeat(700) }],
    ['a name with a folder before it', { name: './first', body: 'x'.repeat(700) }],
    ['a name from its prefix', { name: 'first', prefix: '..', body: 'x'.repeat(700) }],
    ['a symbolic link', { name: 'first', type: '2', body: '' }],
    ['a hard link', { name: 'first', type: '1', body: '' }],
    ['a device', { name: 'first', type: '3', body: '' }],
    ['a fifo', { name: 'first', type: '6', body: '' }],
    ['a folder', { name: 'first', type: '5', body: '' }],
    ['a sparse file', { name: 'first', type: 'S', body: 'x'.repeat(700) }],
    ['a contiguous file', { name: 'first', type: '7', body: 'x'.repeat(700) }],
    ['a GNU long name', { name: '././@LongLink', type: 'L', body: 'first\0' }],
    ['a pax header', { name: 'PaxHeader', type: 'x', body: paxBody({ path: 'first' }) }],
    ['a global pax header', { name: 'pax_global_header', type: 'g', body: paxBody({ path: 'first' }) }],
    ['a size beyond all disks', { name: 'first', size: Buffer.from('80ffffffffffffffffffffff', 'hex') }],
    ['a negative size', { name: 'first', size: Buffer.from('ffffffffffffffffffffffff', 'hex') }],
    ['the GNU mark', { name: 'first', magic: 'ustar  \0', body: 'x'.repeat(700) }],
  ])('refuses %s', async (_name, entry) => {
    const [, rest] = [rawEntry(entry), await written(SECOND)]

    await expect(readBoth(Buffer.concat([rawEntry(entry), rest]))).rejects.toMatchObject({
      code: 'ERR_BUNDLE_FORMAT',
      subject: 'first',
    })
  })

  it('refuses one changed bit of a header, wherever it is', async () => {
    const bytes = await written(FIRST, SECOND)

    for (let at = 0; at < 512; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      await expect(readBoth(changed)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
      const again = Buffer.concat([checksummed(changed.subarray(0, 512)), changed.subarray(512)])
      if (at < 148 || at >= 156) await expect(readBoth(again)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
    }
  })

  it.each([512 + 700, 512 + 1023])('refuses padding that is not empty, at byte %i', async (at) => {
    const bytes = await written(FIRST, SECOND)
    bytes[at] = 1

    await expect(readBoth(bytes)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('says what is missing where the archive ends early', async () => {
    await expect(readBoth(await written(FIRST))).rejects.toMatchObject({
      code: 'ERR_BUNDLE_INCOMPLETE',
      subject: 'second',
    })
  })

  it('names an entry that comes after the last one', async () => {
    const bytes = await written(FIRST, SECOND, { path: 'third', size: 3 })

    await expect(readBoth(bytes)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT', subject: 'third' })
  })

  it.each([
    ['one byte', Buffer.from([0])],
    ['another end mark', TAR_END],
    ['text', Buffer.from('hello')],
    ['another archive', rawEntry({ name: 'first', body: 'evil' })],
  ])('refuses %s after the end', async (_name, more) => {
    const bytes = Buffer.concat([await written(FIRST, SECOND), more])

    await expect(readBoth(bytes)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('refuses something within the end mark', async () => {
    const bytes = await written(FIRST, SECOND)
    bytes[bytes.byteLength - 1] = 1

    await expect(readBoth(bytes)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('calls an archive cut off wherever it is cut', async () => {
    const bytes = await written(FIRST, SECOND)

    for (let size = 1; size < bytes.byteLength; size += 37) {
      await expect(readBoth(bytes.subarray(0, size))).rejects.toMatchObject({ code: 'ERR_BUNDLE_TRUNCATED' })
    }
  })
})
