import type { FileHandle } from 'node:fs/promises'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { fileFault } from './file-bytes.js'
import type { CallOptions } from './store.js'
import { isZero, padded, parsePaxRecords, parseTarHeader, TAR_BLOCK, type TarHeader } from './tar-header.js'

/** A regular file or folder in a tar, and where its bytes lie. */
export interface TarMember {
  readonly name: string
  readonly kind: 'file' | 'folder'
  /** bytes from the start of the tar */
  readonly offset: number
  /** bytes */
  readonly size: number
}

/** A symbolic link in a tar. Nothing follows it but a comparison with the names of members. */
export interface TarLink extends Pick<TarMember, 'name' | 'offset'> {
  readonly kind: 'link'
  readonly size: 0
  readonly target: string
}

export interface TarFile {
  readonly handle: FileHandle
  readonly path: string
  /** bytes */
  readonly size: number
}

const KiB = 1024
const GiB = KiB * KiB * KiB
/** bytes of an extended header that are read: names that are of use here have fewer than 200 */
const EXTENSION_BYTES = 64 * KiB
/** bytes of padding after the end; GNU tar fills up to 10 KiB unless it is told otherwise */
const PADDING_BYTES = 1024 * KiB
/** the first size that the octal digits of a header cannot say */
const LARGE = 8 * GiB

/**
 * The members of a tar that any of the usual tools wrote, without reading their content. What two readers could see
 * differently is refused (TARmageddon, CVE-2025-62518): links, devices and sparse files, sizes that an extended header
 * changes without need, extended headers on top of each other, and whatever follows the end.
 * @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED, ERR_MEDIUM
 */
export async function* tarMembers(tar: TarFile, call: CallOptions): AsyncGenerator<TarMember> {
  for await (const member of entries(tar, { ...call, links: false })) if (member.kind !== 'link') yield member
}

/**
 * The same, with symbolic links: the archives of older Dockers have them in the place of layers that are there already.
 * @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED, ERR_MEDIUM
 */
export async function* tarMembersAndLinks(tar: TarFile, call: CallOptions): AsyncGenerator<TarMember | TarLink> {
  yield* entries(tar, { ...call, links: true })
}

async function* entries(
  tar: TarFile,
  call: CallOptions & { readonly links: boolean },
): AsyncGenerator<TarMember | TarLink> {
  let at = 0
  let extension: Extension | undefined
  for (;;) {
    call.signal.throwIfAborted()
    const block = await readExactly(tar, at, TAR_BLOCK)
    const where = `${tar.path}: block at byte ${at}`
    if (isZero(block)) {
      if (extension !== undefined) throw refused(where, 'an extended header belongs to nothing')
      return await requireEnd(tar, at)
    }
    const header = parseTarHeader(block, where)
    const offset = at + TAR_BLOCK
    if (isExtension(header.type)) {
      extension = await readExtension(tar, { header, offset, where }, extension)
      at = offset + padded(header.size)
      continue
    }
    const read = call.links && header.type === '2' ? linkOf : memberOf
    const member = read(header, extension, { offset, where })
    extension = undefined
    if (offset + member.size > tar.size)
      throw cut(tar, `${printable(member.name)} should end at byte ${offset + member.size}`)
    yield member
    at = offset + padded(member.size)
  }
}

interface Extension {
  readonly name?: string
  readonly size?: number
  readonly linkPath?: string
}

interface Place {
  readonly offset: number
  readonly where: string
}

function isExtension(type: string): boolean {
  return type === 'x' || type === 'g' || type === 'L'
}

async function readExtension(
  tar: TarFile,
  found: Place & { readonly header: TarHeader },
  earlier: Extension | undefined,
): Promise<Extension | undefined> {
  const { header, offset, where } = found
  if (header.size > EXTENSION_BYTES) throw refused(where, `an extended header of ${header.size} bytes`)
  const body = await readExactly(tar, offset, header.size)
  if (header.type === 'g') {
    // A global comment, as `git archive` writes it, changes nothing; anything else would change every later member.
    for (const key of parsePaxRecords(body, where).keys())
      if (changesContent(key)) throw refused(where, `a global ${key}`)
    return earlier
  }
  // Readers disagree on which of two extended headers wins.
  if (earlier !== undefined) throw refused(where, 'two extended headers for one member')
  return header.type === 'L' ? { name: longName(body) } : paxExtension(parsePaxRecords(body, where), where)
}

