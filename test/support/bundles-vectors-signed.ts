import { formatInventory, type InventoryLine } from '../../src/bundle/inventory.js'
import { DOCUMENT_TYPE, EMPTY_CONFIG, INVENTORY_TYPE, WAYBILL_TYPE } from '../../src/bundle/layout.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { describe } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { type Content, content } from './build.js'
import { byHand, type HandParts, signedBy } from './bundles-by-hand.js'
import type { Base, Vector } from './bundles-vectors.js'
import type { ValidVectors } from './bundles-vectors-valid.js'

export type Change = Partial<Pick<HandParts, 'document' | 'inventory' | 'content' | 'waybill'>>

export interface Hostile {
  readonly name: string
  readonly why: string
  /** absent where every reader must take it */
  readonly code?: ErrorCode
  readonly verdict?: Vector['verdict']
  readonly change: (base: Base) => Change
}

/** What an exporter can do whose key is trusted: write anything, and sign it. */
export async function signedVectors(valid: ValidVectors, signer: Signer): Promise<readonly Vector[]> {
  return [...(await signed(valid.image, signer, [...encodings, ...inventories]))]
}

/** Bundles by hand that are signed by a trusted key. */
export async function signed(base: Base, signer: Signer, hostile: readonly Hostile[]): Promise<readonly Vector[]> {
  const vectors: Vector[] = []
  for (const { name, why, code, verdict = code === undefined ? 'verified' : 'damaged', change } of hostile) {
    const parts = { ...base.contents, content: base.content, ...change(base), sign: signedBy(signer) }
    const facts = { name, why: `signed: ${why}`, verdict, ...(code === undefined ? {} : { code }) }
    vectors.push({ ...facts, of: base.name, bytes: await byHand(parts) })
  }
  return vectors
}

const FORMAT = 'ERR_BUNDLE_FORMAT'
const INCOMPLETE = 'ERR_BUNDLE_INCOMPLETE'
const JSON_INVALID = 'ERR_JSON_INVALID'

/** Another spelling of the document. */
function spelled(name: string, why: string, code: ErrorCode, change: (text: string) => string): Hostile {
  return {
    name,
    why,
    code,
    change: ({ contents }) => ({
      document: Buffer.from(change(Buffer.from(canonicalBytes(contents.document)).toString())),
    }),
  }
}

/** Another waybill around the same document and inventory. */
function withWaybill(name: string, why: string, code: ErrorCode, change: object): Hostile {
  return {
    name,
    why,
    code,
    change: ({ contents }) => {
      const document = describe(DOCUMENT_TYPE, canonicalBytes(contents.document))
      const inventory = describe(INVENTORY_TYPE, formatInventory(contents.inventory))
      return {
        waybill: canonicalBytes({
          schemaVersion: 2,
          mediaType: OCI_MANIFEST,
          artifactType: WAYBILL_TYPE,
          config: EMPTY_CONFIG,
          layers: [document, inventory],
          ...change,
        }),
      }
    },
  }
}

const KIND = '"kind":"full"'

const encodings: readonly Hostile[] = [
  spelled('unknown-version', 'a document of version 2', 'ERR_BUNDLE_VERSION', (text) =>
    text.replace('"version":1', '"version":2'),
  ),
  withWaybill('unknown-waybill-version', 'a waybill of version 2', 'ERR_BUNDLE_VERSION', {
    artifactType: WAYBILL_TYPE.replace('v1', 'v2'),
  }),
  withWaybill('waybill-with-annotations', 'a waybill that says more than it has room for', FORMAT, {
    annotations: { note: 'x' },
  }),
  spelled('unknown-kind', 'an incremental bundle, which version 1 has not', FORMAT, (text) =>
    text.replace(KIND, '"kind":"incremental"'),
  ),
  spelled('document-not-canonical', 'a space in the document', FORMAT, (text) => text.replace('{', '{ ')),
  spelled('document-with-unknown-member', 'a member that no reader knows', FORMAT, (text) =>
    text.replace(KIND, `${KIND},"kinds":"all"`),
  ),
  spelled(
    'json-duplicate-key',
    'one key twice: for some the first value counts, for some the last',
    JSON_INVALID,
    (t) => t.replace(KIND, `${KIND},${KIND}`),
  ),
  spelled('json-case-twin', 'a key that differs in case only, which Go takes for the same', JSON_INVALID, (text) =>
    text.replace(KIND, `"Kind":"full",${KIND}`),
  ),
  spelled('json-depth', 'a document nested a thousand deep', JSON_INVALID, (text) =>
    text.replace(KIND, `"kind":${'['.repeat(1000)}${']'.repeat(1000)}`),
  ),
  spelled('json-number-beyond-2-53', 'a number that two readers see differently', JSON_INVALID, (text) =>
    text.replace(/"blobs":[0-9]+/, '"blobs":9007199254740993'),
  ),
  spelled('json-trailing-text', 'a second document after the first', JSON_INVALID, (text) => `${text} {}`),
  {
    name: 'json-not-utf-8',
    why: 'a byte that is no text, which some readers replace without a word',
    code: JSON_INVALID,
    change: ({ contents }) => {
      const text = Buffer.from(canonicalBytes({ ...contents.document, generator: 'waybill/#' })).toString('latin1')
      return { document: Buffer.from(text.replace('waybill/#', 'waybill/\u00ff'), 'latin1') }
    },
  },
]

