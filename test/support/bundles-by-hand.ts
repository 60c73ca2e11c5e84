import type { BundleDocument } from '../../src/bundle/document.js'
import { buildIndex } from '../../src/bundle/index-json.js'
import { formatInventory, hasEmptyConfig, type InventoryLine } from '../../src/bundle/inventory.js'
import {
  DOCUMENT_TYPE,
  EMPTY_CONFIG,
  EMPTY_CONFIG_BYTES,
  INVENTORY_TYPE,
  OCI_LAYOUT_BYTES,
} from '../../src/bundle/layout.js'
import { placeAll } from '../../src/bundle/offsets.js'
import { buildWaybill } from '../../src/bundle/waybill.js'
import { parseTarHeader } from '../../src/content/tar-header.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { type Descriptor, describe } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import { blobPath } from '../../src/oci/image-layout.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { ENVELOPE_JWS, type EnvelopeType } from '../../src/trust/envelope/envelope.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { formatPayload } from '../../src/trust/payload.js'
import { buildSignatureManifest } from '../../src/trust/signature-manifest.js'
import { GENERATOR } from './bundles.js'
import { MADE_AT } from './clock.js'
import { TAR_END } from './raw-tar.js'

/** A file of an archive, or blocks that are put there as they are. */
export type HandEntry = { readonly path: string; readonly bytes: Uint8Array } | { readonly raw: Uint8Array }

export interface HandSignature {
  readonly manifest: Uint8Array
  readonly envelope: Uint8Array
}

/** What a bundle is made of; whoever holds the exporter's key can put anything there. */
export interface HandParts {
  /** the document, or its bytes */
  readonly document: BundleDocument | Uint8Array
  /** the inventory, or its bytes */
  readonly inventory: readonly InventoryLine[] | Uint8Array
  /** bytes of blobs; an entry is written for each line whose blob is there */
  readonly content: ReadonlyMap<Digest, Uint8Array>
  readonly waybill?: Uint8Array
  /** Makes the signatures on this waybill. */
  readonly sign: (waybill: Descriptor) => Promise<readonly HandSignature[]>
  readonly index?: Uint8Array
  readonly entries?: (entries: readonly HandEntry[]) => readonly HandEntry[]
}

/** Puts a bundle together as the writer does, except where the parts say otherwise. Checks nothing. */
export async function byHand(parts: HandParts): Promise<Buffer> {
  const document = parts.document instanceof Uint8Array ? parts.document : canonicalBytes(parts.document)
  const lines = parts.inventory instanceof Uint8Array ? linesIn(parts.inventory) : parts.inventory
  const inventory = parts.inventory instanceof Uint8Array ? parts.inventory : formatInventory(lines)
  const built = buildWaybill(describe(DOCUMENT_TYPE, document), describe(INVENTORY_TYPE, inventory))
  const waybill = describe(OCI_MANIFEST, parts.waybill ?? built.bytes)
  const signatures = await parts.sign(waybill)
  const claims = claimsIn(document)
  const signed = signatures.map(({ manifest }) => describe(OCI_MANIFEST, manifest))
  const listed = { waybill, signatures: signed, inventory: lines }
  const index =
    parts.index ?? indexOf({ ...listed, document: claims ?? NOTHING }) ?? buildIndex({ ...listed, document: NOTHING })
  const entries: readonly HandEntry[] = [
    { path: 'oci-layout', bytes: OCI_LAYOUT_BYTES },
    { path: 'index.json', bytes: index },
    ...[parts.waybill ?? built.bytes, document, inventory].map(blob),
    ...signatures.flatMap(({ manifest, envelope }) => [blob(manifest), blob(envelope)]),
    ...(hasEmptyConfig(lines) ? [] : [{ path: blobPath(EMPTY_CONFIG.digest), bytes: EMPTY_CONFIG_BYTES }]),
    ...lines.flatMap(({ digest }) => {
      const bytes = parts.content.get(digest)
      return bytes === undefined ? [] : [{ path: blobPath(digest), bytes }]
    }),
  ]
  return await archiveOf(parts.entries?.(entries) ?? entries)
}

const NOTHING = { roots: [], lookups: [] } as unknown as BundleDocument

/** What the document says, for the index; a document that is not JSON is refused before the index is looked at. */
function claimsIn(document: Uint8Array): BundleDocument | undefined {
  try {
    return JSON.parse(Buffer.from(document).toString()) as BundleDocument
  } catch {
    return undefined
  }
}

/** The index of what the document says; undefined where that makes no sense, and is refused before the index is looked at. */
function indexOf(listed: Parameters<typeof buildIndex>[0]): Uint8Array | undefined {
  try {
    return buildIndex(listed)
  } catch {
    return undefined
  }
}

function blob(bytes: Uint8Array): HandEntry {
  return { path: blobPath(describe('', bytes).digest), bytes }
}

/** Lines that can be read, whatever else is in the inventory: only what the index and the entries are made of. */
function linesIn(inventory: Uint8Array): readonly InventoryLine[] {
  return Buffer.from(inventory)
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as InventoryLine)
}

/** The archive of these entries, with its end mark. */
export async function archiveOf(entries: readonly HandEntry[]): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (const entry of entries) {
    if ('raw' in entry) {
      pieces.push(entry.raw)
      continue
    }
    const [placed] = await placeAll([{ path: entry.path, size: entry.bytes.byteLength }])
    if (placed === undefined) continue
    const body = Buffer.alloc(placed.endAt - placed.bodyAt)
    body.set(entry.bytes)
    pieces.push(placed.header, body)
  }
  return Buffer.concat([...pieces, TAR_END])
}

/** Signs as the exporter does; `target` is signed instead of the waybill. */
export function signedBy(
  signer: Signer,
  given: {
    readonly target?: Descriptor
    readonly at?: Date
    readonly expiry?: Date
    readonly agent?: string
    readonly type?: EnvelopeType
  } = {},
): HandParts['sign'] {
  const { at = MADE_AT, agent = GENERATOR, type = ENVELOPE_JWS, expiry } = given
  return async (waybill) => {
    const subject = given.target ?? waybill
    const times = { signingTime: at, ...(expiry === undefined ? {} : { expiry }) }
    const envelope = await sealEnvelope(formatPayload(subject), signer, { type, ...times, agent })
    return [{ envelope, manifest: signatureManifest(envelope, { subject, signer, at, type }) }]
  }
}

/** The manifest that follows from an envelope. */
export function signatureManifest(
  envelope: Uint8Array,
  given: {
    readonly subject: Descriptor
    readonly signer: Pick<Signer, 'chain'>
    readonly at?: Date
    readonly type?: EnvelopeType
  },
): Uint8Array {
  return buildSignatureManifest({
    envelope: describe(given.type ?? ENVELOPE_JWS, envelope),
    subject: given.subject,
    chain: given.signer.chain,
    createdAt: given.at ?? MADE_AT,
  })
}

/** Where an entry lies in an archive; pax headers count as entries of their own. */
export interface FoundEntry {
  readonly name: string
  readonly headerAt: number
  readonly bodyAt: number
  readonly size: number
  readonly endAt: number
}

/** The entries of a sound archive. */
export function entriesIn(archive: Uint8Array): readonly FoundEntry[] {
  const found: FoundEntry[] = []
  for (let at = 0; archive[at] !== 0; ) {
    const { name, size } = parseTarHeader(archive.subarray(at, at + 512), `the header at ${at}`)
    const endAt = at + 512 + Math.ceil(size / 512) * 512
    found.push({ name, headerAt: at, bodyAt: at + 512, size, endAt })
    at = endAt
  }
  return found
}
