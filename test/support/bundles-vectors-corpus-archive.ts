import { tarHeader } from '../../src/bundle/tar-header.js'
import { digestOf } from '../../src/oci/digest.js'
import { blobPath } from '../../src/oci/image-layout.js'
import { noise } from './build.js'
import type { Base, Vector } from './bundles-vectors.js'
import {
  type Archive,
  type ArchiveChange,
  asLayer,
  at,
  before,
  changedArchives,
  instead,
} from './bundles-vectors-archive.js'
import { checksummed, paxBody, type RawEntry, rawEntry } from './raw-tar.js'

const FORMAT = 'ERR_BUNDLE_FORMAT'
const LIMIT = 'ERR_LIMIT_EXCEEDED'

/** What archives have been made of to deceive one reader of tars or another, as far as `archiveVectors` has it not. */
export async function corpusArchiveVectors(base: Base, withPax: Base): Promise<readonly Vector[]> {
  return [
    ...(await changedArchives(base, [...names, ...links, ...types, ...headers, ...limits])),
    ...(await changedArchives(withPax, paxHeaders)),
    ...packed(),
  ]
}

/** An entry before the layer, which stays as it is. */
function added(name: string, why: string, ...entries: readonly RawEntry[]): ArchiveChange {
  return { name, why, code: FORMAT, change: (archive) => before(archive, ...entries.map(rawEntry)) }
}

/** An entry after the layer. */
function after(name: string, why: string, entry: (archive: Archive) => RawEntry): ArchiveChange {
  const change = (archive: Archive): Buffer =>
    instead(archive, archive.layer.endAt, archive.layer.endAt, rawEntry(entry(archive)))
  return { name, why, code: FORMAT, change }
}

const BLOB = blobPath(digestOf(Buffer.from('other')))

const names: readonly ArchiveChange[] = [
  after('name-twin-with-dot', 'the layer again, in another spelling of its name', ({ layer }) => ({
    name: `./${layer.name}`,
    body: 'evil',
  })),
  after(
    'name-twin-in-another-case',
    'the layer again, in a name that some file systems take for the same',
    (archive) => ({
      name: archive.layer.name.toUpperCase(),
      body: 'evil',
    }),
  ),
  added(
    'name-twins-in-unicode',
    'one name in two forms that some file systems take for the same',
    {
      name: Buffer.from('blobs/\u00e9').toString('latin1'),
      body: 'one',
    },
    { name: Buffer.from('blobs/e\u0301').toString('latin1'), body: 'two' },
  ),
  added('name-with-nul', 'a name that ends at its zero byte for some readers', { name: `${BLOB.slice(0, 60)}\0/../x` }),
  added('name-with-line-feed', 'a name of two lines, for whoever reads a listing', { name: 'index.json\noci-layout' }),
  added('name-with-escape', 'a name that a terminal acts on', { name: '\u001b]8;;http://evil.example\u0007x' }),
  added('name-in-prefix', 'a name that leads out through the prefix field', { name: 'x', prefix: '../../etc' }),
  added('name-empty', 'an entry without a name', { name: '' }),
]

const links: readonly ArchiveChange[] = [
  {
    name: 'symlink-in-place-of-layer',
    why: 'a blob that is a link into the reader’s own files',
    code: FORMAT,
    change: (archive) => asLayer(archive, { type: '2', link: '/etc/shadow', body: '' }),
  },
  added('symlink-in-place-of-folder', 'a folder that is a link elsewhere, and blobs behind it', {
    name: 'blobs',
    type: '2',
    link: '/tmp',
  }),
  added(
    'symlinks-in-a-chain',
    'two links, each within the archive, that lead out together',
    { name: 'a/b/c/up', type: '2', link: '../..' },
    { name: 'a/b/escape', type: '2', link: 'c/up/../..' },
  ),
  added(
    'hard-link-through-a-symlink',
    'a hard link to a file behind a link',
    { name: 'escape', type: '2', link: '../..' },
    { name: 'x', type: '1', link: 'escape/etc/passwd' },
  ),
  added('hard-link-to-an-entry', 'a hard link to the layout’s own index, to be written through', {
    name: BLOB,
    type: '1',
    link: 'index.json',
  }),
]

