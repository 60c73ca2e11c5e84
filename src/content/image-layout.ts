import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { type Digest, isDigest } from '../oci/digest.js'
import { blobPath, INDEX_FILE, LAYOUT_FILE } from '../oci/image-layout.js'
import { isManifestType } from '../oci/media-types.js'
import type { Selector } from '../oci/reference.js'
import type { FileRange } from './file-bytes.js'
import { checkLayoutVersion, entryNamed, entryTagged, namesOf, parseLayoutIndex } from './layout-index.js'
import { isCompressed, manifestTypeOf, referrerIn } from './layout-scan.js'
import { readAll } from './read-all.js'
import type { Bytes, CallOptions, ContentSource, FetchOptions } from './store.js'
import { mismatch, verified } from './verified.js'

/** The files of an image layout, wherever they lie: in a folder, or in a tar that is never extracted. */
export interface LayoutFiles {
  /** names the layout in messages */
  readonly where: string
  /** bytes of the file; undefined where there is none */
  sizeOf(name: string): Promise<number | undefined>
  /** The bytes of a file that is there. */
  read(name: string, range: FileRange): Bytes
  /** Every blob, in the order of the digests. */
  blobs(call: CallOptions): Promise<readonly StoredBlob[]>
  close(): Promise<void>
}

export interface StoredBlob {
  readonly digest: Digest
  /** bytes */
  readonly size: number
}

export interface LayoutRoot {
  readonly descriptor: Descriptor
  /** `org.opencontainers.image.ref.name`, where the entry has one */
  readonly name?: string
}

/** An image layout (image-spec image-layout.md) that is open for reading. */
export interface ImageLayout {
  readonly source: ContentSource
  /** What `index.json` lists, in its order. */
  readonly entries: readonly Descriptor[]
  /**
   * What skopeo's `oci:DIR[:NAME]` means: the entry with exactly this name, a manifest by its digest, or the only image of
   * the layout.
   * @throws ERR_NOT_FOUND where there is none, ERR_REFERENCE_INVALID where there are several,
   *   ERR_CONTENT_AMBIGUOUS where one name stands for two
   */
  resolveRoot(name: string | undefined, call: CallOptions): Promise<LayoutRoot>
  close(): Promise<void>
}

