import type { FileHandle } from 'node:fs/promises'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { blobPath, INDEX_FILE, LAYOUT_FILE } from '../oci/image-layout.js'
import { type FileRange, fileBytes } from './file-bytes.js'
import { type ImageLayout, type LayoutFiles, openLayout, type StoredBlob } from './image-layout.js'
import { withTarFile } from './open-tar.js'
import type { Bytes, CallOptions } from './store.js'
import { type TarFile, type TarMember, tarMembers } from './tar-members.js'

/**
 * Opens an image layout in a tar, as skopeo, Docker, Podman, containerd and oras write it. The tar is listed once and
 * then read at offsets; nothing is extracted, and no path is made from a name in it.
 * @throws ERR_MEDIUM, ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED, ERR_BUNDLE_VERSION, ERR_JSON_INVALID,
 *   ERR_CONTENT_AMBIGUOUS, ERR_LIMIT_EXCEEDED
 */
export async function openLayoutTar(path: string, call: CallOptions): Promise<ImageLayout> {
  return await withTarFile(path, async (tar) => await openLayout(new TarFiles(tar, await index(tar, call)), call))
}

async function index(tar: TarFile, call: CallOptions): Promise<ReadonlyMap<string, TarMember>> {
  const members = new Map<string, TarMember>()
  for await (const member of tarMembers(tar, call)) {
    const name = member.name.startsWith('./') ? member.name.slice(2) : member.name
    const shown = `${tar.path}: entry ${JSON.stringify(printable(member.name))}`
    if (member.kind === 'folder') {
      if (!FOLDER.test(name)) throw refused(shown, 'it has no place in an OCI image layout')
      continue
    }
    if (!isLayoutName(name))
      throw refused(
        shown,
        'it has no place in an OCI image layout; an archive of `docker save` is read as docker-archive:FILE',
      )
    // Some tools take the first of two entries with one name, some the last.
    if (members.has(name)) {
      throw new TransferError('ERR_CONTENT_AMBIGUOUS', `${shown} is there twice`, { side: 'medium', subject: name })
    }
    if (members.size >= LIMITS.graphNodes) {
      throw new TransferError('ERR_LIMIT_EXCEEDED', `${tar.path} has more than ${LIMITS.graphNodes} entries`, {
        subject: tar.path,
      })
    }
    members.set(name, member)
  }
  return members
}

const FOLDER = /^(?:\.?|(?:blobs|blobs\/[a-z0-9]+|ingest)\/?)$/
/** What Docker and containerd put beside a layout for older readers; never read. */
const BESIDE: readonly string[] = ['manifest.json', 'repositories']

/** Names are compared, never normalised: nothing that climbs, hides or folds into another name gets through. */
function isLayoutName(name: string): boolean {
  return name === LAYOUT_FILE || name === INDEX_FILE || BESIDE.includes(name) || digestIn(name) !== undefined
}

function digestIn(name: string): Digest | undefined {
  const [blobs, algorithm, encoded] = name.split('/')
  const digest = `${algorithm}:${encoded}`
  return blobs === 'blobs' && isDigest(digest) && name === blobPath(digest) ? digest : undefined
}

class TarFiles implements LayoutFiles {
  readonly where: string
  readonly #handle: FileHandle
  readonly #members: ReadonlyMap<string, TarMember>

  constructor(tar: TarFile, members: ReadonlyMap<string, TarMember>) {
    this.where = tar.path
    this.#handle = tar.handle
    this.#members = members
  }

  async sizeOf(name: string): Promise<number | undefined> {
    return this.#members.get(name)?.size
  }

  async *read(name: string, range: FileRange): Bytes {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`no entry ${name}`)
    const from = range.offset ?? 0
    const size = Math.min(range.size ?? member.size, member.size - from)
    yield* fileBytes(this.#handle, { signal: range.signal, path: this.where, offset: member.offset + from, size })
  }

  async blobs(): Promise<readonly StoredBlob[]> {
    const found: StoredBlob[] = []
    for (const [name, { size }] of this.#members) {
      const digest = digestIn(name)
      if (digest !== undefined) found.push({ digest, size })
    }
    return found.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function refused(what: string, why: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${what} is refused: ${why}`, { side: 'medium', subject: what })
}
