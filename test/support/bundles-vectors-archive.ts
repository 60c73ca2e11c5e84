import { tarHeader } from '../../src/bundle/tar-header.js'
import type { ErrorCode } from '../../src/errors.js'
import { digestOf } from '../../src/oci/digest.js'
import { blobPath } from '../../src/oci/image-layout.js'
import { noise } from './build.js'
import { aRelease } from './bundles.js'
import { archiveOf, entriesIn, type FoundEntry } from './bundles-by-hand.js'
import type { Base, Vector } from './bundles-vectors.js'
import { layoutFiles } from './layout-files.js'
import { checksummed, paxBody, type RawEntry, rawEntry, rawTar, TAR_END } from './raw-tar.js'

export interface ArchiveChange {
  readonly name: string
  readonly why: string
  readonly code: ErrorCode
  readonly change: (archive: Archive) => Promise<Uint8Array> | Uint8Array
}

/** A sound archive, and where its entries are. */
export interface Archive {
  readonly bytes: Buffer
  readonly entries: readonly FoundEntry[]
  /** the last one, a layer */
  readonly layer: FoundEntry
}

/** What somebody who can write to the medium, but has no key, can do to the archive. */
export async function archiveVectors(base: Base): Promise<readonly Vector[]> {
  const changes = [...entryChanges, ...headerChanges, ...endChanges, ...contentChanges]
  return [...(await changedArchives(base, changes)), ...foreignVectors()]
}

/** The same archive after each of these changes; whatever one of them is, a reader calls the archive damaged. */
export async function changedArchives(base: Base, changes: readonly ArchiveChange[]): Promise<readonly Vector[]> {
  const { bytes } = base
  const entries = entriesIn(bytes)
  const archive: Archive = { bytes, entries, layer: at(entries, entries.length - 1) }
  const changed: Vector[] = []
  for (const { name, why, code, change } of changes) {
    changed.push({ name, why, code, of: base.name, verdict: 'damaged', bytes: await change(archive) })
  }
  return changed
}

export function at(entries: readonly FoundEntry[], place: number): FoundEntry {
  const entry = entries.at(place)
  if (entry === undefined) throw new Error('no such entry')
  return entry
}

/** The archive with other bytes instead of its blocks from one place to another. */
export function instead({ bytes }: Archive, from: number, to: number, ...blocks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([bytes.subarray(0, from), ...blocks, bytes.subarray(to)])
}

/** The archive with something before its layer. */
export function before(archive: Archive, ...blocks: readonly Uint8Array[]): Buffer {
  return instead(archive, archive.layer.headerAt, archive.layer.headerAt, ...blocks)
}

/** The layer's entry made anew: another name, another type. */
export function asLayer(archive: Archive, change: Partial<RawEntry>): Buffer {
  const { name, headerAt, bodyAt, size, endAt } = archive.layer
  const body = archive.bytes.subarray(bodyAt, bodyAt + size)
  return instead(archive, headerAt, endAt, rawEntry({ name, body, ...change }))
}

const FORMAT = 'ERR_BUNDLE_FORMAT'
const TRUNCATED = 'ERR_BUNDLE_TRUNCATED'