const types: readonly ArchiveChange[] = (
  [
    ['block-device-entry', 'a block device where a blob should be', '4'],
    ['contiguous-entry', 'a contiguous file where a blob should be', '7'],
    ['entry-of-unknown-type', 'a type that no standard names', 'Z'],
    ['entry-of-old-type', 'a file as tar wrote it before POSIX, with a zero byte for its type', '\0'],
    ['volume-header-entry', 'a GNU header of a volume', 'V'],
    ['multi-volume-entry', 'a GNU continuation of a file from another volume', 'M'],
  ] as const
).map(
  ([name, why, type]): ArchiveChange => ({ name, why, code: FORMAT, change: (archive) => asLayer(archive, { type }) }),
)

const headers: readonly ArchiveChange[] = [
  {
    name: 'header-checksum-wrong',
    why: 'a header whose checksum is another one',
    code: FORMAT,
    change: (archive) => {
      const header = Buffer.from(archive.bytes.subarray(archive.layer.headerAt, archive.layer.bodyAt))
      header.write('0000000\0', 148, 'latin1')
      return instead(archive, archive.layer.headerAt, archive.layer.bodyAt, header)
    },
  },
  {
    name: 'header-of-gnu-format',
    why: 'the same file in the format of GNU tar',
    code: FORMAT,
    change: (archive) => {
      const header = Buffer.from(archive.bytes.subarray(archive.layer.headerAt, archive.layer.bodyAt))
      header.write('ustar  \0', 257, 'latin1')
      return instead(archive, archive.layer.headerAt, archive.layer.bodyAt, checksummed(header))
    },
  },
  {
    name: 'size-in-base-256',
    why: 'the right size in the encoding for large ones: a second spelling',
    code: FORMAT,
    change: (archive) => {
      const size = Buffer.alloc(12)
      size.writeUInt8(0x80)
      size.writeUInt32BE(archive.layer.size, 8)
      return asLayer(archive, { size })
    },
  },
  {
    name: 'size-one-less',
    why: 'a header that claims a byte less than there is',
    code: FORMAT,
    change: (archive) => asLayer(archive, { size: archive.layer.size - 1 }),
  },
  added(
    'pax-before-gnu-long-name',
    'a pax header and a GNU one for the same file: readers differ in which counts',
    { name: 'PaxHeader', type: 'x', body: paxBody({ size: '1024' }) },
    { name: '././@LongLink', type: 'L', body: 'x'.repeat(120) },
  ),
  added('gnu-long-link', 'a GNU header gives the next file another target', {
    name: '././@LongLink',
    type: 'K',
    body: '/etc/passwd',
  }),
  added('pax-header-of-a-link', 'a pax header makes a link of the next file', {
    name: 'PaxHeader',
    type: 'x',
    body: paxBody({ linkpath: '/etc/passwd' }),
  }),
  {
    name: 'end-mark-before-the-layer',
    why: 'an end before the layer: one reader stops, another goes on',
    code: 'ERR_BUNDLE_INCOMPLETE',
    change: (archive) => before(archive, Buffer.alloc(1024)),
  },
  {
    name: 'many-empty-entries',
    why: 'entries of no bytes, as many as the medium holds: nothing is listed before it is expected',
    code: FORMAT,
    change: (archive) => before(archive, ...Array.from({ length: 40 }, () => rawEntry({ name: BLOB }))),
  },
  {
    name: 'layer-shortened',
    why: 'a layer cut to a shorter one that is sound by itself, with a header that says so',
    code: FORMAT,
    change: (archive) => {
      const { bodyAt, size } = archive.layer
      return asLayer(archive, { body: archive.bytes.subarray(bodyAt, bodyAt + size - 512) })
    },
  },
]

/** A pax header of the one form that a bundle may have, and then not quite. */
function pax(name: string, why: string, change: (body: string) => string): ArchiveChange {
  return {
    name,
    why,
    code: FORMAT,
    change: (archive) => {
      const header = archive.entries.find(({ headerAt }) => archive.bytes[headerAt + 156] === 'x'.charCodeAt(0))
      if (header === undefined) throw new Error('no pax header')
      const body = Buffer.from(archive.bytes.subarray(header.bodyAt, header.bodyAt + header.size)).toString('latin1')
      const changed = Buffer.from(change(body).padEnd(body.length, '\0').slice(0, body.length), 'latin1')
      return instead(archive, header.bodyAt, header.bodyAt + header.size, changed)
    },
  }
}

