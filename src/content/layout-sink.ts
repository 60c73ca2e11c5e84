import { randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalBytes } from '../encoding/canonical-json.js'
import { isJsonObject, type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { blobPath, INDEX_FILE, LAYOUT_FILE, LAYOUT_VERSION, REF_NAME } from '../oci/image-layout.js'
import { artifactTypeOf, type Manifest, parseManifest } from '../oci/manifest.js'
import { isManifestType, OCI_INDEX } from '../oci/media-types.js'
import { errnoOf, fileFault } from './file-bytes.js'
import { checkLayoutVersion } from './layout-index.js'
import { readAll } from './read-all.js'
import { once } from './reopenable.js'
import type { Bytes, CallOptions, ContentSink } from './store.js'
import { verified } from './verified.js'

/**
 * An image layout in a folder, to write to; the folder is made where it is not there. Every file appears whole or not
 * at all, and is on the disk before it appears.
 * @throws ERR_MEDIUM, ERR_DISK_FULL, ERR_BUNDLE_VERSION, ERR_JSON_INVALID, ERR_CONTENT_AMBIGUOUS
 */
export async function layoutFolderSink(folder: string): Promise<ContentSink> {
  await makeFolder(join(folder, 'blobs'))
  const version = await readIfThere(join(folder, LAYOUT_FILE))
  if (version === undefined) {
    await writeWhole(folder, LAYOUT_FILE, once(canonicalBytes({ imageLayoutVersion: LAYOUT_VERSION })))
  } else {
    checkLayoutVersion(version, `${LAYOUT_FILE} of ${folder}`)
  }
  const sink = new LayoutFolderSink(folder)
  await sink.start()
  return sink
}

class LayoutFolderSink implements ContentSink {
  readonly #folder: string
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  async start(): Promise<void> {
    await this.#change((entries) => entries)
  }

  async has(descriptor: Descriptor, call: CallOptions): Promise<boolean> {
    call.signal.throwIfAborted()
    const path = join(this.#folder, blobPath(descriptor.digest))
    const found = await lstat(path).catch((cause: unknown) => {
      if (errnoOf(cause) === 'ENOENT') return undefined
      throw fileFault(`cannot look at ${path}`, path, cause)
    })
    return found?.isFile() === true && found.size === descriptor.size
  }

  async push(descriptor: Descriptor, bytes: Bytes, call: CallOptions): Promise<void> {
    call.signal.throwIfAborted()
    const name = blobPath(descriptor.digest)
    await makeFolder(join(this.#folder, dirname(name)))
    if (!isManifestType(descriptor.mediaType)) {
      await writeWhole(this.#folder, name, cancellable(verified(bytes, descriptor), call))
      return
    }
    const content = await readAll(
      cancellable(verified(bytes, descriptor), call),
      LIMITS.manifestBytes,
      descriptor.digest,
    )
    const manifest = parseManifest(content, descriptor.mediaType, descriptor.digest)
    await writeWhole(this.#folder, name, once(content))
    // oras and notation find referrers by way of `index.json` alone.
    if (manifest.subject !== undefined) await this.#list(listed(descriptor, manifest))
  }

  async #list(referrer: JsonObject): Promise<void> {
    await this.#change((entries) =>
      entries.some((entry) => entry['digest'] === referrer['digest']) ? entries : [...entries, referrer],
    )
  }

  async tag(descriptor: Descriptor, tag: string, call: CallOptions): Promise<void> {
    if (!(await this.has(descriptor, call))) {
      throw new TransferError('ERR_NOT_FOUND', `${this.#folder} does not have ${descriptor.digest} to name it ${tag}`, {
        side: 'sink',
        subject: descriptor.digest,
      })
    }
    const entry = { ...bare(descriptor), annotations: { [REF_NAME]: tag } }
    await this.#change((entries) => [...entries.filter((other) => nameOf(other) !== tag), entry])
  }

  /** Changes of the list follow each other: two that read it at the same time would lose one of them. */
  async #change(alter: (entries: readonly JsonObject[]) => readonly JsonObject[]): Promise<void> {
    const mine = this.#lastChange.then(() => this.#rewrite(alter))
    this.#lastChange = mine.catch(() => undefined)
    await mine
  }

  async #rewrite(alter: (entries: readonly JsonObject[]) => readonly JsonObject[]): Promise<void> {
    const path = join(this.#folder, INDEX_FILE)
    const bytes = await readIfThere(path)
    const index = bytes === undefined ? EMPTY_INDEX : parseIndex(bytes, path)
    const before = entriesOf(index)
    const after = alter(before)
    if (bytes !== undefined && after === before) return
    await writeWhole(this.#folder, INDEX_FILE, once(canonicalBytes({ ...index, manifests: after })))
  }
}

const EMPTY_INDEX: JsonObject = { schemaVersion: 2, mediaType: OCI_INDEX }

/** What another tool wrote stays as it is, with every field; only entries are added and names moved. */
function parseIndex(bytes: Uint8Array, path: string): JsonObject {
  parseManifest(bytes, OCI_INDEX, path)
  const json = parseStrictJson(bytes, path)
  return isJsonObject(json) ? json : EMPTY_INDEX
}

function entriesOf(index: JsonObject): readonly JsonObject[] {
  const list: Json | undefined = index['manifests']
  return Array.isArray(list) ? list.filter((entry: Json) => isJsonObject(entry)) : []
}

/** Without the manifest's annotations: one that names itself would take the place of the tag with that name. */
function listed(descriptor: Descriptor, manifest: Manifest): JsonObject {
  const artifactType = artifactTypeOf(manifest)
  return { ...bare(descriptor), ...(artifactType === undefined ? {} : { artifactType }) }
}

function nameOf(entry: JsonObject): Json | undefined {
  const annotations = entry['annotations']
  return isJsonObject(annotations) ? annotations[REF_NAME] : undefined
}

async function* cancellable(bytes: Bytes, call: CallOptions): Bytes {
  for await (const chunk of bytes) {
    call.signal.throwIfAborted()
    yield chunk
  }
  call.signal.throwIfAborted()
}

/** Writes beside the place, and moves it there when every byte is on the disk; nothing stays behind otherwise. */
async function writeWhole(folder: string, name: string, bytes: Bytes): Promise<void> {
  const path = join(folder, name)
  const partial = join(folder, `.partial-${randomBytes(8).toString('hex')}`)
  const fault = (cause: unknown): never => {
    throw fileFault(`cannot write ${path}`, path, cause)
  }
  const file = await open(partial, 'wx', 0o644).catch(fault)
  try {
    for await (const chunk of bytes) await file.writeFile(chunk).catch(fault)
    await file.sync().catch(fault)
    await file.close().catch(fault)
    await rename(partial, path).catch(fault)
  } catch (cause) {
    await file.close().catch(() => undefined)
    await rm(partial, { force: true })
    throw cause
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw fileFault(`cannot make the folder ${path}`, path, cause)
  })
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return await readFile(path).catch((cause: unknown) => {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw fileFault(`cannot read ${path}`, path, cause)
  })
}