const entryChanges: readonly ArchiveChange[] = [
  {
    name: 'duplicate-tar-entry',
    why: 'a second copy of a layer with other bytes: one reader takes the first, another the last',
    code: FORMAT,
    change: async (archive) => {
      const { name, endAt } = archive.layer
      const again = (await archiveOf([{ path: name, bytes: Buffer.from('evil') }])).subarray(0, -TAR_END.byteLength)
      return instead(archive, endAt, endAt, again)
    },
  },
  {
    name: 'entry-added',
    why: 'a blob that nothing names, after the others',
    code: FORMAT,
    change: async (archive) => {
      const evil = Buffer.from('smuggled')
      const entry = await archiveOf([{ path: blobPath(digestOf(evil)), bytes: evil }])
      return instead(archive, archive.layer.endAt, archive.layer.endAt, entry.subarray(0, -TAR_END.byteLength))
    },
  },
  {
    name: 'entry-removed',
    why: 'the last blob is gone',
    code: 'ERR_BUNDLE_INCOMPLETE',
    change: (archive) => instead(archive, archive.layer.headerAt, archive.layer.endAt),
  },
  {
    name: 'entries-swapped',
    why: 'the last two blobs change places; everything is there',
    code: FORMAT,
    change: (archive) => {
      const { bytes, layer } = archive
      const config = at(archive.entries, archive.entries.length - 2)
      const [first, second] = [
        bytes.subarray(config.headerAt, config.endAt),
        bytes.subarray(layer.headerAt, layer.endAt),
      ]
      return instead(archive, config.headerAt, layer.endAt, second, first)
    },
  },
  {
    name: 'entry-renamed',
    why: 'the layer lies under the name of another digest',
    code: FORMAT,
    change: async (archive) => {
      const header = await tarHeader(blobPath(digestOf(Buffer.from('other'))), archive.layer.size)
      return instead(archive, archive.layer.headerAt, archive.layer.bodyAt, header)
    },
  },
  ...(
    [
      ['path-escapes-root', 'a name that leads out of the folder', '../../../../etc/cron.d/x'],
      ['path-absolute', 'a name from the root of the disk', '/etc/passwd'],
      ['path-escapes-blobs', 'a name below blobs that leads out of it', 'blobs/sha256/../../../x'],
      ['path-with-backslashes', 'a name that leads out of the folder on another system', '..\\..\\x'],
    ] as const
  ).map(
    ([name, why, path]): ArchiveChange => ({
      name,
      why,
      code: FORMAT,
      change: (archive) => asLayer(archive, { name: path }),
    }),
  ),
  {
    name: 'path-begins-with-dot',
    why: 'another spelling of the same path',
    code: FORMAT,
    change: (archive) => asLayer(archive, { name: `./${archive.layer.name}` }),
  },
  ...(
    [
      ['symlink-entry', 'a symbolic link where a blob should be', '2'],
      ['hardlink-entry', 'a hard link where a blob should be', '1'],
      ['device-entry', 'a device where a blob should be', '3'],
      ['fifo-entry', 'a named pipe where a blob should be', '6'],
      ['folder-entry', 'a folder where a blob should be', '5'],
    ] as const
  ).map(
    ([name, why, type]): ArchiveChange => ({
      name,
      why,
      code: FORMAT,
      change: (archive) => asLayer(archive, { type, body: '', size: 0 }),
    }),
  ),
  {
    name: 'sparse-entry',
    why: 'a GNU sparse file, whose size is not the one in its header',
    code: FORMAT,
    change: (archive) => asLayer(archive, { type: 'S' }),
  },
]

const headerChanges: readonly ArchiveChange[] = [
  {
    name: 'pax-path-override',
    why: 'a pax header gives the next file another name, for readers that know pax',
    code: FORMAT,
    change: (archive) => before(archive, rawEntry({ name: 'PaxHeader', type: 'x', body: paxBody({ path: '../x' }) })),
  },
  {
    name: 'pax-size-differs',
    why: 'a pax header and the header disagree about a size, so two readers see different members',
    code: FORMAT,
    change: (archive) => before(archive, rawEntry({ name: 'PaxHeader', type: 'x', body: paxBody({ size: '512' }) })),
  },
  {
    name: 'global-pax-header',
    why: 'a global pax header changes the meaning of everything after it',
    code: FORMAT,
    change: (archive) => {
      const header = rawEntry({ name: 'pax_global_header', type: 'g', body: paxBody({ comment: 'hello' }) })
      return instead(archive, 0, 0, header)
    },
  },
  {
    name: 'gnu-long-name',
    why: 'a GNU header gives the next file another name',
    code: FORMAT,
    change: (archive) => before(archive, rawEntry({ name: '././@LongLink', type: 'L', body: 'x'.repeat(120) })),
  },
  {
    name: 'header-of-another-writer',
    why: 'the same file with an owner and a time: not the one encoding that it has',
    code: FORMAT,
    change: (archive) => {
      const header = Buffer.from(archive.bytes.subarray(archive.layer.headerAt, archive.layer.bodyAt))
      header.write('00014745732', 136, 'latin1')
      return instead(archive, archive.layer.headerAt, archive.layer.bodyAt, checksummed(header))
    },
  },
  {
    name: 'oversize-header',
    why: 'a header that claims 8 EiB',
    code: FORMAT,
    change: (archive) => asLayer(archive, { size: Buffer.from('800000007fffffffffffffff', 'hex') }),
  },
  {
    name: 'negative-size-header',
    why: 'a header that claims less than nothing',
    code: FORMAT,
    change: (archive) => asLayer(archive, { size: Buffer.from('ffffffffffffffffffffff00', 'hex') }),
  },
  {
    name: 'index-json-of-5-GB',
    why: 'index.json claims 5 GB: refused from the header, before any memory is taken',
    code: 'ERR_LIMIT_EXCEEDED',
    change: async (archive) => {
      const { headerAt, bodyAt } = at(archive.entries, 1)
      return instead(archive, headerAt, bodyAt, await tarHeader('index.json', 5_000_000_000))
    },
  },
]

