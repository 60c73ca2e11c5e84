import { canonicalBytes } from '../encoding/canonical-json.js'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor, describe } from '../oci/descriptor.js'
import { blobPath, CONTAINERD_NAME, INDEX_FILE, LAYOUT_FILE, LAYOUT_VERSION, REF_NAME } from '../oci/image-layout.js'
import { DOCKER_CONFIG, DOCKER_MANIFEST, OCI_INDEX } from '../oci/media-types.js'
import { ARCHIVE_LIST, type ArchivedImage, parseArchiveList, parseDiffIds } from './docker-archive-list.js'
import type { ArchiveMembers } from './docker-archive-members.js'
import { fullDockerName } from './docker-name.js'
import { type FileRange, fileBytes } from './file-bytes.js'
import type { LayoutFiles, StoredBlob } from './image-layout.js'
import { compressionAt } from './open-tar.js'
import { readAll } from './read-all.js'
import type { Bytes, CallOptions } from './store.js'
import type { TarFile, TarMember } from './tar-members.js'

/** A layer as it lies in the archive: a tar, not compressed (docs/adr/0026). */
export const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar'

/** An archive that is open, and what is in it. */
interface OpenArchive extends CallOptions {
  readonly tar: TarFile
  readonly members: ArchiveMembers
}

type Files = ReadonlyMap<string, Uint8Array | TarMember>

/**
 * The layout that an archive would be: what is made, and where the rest lies.
 * @throws ERR_BUNDLE_FORMAT, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function archiveFiles(tar: TarFile, members: ArchiveMembers, call: CallOptions): Promise<LayoutFiles> {
  if (!members.has(ARCHIVE_LIST)) throw refused(tar.path, `it is no Docker archive: it has no ${ARCHIVE_LIST}`)
  const archive = { ...call, tar, members }
  const images = parseArchiveList(
    await read(archive, ARCHIVE_LIST, LIMITS.archiveListBytes),
    `${ARCHIVE_LIST} of ${tar.path}`,
  )
  if (images.reduce((sum, { layers }) => sum + layers.length, 0) > LIMITS.graphNodes) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `${tar.path} lists more than ${LIMITS.graphNodes} layers`, {
      subject: tar.path,
    })
  }
  const files = new Map<string, Uint8Array | TarMember>()
  const manifests: Descriptor[] = []
  for (const image of images) {
    const made = await imageOf(archive, image)
    manifests.push(...made.entries)
    for (const [name, file] of made.files) files.set(name, file)
  }
  files.set(LAYOUT_FILE, canonicalBytes({ imageLayoutVersion: LAYOUT_VERSION }))
  files.set(INDEX_FILE, canonicalBytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }))
  return new ArchiveFiles(tar, files)
}

async function read({ tar, members, signal }: OpenArchive, name: string, maxBytes: number): Promise<Uint8Array> {
  const { offset, size } = members.file(name)
  const what = `${printable(name, 300)} of ${tar.path}`
  if (size > maxBytes) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `${what} has ${size} bytes; ${maxBytes} are read`, { subject: what })
  }
  return await readAll(fileBytes(tar.handle, { signal, path: tar.path, offset, size }), maxBytes, what)
}

/** docs/adr/0026: the one manifest that these bytes have; another spelling would have another digest. */
async function imageOf(
  archive: OpenArchive,
  image: ArchivedImage,
): Promise<{ readonly entries: readonly Descriptor[]; readonly files: Files }> {
  const config = await read(archive, image.config, LIMITS.manifestBytes)
  const layers = await layersOf(archive, image, config)
  const configDescriptor = describe(DOCKER_CONFIG, config)
  const manifest = canonicalBytes({
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: bare(configDescriptor),
    layers: layers.map(({ descriptor }) => descriptor),
  })
  const root = describe(DOCKER_MANIFEST, manifest)
  const files = new Map<string, Uint8Array | TarMember>([
    ...layers.map(({ descriptor, member }) => [blobPath(descriptor.digest), member] as const),
    [blobPath(configDescriptor.digest), config],
    [blobPath(root.digest), manifest],
  ])
  return { entries: entriesOf(root, image.names), files }
}

function entriesOf(root: Descriptor, names: readonly string[]): readonly Descriptor[] {
  if (names.length === 0) return [root]
  return names.map((name) => ({
    ...root,
    annotations: { [REF_NAME]: name, [CONTAINERD_NAME]: fullDockerName(name) },
  }))
}

/** The layers as the config has them: what lies in the archive must be that, and is found out when it is read. */
async function layersOf({ tar, members }: OpenArchive, image: ArchivedImage, config: Uint8Array) {
  const what = `${printable(image.config, 300)} of ${tar.path}`
  const diffIds = parseDiffIds(config, what)
  if (diffIds.length !== image.layers.length) {
    throw refused(what, `it has ${diffIds.length} layers, and the archive lists ${image.layers.length}`)
  }
  return await Promise.all(
    diffIds.map(async (digest, at) => {
      const name = image.layers[at] ?? ''
      const member = members.file(name)
      const compression = await compressionAt(tar, member)
      if (compression !== undefined) {
        const why = `it is compressed with ${compression}, and the config names it as it is without`
        throw refused(`${tar.path}: ${printable(name, 300)}`, why)
      }
      return { member, descriptor: { mediaType: DOCKER_LAYER, digest, size: member.size } }
    }),
  )
}

class ArchiveFiles implements LayoutFiles {
  readonly where: string
  readonly #tar: TarFile
  readonly #files: Files

  constructor(tar: TarFile, files: Files) {
    this.where = tar.path
    this.#tar = tar
    this.#files = files
  }

  async sizeOf(name: string): Promise<number | undefined> {
    const file = this.#files.get(name)
    return file instanceof Uint8Array ? file.byteLength : file?.size
  }

  async *read(name: string, { signal, offset = 0, size }: FileRange): Bytes {
    const file = this.#files.get(name)
    if (file === undefined) throw new Error(`no file ${name}`)
    if (file instanceof Uint8Array) {
      yield file.subarray(offset, size === undefined ? undefined : offset + size)
      return
    }
    const left = Math.min(size ?? file.size, file.size - offset)
    yield* fileBytes(this.#tar.handle, { signal, path: this.where, offset: file.offset + offset, size: left })
  }

  /** Nothing in such an archive refers to anything: there is nothing to scan. */
  async blobs(): Promise<readonly StoredBlob[]> {
    return []
  }

  async close(): Promise<void> {
    await this.#tar.handle.close()
  }
}

function refused(what: string, why: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${what} is refused: ${why}`, { side: 'medium', subject: what })
}
