import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileFault } from '../content/file-bytes.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Descriptor, describe } from '../oci/descriptor.js'
import { type Digest, digestOf } from '../oci/digest.js'
import { blobPath, INDEX_FILE, LAYOUT_FILE } from '../oci/image-layout.js'
import { parseDescriptor, parseManifest } from '../oci/manifest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../oci/media-types.js'
import { SIGNATURE_TYPE } from '../trust/signature-manifest.js'
import { refuseOtherBases } from './base.js'
import type { BundleDocument } from './document.js'
import { refuseForeign } from './foreign.js'
import { buildIndex } from './index-json.js'
import { hasEmptyConfig, type InventoryLine, isCarried, parseInventory } from './inventory.js'
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES, OCI_LAYOUT_BYTES, WAYBILL_TYPE } from './layout.js'
import type { PlacedEntry } from './offsets.js'
import { parseDocument } from './parse-document.js'
import { TarReader } from './tar-reader.js'
import { parseWaybill, type Waybill } from './waybill.js'
import { FileWindow } from './window.js'

/** A signature as it lies in the bundle; nothing about it has been checked but that its bytes have their digests. */
export interface CarriedSignature {
  readonly descriptor: Descriptor
  readonly manifest: Uint8Array
  readonly envelope: Uint8Array
  readonly envelopeType: string
}

/** What a bundle claims. Its structure is sound and its metadata hashes; nothing else is known, and nothing is proven. */
export interface OpenedBundle {
  readonly path: string
  /** bytes */
  readonly size: number
  readonly file: FileHandle
  readonly waybill: Waybill
  readonly document: BundleDocument
  readonly inventory: readonly InventoryLine[]
  readonly signatures: readonly CarriedSignature[]
  /** Where each blob lies that is carried. */
  readonly places: ReadonlyMap<Digest, PlacedEntry>
  close(): Promise<void>
}

/**
 * Opens a bundle far enough to know what it claims. Nothing it returns may be believed before `verify`.
 * @throws ERR_MEDIUM, ERR_BUNDLE_FORMAT, ERR_BUNDLE_VERSION, ERR_BUNDLE_TRUNCATED, ERR_BUNDLE_INCOMPLETE,
 * ERR_CONTENT_MISMATCH, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED
 */
export async function openBundle(path: string): Promise<OpenedBundle> {
  // Without O_NONBLOCK the opening of a named pipe would wait for somebody to write to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    throw fileFault(`cannot open ${path}`, path, cause)
  })
  try {
    const facts = await file.stat()
    if (!facts.isFile())
      throw new TransferError('ERR_MEDIUM', `${path} is not a file`, { side: 'medium', subject: path })
    const window = new FileWindow(file, path, facts.size)
    await refuseForeign(window, path, facts.size)
    const read = await readStructure(new TarReader(window, facts.size))
    return { ...read, path, size: facts.size, file, close: () => file.close() }
  } catch (cause) {
    await file.close()
    throw cause
  }
}

type Structure = Omit<OpenedBundle, 'path' | 'size' | 'file' | 'close'>

async function readStructure(tar: TarReader): Promise<Structure> {
  const layout = await tar.read({ path: LAYOUT_FILE, size: OCI_LAYOUT_BYTES.byteLength })
  if (Buffer.compare(layout.bytes, OCI_LAYOUT_BYTES) !== 0) {
    throw format('oci-layout is not the one of version 1.0.0', LAYOUT_FILE)
  }
  const index = await readIndex(tar)
  const listed = listedFirst(index)
  const waybill = parseWaybill(await readBlob(tar, listed.waybill, LIMITS.waybillBytes))
  const document = parseDocument(await readBlob(tar, waybill.document, LIMITS.documentBytes))
  const inventory = parseInventory(await readBlob(tar, waybill.inventory, LIMITS.inventoryBytes))
  refuseOtherBases(document, inventory)
  const signatures = await readSignatures(tar, listed.signatures)
  if (!hasEmptyConfig(inventory)) await readEmptyConfig(tar)
  // Made of what was read, not of what the index says about it: nobody has signed the index.
  const signed = signatures.map(({ descriptor }) => descriptor)
  const expected = buildIndex({ waybill: waybill.descriptor, signatures: signed, document, inventory })
  if (Buffer.compare(index, expected) !== 0) throw format('index.json does not say what the waybill says')
  const places = new Map<Digest, PlacedEntry>()
  for (const line of inventory.filter(isCarried))
    places.set(line.digest, await tar.expect({ path: blobPath(line.digest), size: line.size }))
  await tar.expectEnd()
  return { waybill, document, inventory, signatures, places }
}