const endChanges: readonly ArchiveChange[] = [
  {
    name: 'trailing-garbage',
    why: 'bytes after the end of the archive',
    code: FORMAT,
    change: ({ bytes }) => Buffer.concat([bytes, Buffer.from('hello')]),
  },
  {
    name: 'trailing-zeros',
    why: 'empty blocks after the end, as other writers leave them',
    code: FORMAT,
    change: ({ bytes }) => Buffer.concat([bytes, TAR_END]),
  },
  {
    name: 'one-end-block-only',
    why: 'the second empty block is missing',
    code: TRUNCATED,
    change: ({ bytes }) => bytes.subarray(0, -512),
  },
  {
    name: 'concatenated-archives',
    why: 'the same archive twice, one after the other',
    code: FORMAT,
    change: ({ bytes }) => Buffer.concat([bytes, bytes]),
  },
  {
    name: 'end-mark-not-empty',
    why: 'a byte within the second empty block',
    code: FORMAT,
    change: ({ bytes }) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([1])]),
  },
  {
    name: 'padding-not-empty',
    why: 'a byte after the waybill, before the next block',
    code: FORMAT,
    change: (archive) => {
      const { endAt } = at(archive.entries, 2)
      return instead(archive, endAt - 1, endAt, Buffer.from([1]))
    },
  },
  ...(
    [
      ['truncated-in-first-header', () => 300],
      ['truncated-in-index', ({ entries }: Archive) => at(entries, 1).bodyAt + 100],
      ['truncated-before-an-entry', ({ layer }: Archive) => layer.headerAt],
      ['truncated-in-a-blob', ({ layer }: Archive) => layer.bodyAt + 512],
      ['truncated-before-the-end-mark', ({ layer }: Archive) => layer.endAt],
      ['truncated-by-one-byte', ({ bytes }: Archive) => bytes.byteLength - 1],
    ] as const
  ).map(
    ([name, sizeOf]): ArchiveChange => ({
      name,
      why: 'a copy that did not come to its end',
      code: TRUNCATED,
      change: (archive) => archive.bytes.subarray(0, sizeOf(archive)),
    }),
  ),
]

const MISMATCH = 'ERR_CONTENT_MISMATCH'

const contentChanges: readonly ArchiveChange[] = [
  ...(
    [
      ['changed-waybill', 2, 'one bit of the waybill', MISMATCH],
      ['changed-document', 3, 'one bit of the document', MISMATCH],
      ['changed-inventory', 4, 'one bit of the inventory', MISMATCH],
      ['changed-signature-manifest', 5, 'one bit of the signature’s manifest', MISMATCH],
      ['changed-envelope', 6, 'one bit of the signature’s envelope', MISMATCH],
      ['changed-manifest', 8, 'one bit of the image’s manifest', MISMATCH],
      ['changed-layer', -1, 'one bit of a layer', MISMATCH],
    ] as const
  ).map(
    ([name, place, why, code]): ArchiveChange => ({ name, why, code, change: (archive) => flipped(archive, place) }),
  ),
  {
    name: 'index-json-changed-media-type',
    why: 'index.json, which is not signed, gives the signature another media type',
    code: FORMAT,
    change: ({ bytes }) => {
      const second = bytes.indexOf('image.manifest.v1', bytes.indexOf('image.manifest.v1') + 1)
      return Buffer.concat([bytes.subarray(0, second), Buffer.from('image.manifesu'), bytes.subarray(second + 14)])
    },
  },
  {
    name: 'index-json-changed-name',
    why: 'index.json, which is not signed, gives the image another name',
    code: FORMAT,
    change: ({ bytes }) => Buffer.from(bytes.toString('latin1').replaceAll('team/app:', 'team/apq:'), 'latin1'),
  },
]

function flipped(archive: Archive, place: number): Buffer {
  const { bodyAt, size } = at(archive.entries, place < 0 ? archive.entries.length + place : place)
  const bytes = Buffer.from(archive.bytes)
  const middle = bodyAt + Math.floor(size / 2)
  bytes[middle] = (bytes[middle] ?? 0) ^ 1
  return bytes
}

// Not made by a library: another release of it would make other bytes.
const GZIP = Buffer.concat([Buffer.from('1f8b0800000000000003', 'hex'), noise(700, 'gzip')])

function foreignVectors(): readonly Vector[] {
  const files = layoutFiles(aRelease(50).index).map(({ name, bytes }) => ({ name, body: bytes }))
  const docker = { name: 'manifest.json', body: '[{"Config":"../../x.json","RepoTags":["app:1"],"Layers":[]}]' }
  const found: readonly (readonly [string, string, Uint8Array, ErrorCode])[] = [
    ['plain-oci-archive', 'an image layout in a tar, which is not a bundle', rawTar(...files), FORMAT],
    ['oci-archive-blobs-first', 'an image layout in another order', rawTar(...files.toReversed()), FORMAT],
    ['docker-archive', 'what docker save writes', rawTar(docker), FORMAT],
    ['gzip', 'a bundle that somebody has compressed', GZIP, FORMAT],
    ['text', 'a file of another kind', Buffer.from('This is not an archive.\n'.repeat(30)), FORMAT],
    ['zeros', 'a medium that was never written', new Uint8Array(10_240), FORMAT],
    ['empty-file', 'a file of no bytes', new Uint8Array(0), TRUNCATED],
  ]
  return found.map(([name, why, bytes, code]) => ({ name, why, bytes, code, verdict: 'damaged' }))
}