const paxHeaders: readonly ArchiveChange[] = [
  pax('pax-length-too-long', 'a record that is longer than its header', (body) => body.replace(/^[0-9]+/, '999')),
  pax('pax-length-zero', 'a record of no length, at which a reader may stand still', (body) =>
    body.replace(/^[0-9]+/, (digits) => '0'.repeat(digits.length)),
  ),
  pax('pax-path-of-another-blob', 'a pax header that names another blob', (body) =>
    body.replace(/[0-9a-f](?=\n)/, (digit) => (digit === '0' ? '1' : '0')),
  ),
]

const SIZE = 5_000_000_000

/** A size is believed by nobody before it is compared with a limit, or with what was said of it. */
function claims(name: string, why: string, place: number, code: ArchiveChange['code']): ArchiveChange {
  return {
    name,
    why,
    code,
    change: async (archive) => {
      const { name: path, headerAt, bodyAt } = at(archive.entries, place)
      return instead(archive, headerAt, bodyAt, await tarHeader(path, SIZE))
    },
  }
}

const limits: readonly ArchiveChange[] = [
  claims('waybill-of-5-GB', 'the waybill’s header claims 5 GB, and the index does not', 2, FORMAT),
  claims('document-of-5-GB', 'the document’s header claims 5 GB, and the waybill does not', 3, FORMAT),
  claims('layer-of-5-GB', 'a layer’s header claims 5 GB, and the inventory does not', -1, FORMAT),
  {
    name: 'index-json-says-waybill-of-5-GB',
    why: 'index.json says that the waybill has 5 GB: refused before any memory is taken',
    code: LIMIT,
    change: async (archive) => {
      const { bodyAt, size, endAt } = at(archive.entries, 1)
      const text = archive.bytes.subarray(bodyAt, bodyAt + size).toString()
      const changed = Buffer.from(text.replace(/"size":[0-9]+/, `"size":${SIZE}`))
      const entry = Buffer.concat([
        await tarHeader('index.json', changed.byteLength),
        changed,
        Buffer.alloc((512 - (changed.byteLength % 512)) % 512),
      ])
      return instead(archive, at(archive.entries, 1).headerAt, endAt, entry)
    },
  },
]

/** What compresses, by its first bytes; nothing is ever unpacked, so nothing after them matters. */
function packed(): readonly Vector[] {
  const found: readonly (readonly [string, string, string])[] = [
    ['zstd', 'a bundle compressed with zstd, in a window of 2 GiB', '28b52ffd00a8'],
    ['xz', 'a bundle compressed with xz', 'fd377a585a000004'],
    ['bzip2', 'a bundle compressed with bzip2', '425a6839314159265359'],
    ['zip', 'a zip file, which has its list of members at the end', '504b030414000000'],
    ['lz4', 'a bundle compressed with lz4, which has a number of its own', '04224d186470b9'],
  ]
  const vectors = found.map(
    ([name, why, start]): Vector => ({
      ...{ name, why, verdict: 'damaged', code: FORMAT },
      bytes: Buffer.concat([Buffer.from(start, 'hex'), noise(700, name)]),
    }),
  )
  const bomb: Vector = {
    name: 'gzip-bomb',
    why: 'a gzip file that unpacks to more than a hundred times its size, another one after it, and junk',
    verdict: 'damaged',
    code: FORMAT,
    bytes: Buffer.concat([gzipBomb(), gzipBomb(), Buffer.from('junk after the last member')]),
  }
  return [...vectors, bomb]
}

/** Zeros, 258 of them for each thirteen bits (RFC 1951 3.2.6): made by hand, so that no release of a library changes it. */
function gzipBomb(): Buffer {
  const header = Buffer.from('1f8b0800000000000003', 'hex')
  // The last block, fixed codes, one literal zero; then the longest match at distance 1, again and again.
  const bits = ['1', '10', '00110000', ...Array.from({ length: 2000 }, () => '1100010100000'), '0000000'].join('')
  const bytes = bits.match(/.{1,8}/g)?.map((byte) => Number.parseInt([...byte].reverse().join(''), 2)) ?? []
  return Buffer.concat([header, Buffer.from(bytes), Buffer.alloc(8)])
}