/** Another inventory, as lines. */
function listed(
  name: string,
  why: string,
  code: ErrorCode,
  change: (lines: readonly InventoryLine[]) => readonly InventoryLine[],
): Hostile {
  return { name, why, code, change: ({ contents }) => ({ inventory: change(contents.inventory) }) }
}

/** Another inventory, as text. */
function listedAs(name: string, why: string, change: (text: string) => string): Hostile {
  const inventory = (base: Base) =>
    Buffer.from(change(Buffer.from(formatInventory(base.contents.inventory)).toString()))
  return { name, why, code: FORMAT, change: (base) => ({ inventory: inventory(base) }) }
}

const SMUGGLED = content('application/octet-stream', Buffer.from('smuggled'))

/** A line of the inventory for content that is put beside it. */
export function lineOf({ descriptor }: Content, role: InventoryLine['role'] = 'blob'): InventoryLine {
  const { digest, size, mediaType } = descriptor
  return { digest, size, mediaType, role, here: 1 }
}

const inventories: readonly Hostile[] = [
  listedAs('inventory-duplicate-line', 'one blob twice', (text) => text.replace(/([^\n]+\n)$/, '$1$1')),
  listedAs('inventory-not-canonical', 'a space in a line', (text) => text.replace('"size":', '"size": ')),
  listedAs('inventory-without-last-line-feed', 'a line that does not end', (text) => text.trimEnd()),
  listedAs('inventory-hostile-digest', 'a digest that leads out of the folder', (text) =>
    text.replace(/sha256:[0-9a-f]{64}"(.*)\n$/, `sha256:${'../'.repeat(18)}etc/passwd"$1\n`),
  ),
  listedAs('inventory-upper-case-digest', 'a digest in upper case, another name for the same blob', (text) =>
    text.replace(
      /sha256:([0-9a-f]{64})"(.*)\n$/,
      (_all, hex: string, rest: string) => `sha256:${hex.toUpperCase()}"${rest}\n`,
    ),
  ),
  listedAs('inventory-in-another-part', 'a blob that is in a second part, which version 1 has not', (text) =>
    text.replace('"here":1', '"here":2'),
  ),
  listed('inventory-blob-before-manifest', 'a layer before the manifest', FORMAT, (lines) => lines.toReversed()),
  listed('inventory-in-another-order', 'the blobs in another order than the walk meets them', INCOMPLETE, (lines) => [
    ...lines.slice(0, -2),
    ...lines.slice(-2).toReversed(),
  ]),
  listed('inventory-role-differs', 'a layer that is called a config', INCOMPLETE, (lines) =>
    lines.map((line) => (line.role === 'layer' ? { ...line, role: 'config' } : line)),
  ),
  listed(
    'inventory-media-type-differs',
    'a layer under another media type than its manifest gives',
    INCOMPLETE,
    (lines) => lines.map((line) => (line.role === 'layer' ? { ...line, mediaType: 'text/html' } : line)),
  ),
  listed('manifest-names-missing-blob', 'the manifest names a layer that is not here', INCOMPLETE, (lines) =>
    lines.filter(({ role }) => role !== 'layer'),
  ),
  listed('inventory-empty', 'no blobs at all', INCOMPLETE, () => []),
  {
    name: 'unreferenced-blob',
    why: 'a blob that nothing names: a way to smuggle',
    code: INCOMPLETE,
    change: ({ contents, content: blobs }) => ({
      inventory: [...contents.inventory, lineOf(SMUGGLED)],
      content: new Map(blobs).set(SMUGGLED.descriptor.digest, SMUGGLED.bytes),
    }),
  },
]