async function readEmptyConfig(tar: TarReader): Promise<void> {
  const { bytes } = await tar.read({ path: blobPath(EMPTY_CONFIG.digest), size: EMPTY_CONFIG.size })
  if (Buffer.compare(bytes, EMPTY_CONFIG_BYTES) !== 0) throw mismatch(EMPTY_CONFIG)
}

async function readIndex(tar: TarReader): Promise<Uint8Array> {
  const found = await tar.peek()
  if (found === undefined) throw format(`expected the entry ${INDEX_FILE}, found a damaged header`)
  if (found.size > LIMITS.layoutIndexBytes) {
    throw new TransferError(
      'ERR_LIMIT_EXCEEDED',
      `the second entry has ${found.size} bytes, ${INDEX_FILE} has at most ${LIMITS.layoutIndexBytes}`,
      { side: 'medium', subject: INDEX_FILE },
    )
  }
  return Uint8Array.from((await tar.read({ path: INDEX_FILE, size: found.size })).bytes)
}

/** The waybill and its signatures stand first; what else the index says is compared with what the waybill says. */
function listedFirst(index: Uint8Array): { readonly waybill: Descriptor; readonly signatures: readonly Descriptor[] } {
  const json = parseStrictJson(index, INDEX_FILE)
  const manifests = isJsonObject(json) && json['mediaType'] === OCI_INDEX ? json['manifests'] : undefined
  if (!Array.isArray(manifests)) throw format('index.json is not an image index')
  const fail = (why: string): never => {
    throw format(`index.json is refused: ${why}`)
  }
  const descriptors = manifests
    .slice(0, LIMITS.bundleSignatures + 2)
    .map((item, at) => parseDescriptor(item, `manifests[${at}]`, fail))
  const [waybill, ...others] = descriptors
  if (waybill === undefined || waybill.artifactType === undefined) {
    throw format('index.json does not begin with a waybill: this is an image layout, but not a bundle')
  }
  if (!waybill.artifactType.startsWith(WAYBILL_TYPE.slice(0, -1)))
    throw format('index.json does not begin with a waybill')
  const end = others.findIndex(({ artifactType }) => artifactType !== SIGNATURE_TYPE)
  const signatures = end < 0 ? others : others.slice(0, end)
  if (signatures.length > LIMITS.bundleSignatures) {
    const message = `the bundle has more than ${LIMITS.bundleSignatures} signatures`
    throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'medium', subject: INDEX_FILE })
  }
  return { waybill, signatures }
}

async function readSignatures(tar: TarReader, descriptors: readonly Descriptor[]): Promise<CarriedSignature[]> {
  const signatures: CarriedSignature[] = []
  for (const descriptor of descriptors) {
    const manifest = await readBlob(tar, descriptor, LIMITS.waybillBytes)
    const parsed = parseManifest(manifest, OCI_MANIFEST, descriptor.digest)
    const envelope = parsed.kind === 'image' ? parsed.layers[0] : undefined
    if (envelope === undefined) {
      throw format(`the signature ${descriptor.digest} has no envelope`, descriptor.digest)
    }
    signatures.push({
      descriptor: describe(OCI_MANIFEST, manifest),
      manifest,
      envelope: await readBlob(tar, envelope, LIMITS.envelopeBytes),
      envelopeType: envelope.mediaType,
    })
  }
  return signatures
}

async function readBlob(tar: TarReader, descriptor: Descriptor, maxBytes: number): Promise<Uint8Array> {
  if (descriptor.size > maxBytes) {
    throw new TransferError(
      'ERR_LIMIT_EXCEEDED',
      `${descriptor.digest} has ${descriptor.size} bytes, at most ${maxBytes} are read`,
      {
        subject: descriptor.digest,
      },
    )
  }
  const { bytes } = await tar.read({ path: blobPath(descriptor.digest), size: descriptor.size })
  if (digestOf(bytes) !== descriptor.digest) throw mismatch(descriptor)
  // The window is read into again; what is kept is a copy.
  return Uint8Array.from(bytes)
}

function mismatch(descriptor: Descriptor): TransferError {
  return new TransferError(
    'ERR_CONTENT_MISMATCH',
    `${blobPath(descriptor.digest)} holds other bytes than its name says`,
    {
      side: 'medium',
      subject: descriptor.digest,
    },
  )
}

function format(message: string, subject = INDEX_FILE): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', message, { side: 'medium', subject })
}
