import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ImageLayout } from '../../src/content/image-layout.js'
import { openLayoutTar } from '../../src/content/layout-tar.js'
import { readAll } from '../../src/content/read-all.js'
import { TransferError } from '../../src/errors.js'
import { digestOf } from '../../src/oci/digest.js'
import { anImage } from '../support/build.js'
import { type LayoutFile, layoutFiles, tarOf } from '../support/layout-files.js'
import { paxBody, type RawEntry, rawEntry, rawTar, TAR_END } from '../support/raw-tar.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const image = anImage({ layers: 2, size: 700 }).tagged('v1')
const files = layoutFiles(image)
const HEX = 'a'.repeat(64)
const GiB = 1024 ** 3

async function opened(bytes: Uint8Array): Promise<ImageLayout> {
  const path = join(await tmpFolder(), 'layout.tar')
  await writeFile(path, bytes)
  const layout = await openLayoutTar(path, CALL)
  onTestFinished(() => layout.close())
  return layout
}

async function expectImage(bytes: Uint8Array): Promise<void> {
  const layout = await opened(bytes)
  const { descriptor } = await layout.resolveRoot('v1', CALL)
  for (const content of image.contents) {
    const read = await readAll(layout.source.fetch(content.descriptor, CALL), 1_000_000, 'blob')
    expect(digestOf(read)).toBe(content.descriptor.digest)
  }
  expect(descriptor.digest).toBe(image.root.digest)
}

function raw(...more: readonly RawEntry[]): Buffer {
  return rawTar(...files.map(({ name, bytes }) => ({ name, body: bytes })), ...more)
}