function changesContent(key: string): boolean {
  return key === 'path' || key === 'size' || key === 'linkpath' || key.startsWith('GNU.sparse.')
}

function longName(body: Uint8Array): string {
  const end = body.indexOf(0)
  return Buffer.from(end < 0 ? body : body.subarray(0, end)).toString('latin1')
}

function paxExtension(records: ReadonlyMap<string, string>, where: string): Extension {
  for (const key of records.keys()) if (key.startsWith('GNU.sparse.')) throw refused(where, 'a sparse file')
  const name = records.get('path')
  const size = records.get('size')
  if (size !== undefined && (!/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))) {
    throw refused(where, 'an extended size that is not a number')
  }
  const linkPath = records.get('linkpath')
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(linkPath === undefined ? {} : { linkPath }),
  }
}

const KINDS: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  '7': 'a contiguous file',
  S: 'a sparse file',
  K: 'a link with a long name',
}

function memberOf(header: TarHeader, extension: Extension | undefined, place: Place): TarMember {
  const name = extension?.name ?? header.name
  const where = `${place.where}, ${JSON.stringify(printable(name))}`
  const size = extension?.size ?? header.size
  // Writers need an extended size from 8 GiB up; below that it serves to hide members from one of two readers.
  if (size !== header.size && size < LARGE) throw refused(where, 'two different sizes')
  const folder = header.type === '5' || (header.type === '0' && name.endsWith('/'))
  if (!folder && header.type !== '0') throw refused(where, KINDS[header.type] ?? `type ${JSON.stringify(header.type)}`)
  if (folder && size !== 0) throw refused(where, 'a folder with content')
  return { name, kind: folder ? 'folder' : 'file', offset: place.offset, size }
}

function linkOf(header: TarHeader, extension: Extension | undefined, place: Place): TarLink {
  const name = extension?.name ?? header.name
  const where = `${place.where}, ${JSON.stringify(printable(name))}`
  if (header.size !== 0 || (extension?.size ?? 0) !== 0) throw refused(where, 'a link with content')
  return { name, kind: 'link', offset: place.offset, size: 0, target: extension?.linkPath ?? header.linkName ?? '' }
}

/** Two zero blocks, then nothing but zeros: a second archive behind the end is seen by some readers only. */
async function requireEnd(tar: TarFile, at: number): Promise<void> {
  const left = tar.size - at
  if (left < 2 * TAR_BLOCK) throw cut(tar, 'the end mark is not complete')
  if (left > PADDING_BYTES) throw refused(`${tar.path}: byte ${at}`, `${left} bytes after the end`)
  if (!isZero(await readExactly(tar, at, left))) throw refused(`${tar.path}: byte ${at}`, 'content after the end')
}

async function readExactly(tar: TarFile, offset: number, size: number): Promise<Uint8Array> {
  if (offset + size > tar.size) throw cut(tar, `there should be ${size} bytes at byte ${offset}`)
  const buffer = Buffer.alloc(size)
  const { bytesRead } = await tar.handle.read(buffer, 0, size, offset).catch((cause: unknown) => {
    throw fileFault(`cannot read ${tar.path} at byte ${offset}`, tar.path, cause)
  })
  if (bytesRead !== size) throw cut(tar, `there are ${bytesRead} of ${size} bytes at byte ${offset}`)
  return buffer
}

function refused(where: string, what: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${where} is refused: ${what}`, { side: 'medium', subject: where })
}

function cut(tar: TarFile, what: string): TransferError {
  return new TransferError('ERR_BUNDLE_TRUNCATED', `${tar.path} is cut off after ${tar.size} bytes: ${what}`, {
    side: 'medium',
    subject: tar.path,
  })
}