/**
 * Reads what a layout says of itself. Where that fails the files are still the caller's to close.
 * @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_VERSION, ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function openLayout(files: LayoutFiles, call: CallOptions): Promise<ImageLayout> {
  checkLayoutVersion(await readMetadata(files, LAYOUT_FILE, call), `${LAYOUT_FILE} of ${files.where}`)
  const index = await readMetadata(files, INDEX_FILE, call)
  return new OpenLayout(files, parseLayoutIndex(index, `${INDEX_FILE} of ${files.where}`))
}

async function readMetadata(files: LayoutFiles, name: string, call: CallOptions): Promise<Uint8Array> {
  const what = `${name} of ${files.where}`
  const size = await files.sizeOf(name)
  if (size === undefined) {
    throw new TransferError('ERR_BUNDLE_FORMAT', `${files.where} is not an OCI image layout: it has no ${name}`, {
      side: 'source',
      subject: files.where,
    })
  }
  const limit = LIMITS.layoutIndexBytes
  if (size > limit) {
    throw new TransferError('ERR_LIMIT_EXCEEDED', `${what} has ${size} bytes; ${limit} are read`, { subject: what })
  }
  return await readAll(files.read(name, { ...call, size }), limit, what)
}

class OpenLayout implements ImageLayout, ContentSource {
  readonly source: ContentSource = this
  readonly entries: readonly Descriptor[]
  readonly #files: LayoutFiles
  #referrers: Promise<ReadonlyMap<Digest, readonly Descriptor[]>> | undefined

  constructor(files: LayoutFiles, entries: readonly Descriptor[]) {
    this.#files = files
    this.entries = entries
  }

  async close(): Promise<void> {
    await this.#files.close()
  }

  async resolve(selector: Selector, call: CallOptions): Promise<Descriptor> {
    call.signal.throwIfAborted()
    const wanted = selector.kind === 'tag' ? selector.tag : selector.digest
    const entry =
      selector.kind === 'tag'
        ? entryTagged(this.entries, selector.tag)
        : this.entries.find((candidate) => candidate.digest === selector.digest)
    if (entry !== undefined && (await this.#files.sizeOf(blobPath(entry.digest))) !== undefined) return bare(entry)
    const found = selector.kind === 'digest' ? await this.#manifestAt(selector.digest, call) : undefined
    return found ?? this.#absent(wanted)
  }

  /** A manifest below an index is in no list: its bytes say what it is, once they are what the digest says. */
  async #manifestAt(digest: Digest, call: CallOptions): Promise<Descriptor | undefined> {
    const size = await this.#files.sizeOf(blobPath(digest))
    if (size === undefined || size > LIMITS.manifestBytes) return undefined
    const mediaType = manifestTypeOf(await this.#readBlob({ digest, size }, call))
    return mediaType === undefined ? undefined : { mediaType, digest, size }
  }

  async #readBlob(blob: StoredBlob, call: CallOptions): Promise<Uint8Array> {
    const expected = { mediaType: 'application/octet-stream', ...blob }
    return await readAll(this.fetch(expected, call), LIMITS.manifestBytes, blob.digest)
  }

  async *fetch(descriptor: Descriptor, call: FetchOptions): Bytes {
    call.signal.throwIfAborted()
    const name = blobPath(descriptor.digest)
    const size = await this.#files.sizeOf(name)
    if (size === undefined) this.#absent(descriptor.digest)
    if (size !== descriptor.size) throw mismatch(descriptor, `${size} bytes in ${this.#files.where}`)
    const from = call.from ?? 0
    const bytes = this.#files.read(name, { signal: call.signal, offset: from, size: Math.max(0, size - from) })
    yield* from === 0 ? verified(bytes, descriptor) : bytes
  }

  async *referrers(subject: Descriptor, call: CallOptions): AsyncIterable<Descriptor> {
    call.signal.throwIfAborted()
    this.#referrers ??= this.#scan(call).catch((cause: unknown) => {
      this.#referrers = undefined // one cancelled call must not answer for the next one
      throw cause
    })
    yield* (await this.#referrers).get(subject.digest) ?? []
  }

  /**
   * Looks at every blob that could be a manifest: `index.json` and fallback tags list some referrers only. A blob that
   * is damaged fails the scan, since it could have been a signature.
   */
  async #scan(call: CallOptions): Promise<ReadonlyMap<Digest, readonly Descriptor[]>> {
    const found = new Map<Digest, Descriptor[]>()
    for (const blob of await this.#files.blobs(call)) {
      call.signal.throwIfAborted()
      if (blob.size > LIMITS.manifestBytes || (await this.#isLayer(blob, call))) continue
      const referrer = referrerIn(await this.#readBlob(blob, call), blob.digest)
      if (referrer === undefined) continue
      const siblings = found.get(referrer.subject)
      if (siblings === undefined) found.set(referrer.subject, [referrer.descriptor])
      else siblings.push(referrer.descriptor)
    }
    return found
  }

  async #isLayer(blob: StoredBlob, call: CallOptions): Promise<boolean> {
    const size = Math.min(4, blob.size)
    return isCompressed(await readAll(this.#files.read(blobPath(blob.digest), { ...call, size }), size, blob.digest))
  }

  async resolveRoot(name: string | undefined, call: CallOptions): Promise<LayoutRoot> {
    if (name !== undefined) {
      const entry = entryNamed(this.entries, name)
      if (entry !== undefined) return { descriptor: bare(entry), name }
      // What has no name is called by its digest, also below an index: the list of names offers it.
      return isDigest(name)
        ? { descriptor: await this.resolve({ kind: 'digest', digest: name }, call) }
        : this.#absent(name)
    }
    const candidates = await this.#images(call)
    const [only] = candidates
    if (only === undefined) return this.#absent('an image')
    if (candidates.length > 1) {
      const names = candidates.map((candidate) => namesOf(candidate)[0] ?? candidate.digest)
      throw new TransferError(
        'ERR_REFERENCE_INVALID',
        `${this.#files.where} has ${candidates.length} images; add one of these names: ${printable(names.join(', '), 2000)}`,
        { side: 'operator', subject: this.#files.where },
      )
    }
    const [called] = namesOf(only)
    return { descriptor: bare(only), ...(called === undefined ? {} : { name: called }) }
  }

  /** One entry for each image: tools also list signatures, and the tags that stand for lists of them. */
  async #images(call: CallOptions): Promise<readonly Descriptor[]> {
    const images = new Map<Digest, Descriptor>()
    for (const entry of this.entries) {
      const known = images.get(entry.digest)
      if (isManifestType(entry.mediaType) && (known === undefined || namesOf(known).length === 0)) {
        images.set(entry.digest, entry)
      }
    }
    if (images.size <= 1) return [...images.values()]
    const kept: Descriptor[] = []
    for (const entry of images.values()) if (!(await this.#isAttached(entry, call))) kept.push(entry)
    return kept
  }

  async #isAttached(entry: Descriptor, call: CallOptions): Promise<boolean> {
    if (namesOf(entry).some((name) => ATTACHED_TAG.test(name))) return true
    if (entry.size > LIMITS.manifestBytes) return false
    return referrerIn(await this.#readBlob(entry, call), entry.digest) !== undefined
  }

  #absent(what: string): never {
    const names = this.entries.flatMap(namesOf)
    const has = names.length === 0 ? '' : `; its names are ${printable(names.slice(0, 20).join(', '), 1000)}`
    throw new TransferError('ERR_NOT_FOUND', `${this.#files.where} does not have ${printable(what)}${has}`, {
      side: 'source',
      subject: what,
    })
  }
}

/** The referrers tag schema of the distribution specification, and cosign's tags. */
const ATTACHED_TAG = /(?:^|:)sha(?:256|512)-[0-9a-f]{64,128}(?:\.(?:sig|att|sbom))?$/