describe('openLayoutTar', () => {
  it.each<[string, (files: readonly LayoutFile[]) => readonly (LayoutFile & { type?: 'directory' })[]]>([
    ['with the blobs first, as skopeo writes it', (all) => [...all.slice(2), ...all.slice(0, 2)]],
    ['with ./ before every name, as tar writes it', (all) => all.map((file) => ({ ...file, name: `./${file.name}` }))],
    [
      'with entries for its folders',
      (all) => [
        ...['./', 'blobs/', 'blobs/sha256/', 'ingest/'].map((name) => ({
          name,
          bytes: new Uint8Array(0),
          type: 'directory' as const,
        })),
        ...all,
      ],
    ],
    [
      'with what Docker puts beside it',
      (all) => [...all, ...['manifest.json', 'repositories'].map((name) => ({ name, bytes: Buffer.from('{}') }))],
    ],
  ])('reads a layout %s', async (_what, arrange) => {
    const bytes = await tarOf(arrange(files))

    await expectImage(bytes)
  })

  it.each<[string, Uint8Array]>([
    ['in the GNU form', rawTar(...files.map(({ name, bytes }) => ({ name, body: bytes, magic: 'ustar  \0' })))],
    ['padded to ten kilobytes', Buffer.concat([raw(), Buffer.alloc(20 * 512)])],
    ['with a global comment', Buffer.concat([rawEntry(pax('g', { comment: 'HEAD' })), raw()])],
    [
      'with times and an equal size in pax headers',
      rawTar(
        ...files.flatMap(({ name, bytes }) => [
          pax('x', { mtime: '1.5', size: String(bytes.byteLength) }),
          { name, body: bytes },
        ]),
      ),
    ],
    [
      'with names in pax headers',
      rawTar(...files.flatMap(({ name, bytes }) => [pax('x', { path: name }), { name: 'short', body: bytes }])),
    ],
    [
      'with names in GNU long-name entries',
      rawTar(
        ...files.flatMap(({ name, bytes }) => [
          { name: '././@LongLink', type: 'L', body: `${name}\0` },
          { name: 'short', body: bytes },
        ]),
      ),
    ],
    [
      'with sizes in base 256',
      rawTar(...files.map(({ name, bytes }) => ({ name, body: bytes, size: base256(bytes.byteLength) }))),
    ],
    ['with names split into a prefix', rawTar(...files.map(({ name, bytes }) => ({ ...split(name), body: bytes })))],
  ])('reads a layout %s', async (_what, bytes) => {
    await expectImage(bytes)
  })

  it.each([
    '../../etc/cron.d/x',
    '/etc/passwd',
    'blobs/sha256/../../x',
    'blobs\\sha256\\..',
    `blobs//sha256/${HEX}`,
    `blobs/sha256/${HEX}/x`,
    `blobs/sha256/${HEX.toUpperCase()}`,
    `blobs/sha256/${HEX.slice(1)}`,
    `blobs/md5/${'a'.repeat(32)}`,
    `blobs/sha256/${HEX}\n`,
    'INDEX.JSON',
    '././index.json',
    './blobs/../index.json',
    'index.json ',
    'other.txt',
    '.',
  ])('refuses an entry with the name %j', async (name) => {
    const opening = opened(raw({ name, body: 'x' }))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each(['../', '/', 'blobs/../../', 'etc/', 'blobs/sha256/x/', './../'])('refuses a folder %j', async (name) => {
    const opening = opened(raw({ name, type: '5' }))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each([
    ['a name that hides behind a short one, in a pax header', pax('x', { path: '../../x' }), 'short'],
    ['a name in a GNU long-name entry', { name: 'x', type: 'L', body: '../../x\0' }, 'short'],
  ])('refuses %s', async (_what, extension, name) => {
    const opening = opened(raw(extension, { name, body: 'x' }))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each([
    ['a hard link', '1'],
    ['a symbolic link', '2'],
    ['a character device', '3'],
    ['a block device', '4'],
    ['a pipe', '6'],
    ['a contiguous file', '7'],
    ['a sparse file', 'S'],
    ['a GNU dump folder', 'D'],
    ['a volume label', 'V'],
    ['a Solaris extended header', 'X'],
    ['an unknown type', '!'],
  ])('refuses %s', async (_what, type) => {
    const opening = opened(raw({ name: `blobs/sha256/${HEX}`, type }))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each(['index.json', './index.json', 'oci-layout', `./${files[2]?.name}`])(
    'refuses a second entry %j, which some tools would take instead of the first',
    async (name) => {
      const opening = opened(raw({ name, body: '{}' }))

      await expect(opening).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
    },
  )

  it.each<[string, readonly RawEntry[]]>([
    ['a pax size that shrinks an entry', [pax('x', { size: '0' }), blob(rawEntry({ name: 'index.json' }))]],
    ['a pax size that grows an entry', [pax('x', { size: '1024' }), blob('x')]],
    ['a pax size that is not a number', [pax('x', { size: '0x10' }), blob('x')]],
    ['a negative pax size', [pax('x', { size: '-1' }), blob('x')]],
    ['a pax header of a sparse file', [pax('x', { 'GNU.sparse.major': '1' }), blob('x')]],
    ['a global path', [pax('g', { path: 'index.json' }), blob('x')]],
    ['a global size', [pax('g', { size: '1' }), blob('x')]],
    ['a pax header on a pax header', [pax('x', { mtime: '1' }), pax('x', { path: 'index.json' }), blob('x')]],
    ['a pax header before a long name', [pax('x', { path: 'a' }), { name: 'L', type: 'L', body: 'b\0' }, blob('x')]],
    ['a pax header that belongs to nothing', [pax('x', { mtime: '1' })]],
    ['a pax record that is too long', [{ name: 'p', type: 'x', body: '99 path=x\n' }, blob('x')]],
    ['a pax record without a length', [{ name: 'p', type: 'x', body: 'path=x\n' }, blob('x')]],
    ['a pax record without a key', [{ name: 'p', type: 'x', body: '5 =x\n' }, blob('x')]],
    ['a pax record that is there twice', [{ name: 'p', type: 'x', body: '9 path=a\n9 path=b\n' }, blob('x')]],
    ['a pax header of a megabyte', [{ name: 'p', type: 'x', body: Buffer.alloc(1024 * 1024, 0x20) }, blob('x')]],
    ['a negative size in base 256', [{ ...blob(''), size: Buffer.alloc(12, 0xff) }]],
    [
      'a size beyond 2^53',
      [{ ...blob(''), size: Buffer.from([0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255]) }],
    ],
    ['a size that is not octal', [{ ...blob(''), size: Buffer.from('00000000019\0') }]],
    ['a folder with content', [{ name: 'blobs/', type: '5', body: rawEntry({ name: 'index.json' }) }]],
    ['a header that is neither POSIX nor GNU', [{ ...blob('x'), magic: '\0\0\0\0\0\0\0\0' }]],
  ])('refuses %s', async (_what, entries) => {
    const opening = opened(raw(...entries))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each<[string, Uint8Array]>([
    ['a second archive behind the end', Buffer.concat([raw(), raw()])],
    ['a byte behind the end', Buffer.concat([raw(), Buffer.alloc(512), Buffer.from('x')])],
    ['two megabytes of nothing behind the end', Buffer.concat([raw(), Buffer.alloc(2 * 1024 * 1024)])],
  ])('refuses %s', async (_what, bytes) => {
    const opening = opened(bytes)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it.each([
    ['gzip', gzipSync(raw())],
    ['zstd', Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(2000)])],
    ['xz', Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(2000)])],
    ['bzip2', Buffer.concat([Buffer.from('BZh9'), Buffer.alloc(2000)])],
    ['nothing that is a tar', Buffer.from('hello '.repeat(500))],
  ])('refuses %s', async (_what, bytes) => {
    const opening = opened(bytes)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('notices that the end is missing, wherever the file is cut', async () => {
    const whole = raw()
    const codes = new Set<string>()

    for (let size = 0; size < whole.byteLength; size += 256) {
      const failure = await opened(whole.subarray(0, size)).catch((cause: unknown) => cause)
      codes.add(failure instanceof TransferError ? failure.code : String(failure))
    }

    expect([...codes]).toEqual(['ERR_BUNDLE_TRUNCATED'])
  })

  it('refuses a size beyond the end of the file without reading it', async () => {
    const opening = opened(raw({ ...blob(''), size: base256(1000 * GiB) }))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_TRUNCATED' })
  })

  it('refuses an index.json larger than the limit without reading it', async () => {
    const path = join(await tmpFolder(), 'layout.tar')
    const size = 65 * 1024 * 1024
    const [layout] = files
    const start = Buffer.concat([
      rawEntry({ name: 'oci-layout', body: layout?.bytes ?? '' }),
      rawEntry({ name: 'index.json', size }),
    ])
    await writeFile(path, start)
    await truncate(path, start.byteLength + size + TAR_END.byteLength)

    const opening = openLayoutTar(path, CALL)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })

  it('refuses any one changed bit of a header', async () => {
    const whole = raw()
    const survivors: number[] = []

    for (let at = 0; at < 512; at += 1) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 1
      const failure = await opened(changed).catch((cause: unknown) => cause)
      if (!(failure instanceof TransferError)) survivors.push(at)
    }

    // The last byte of the checksum field is a space or a NUL; neither says anything.
    expect(survivors.filter((at) => at < 148 || at >= 156)).toEqual([])
  })

  it('says ERR_MEDIUM for a file that is not there', async () => {
    const opening = openLayoutTar(join(await tmpFolder(), 'absent.tar'), CALL)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })

  it('says ERR_BUNDLE_FORMAT for a folder', async () => {
    const opening = openLayoutTar(await tmpFolder(), CALL)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('refuses a tar that holds no layout', async () => {
    const opening = opened(rawTar({ name: 'manifest.json', body: '[]' }))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('reads an entry of more than 8 GiB', async () => {
    const path = join(await tmpFolder(), 'large.tar')
    const size = 9 * GiB
    const before = Buffer.concat([
      ...files.map(({ name, bytes }) => rawEntry({ name, body: bytes })),
      rawEntry(pax('x', { size: String(size) })),
      rawEntry({ name: `blobs/sha256/${HEX}`, size: 0 }),
    ])
    await writeFile(path, before)
    await truncate(path, before.byteLength + size + TAR_END.byteLength)

    const layout = await openLayoutTar(path, CALL)

    const { descriptor } = await layout.resolveRoot(undefined, CALL)
    await layout.close()
    expect(descriptor.digest).toBe(image.root.digest)
  })
})

function pax(type: 'x' | 'g', records: Readonly<Record<string, string>>): RawEntry {
  return { name: 'PaxHeader', type, body: paxBody(records) }
}

function blob(body: Uint8Array | string): RawEntry {
  return { name: `blobs/sha256/${HEX}`, body }
}

function base256(size: number): Buffer {
  const field = Buffer.alloc(12)
  field.writeBigUInt64BE(BigInt(size), 4)
  field[0] = 0x80
  return field
}

function split(name: string): RawEntry {
  const at = name.lastIndexOf('/')
  return at < 0 ? { name } : { prefix: name.slice(0, at), name: name.slice(at + 1) }
}
