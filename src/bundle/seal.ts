import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type BareDescriptor, describe } from '../oci/descriptor.js'
import { blobPath, INDEX_FILE, LAYOUT_FILE } from '../oci/image-layout.js'
import { OCI_MANIFEST } from '../oci/media-types.js'
import type { EnvelopeType } from '../trust/envelope/envelope.js'
import { buildSignatureManifest, type SignatureManifestParts } from '../trust/signature-manifest.js'
import { type BundleDocument, formatDocument } from './document.js'
import { buildIndex } from './index-json.js'
import { type CarriedLine, formatInventory, hasEmptyConfig, type InventoryLine, isCarried } from './inventory.js'
import { DOCUMENT_TYPE, EMPTY_CONFIG, EMPTY_CONFIG_BYTES, INVENTORY_TYPE, OCI_LAYOUT_BYTES } from './layout.js'
import { type Entry, type PlacedEntry, placeAll } from './offsets.js'
import { buildWaybill, type Waybill } from './waybill.js'

export interface BundleContents {
  readonly document: BundleDocument
  /** in the order of the archive */
  readonly inventory: readonly InventoryLine[]
}

/** The signature on a waybill: all that its manifest follows from. */
export interface WaybillSignature {
  readonly envelope: Uint8Array
  readonly type: EnvelopeType
  /** leaf first */
  readonly chain: SignatureManifestParts['chain']
  readonly signingTime: Date
}

export type SignWaybill = (waybill: BareDescriptor) => Promise<WaybillSignature>

export interface SealOptions {
  /** Undefined makes an unsigned bundle, which no importer takes without a policy that says so. */
  readonly sign: SignWaybill | undefined
}

/** Everything of a bundle but its content, with the place of every entry. */
export interface SealedBundle {
  readonly waybill: Waybill
  readonly preamble: readonly (PlacedEntry & { readonly bytes: Uint8Array })[]
  readonly content: readonly (PlacedEntry & { readonly line: CarriedLine })[]
  /** bytes of the whole archive without its end mark */
  readonly endAt: number
}

const EMPTY_CONFIG_FILE = { path: blobPath(EMPTY_CONFIG.digest), bytes: EMPTY_CONFIG_BYTES }

/**
 * Makes the waybill, signs it and places every entry: from here on all offsets are known.
 * @throws ERR_LIMIT_EXCEEDED where no reader would open what comes of it
 */
export async function sealBundle(contents: BundleContents, given: SealOptions): Promise<SealedBundle> {
  const document = formatDocument(contents.document)
  const inventory = formatInventory(contents.inventory)
  refuseTooLarge('document', document, LIMITS.documentBytes)
  refuseTooLarge('inventory', inventory, LIMITS.inventoryBytes)
  const waybill = buildWaybill(describe(DOCUMENT_TYPE, document), describe(INVENTORY_TYPE, inventory))
  const signed = given.sign === undefined ? [] : packSigned(waybill, await given.sign(waybill.descriptor))
  const signatures = signed.slice(0, 1).map(({ descriptor }) => descriptor)
  const index = buildIndex({ ...contents, waybill: waybill.descriptor, signatures })
  refuseTooLarge('index.json', index, LIMITS.layoutIndexBytes)
  const preamble = [
    { path: LAYOUT_FILE, bytes: OCI_LAYOUT_BYTES },
    { path: INDEX_FILE, bytes: index },
    ...[waybill.bytes, document, inventory].map((bytes) => ({ path: blobPath(describe('', bytes).digest), bytes })),
    ...signed.map(({ descriptor, bytes }) => ({ path: blobPath(descriptor.digest), bytes })),
    ...(hasEmptyConfig(contents.inventory) ? [] : [EMPTY_CONFIG_FILE]),
  ]
  return await placeContents(waybill, preamble, contents.inventory)
}

function refuseTooLarge(what: string, bytes: Uint8Array, maxBytes: number): void {
  if (bytes.byteLength <= maxBytes) return
  throw new TransferError(
    'ERR_LIMIT_EXCEEDED',
    `the bundle’s ${what} would have ${bytes.byteLength} bytes, and at most ${maxBytes} are read: export fewer sources`,
    { side: 'operator', subject: what },
  )
}

async function placeContents(
  waybill: Waybill,
  preamble: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  inventory: readonly InventoryLine[],
): Promise<SealedBundle> {
  const placed = await placeAll<AnyEntry>([
    ...preamble.map(({ path, bytes }) => ({ path, size: bytes.byteLength, bytes })),
    ...inventory.filter(isCarried).map((line) => ({ path: blobPath(line.digest), size: line.size, line })),
  ])
  return {
    waybill,
    preamble: placed.flatMap((entry) => (entry.bytes === undefined ? [] : [{ ...entry, bytes: entry.bytes }])),
    content: placed.flatMap((entry) => (entry.line === undefined ? [] : [{ ...entry, line: entry.line }])),
    endAt: placed.at(-1)?.endAt ?? 0,
  }
}

interface AnyEntry extends Entry {
  readonly bytes?: Uint8Array
  readonly line?: CarriedLine
}

/** The signature manifest first, then the envelope that it names. */
function packSigned(
  waybill: Waybill,
  { envelope, type, chain, signingTime }: WaybillSignature,
): readonly { readonly descriptor: BareDescriptor; readonly bytes: Uint8Array }[] {
  const descriptor = describe(type, envelope)
  const manifest = buildSignatureManifest({
    envelope: descriptor,
    subject: waybill.descriptor,
    chain,
    createdAt: signingTime,
  })
  return [
    { descriptor: describe(OCI_MANIFEST, manifest), bytes: manifest },
    { descriptor, bytes: envelope },
  ]
}
