import type { BundleDocument, RecordedLookup, Root } from '../../src/bundle/document.js'
import { formatInventory, type InventoryLine } from '../../src/bundle/inventory.js'
import { DOCUMENT_TYPE, EMPTY_CONFIG, INVENTORY_TYPE, WAYBILL_TYPE } from '../../src/bundle/layout.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { describe } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { DOCKER_MANIFEST, isManifestType, OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/signer.js'
import { anArtifact, anImage, type Content, content, OCI_LAYER } from './build.js'
import { APP } from './bundles.js'
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

/** What an exporter can do whose key is trusted: claim anything about content, and sign it. */
export async function signedVectors(valid: ValidVectors, signer: Signer): Promise<readonly Vector[]> {
  return [
    ...(await signed(valid.image, signer, [...encodings, ...inventories, ...claims])),
    ...(await signed(valid.release, signer, releaseClaims)),
    ...(await signed(valid.subset, signer, subsetClaims)),
  ]
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
function lineOf({ descriptor }: Content, role: InventoryLine['role'] = 'blob'): InventoryLine {
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

/** Another document, by what it says. */
function claimed(
  name: string,
  why: string,
  code: ErrorCode | undefined,
  change: (document: BundleDocument) => object,
): Hostile {
  return {
    name,
    why,
    ...(code === undefined ? {} : { code }),
    change: ({ contents }) => ({ document: canonicalBytes({ ...contents.document, ...change(contents.document) }) }),
  }
}

function roots(name: string, why: string, code: ErrorCode, change: (root: Root) => object): Hostile {
  return claimed(name, why, code, (document) => ({ roots: document.roots.map(change) }))
}

function lookups(name: string, why: string, change: (lookup: RecordedLookup) => object): Hostile {
  return claimed(name, why, INCOMPLETE, (document) => ({ lookups: document.lookups.map(change) }))
}

const OTHER = digestOf(Buffer.from('other'))

const claims: readonly Hostile[] = [
  roots('root-not-in-bundle', 'a root that is not here', INCOMPLETE, (root) => ({
    ...root,
    descriptor: { ...root.descriptor, digest: OTHER },
  })),
  roots(
    'root-media-type-differs',
    'a root under another media type than its manifest gives',
    'ERR_CONTENT_AMBIGUOUS',
    (root) => ({
      ...root,
      descriptor: { ...root.descriptor, mediaType: DOCKER_MANIFEST },
    }),
  ),
  roots('root-size-differs', 'a root of another size than its manifest has', 'ERR_CONTENT_MISMATCH', (root) => ({
    ...root,
    descriptor: { ...root.descriptor, size: root.descriptor.size + 1 },
  })),
  roots('root-hostile-digest', 'a digest that leads out of the folder', FORMAT, (root) => ({
    ...root,
    descriptor: { ...root.descriptor, digest: `sha256:${'../'.repeat(18)}etc/passwd` },
  })),
  roots('root-hostile-repository', 'a repository that leads out of the target', FORMAT, (root) => ({
    ...root,
    repository: 'registry.example/../../kube-system/app',
  })),
  roots('root-hostile-tag', 'a tag that is none', FORMAT, (root) => ({ ...root, tag: 'a/../../b' })),
  roots('root-hostile-platform', 'a platform that is none', FORMAT, (root) => ({ ...root, platforms: ['linux/../x'] })),
  claimed('no-roots', 'nothing was asked for', FORMAT, () => ({ roots: [] })),
  claimed('totals-differ', 'totals that are not the sum', INCOMPLETE, ({ totals }) => ({
    totals: { ...totals, bytes: totals.bytes + 1 },
  })),
  claimed('lookup-missing', 'it does not say what hangs on the image', INCOMPLETE, () => ({ lookups: [] })),
  claimed('lookup-of-nothing', 'it says what hangs on something that is not here', INCOMPLETE, (document) => ({
    lookups: [...document.lookups, ...document.lookups.map((lookup) => ({ ...lookup, subject: OTHER }))],
  })),
  lookups('lookup-in-another-repository', 'it asked somewhere else', (lookup) => ({
    ...lookup,
    repository: 'other.example/app',
  })),
  lookups('lookup-names-what-is-not-here', 'a signature was found, and is not here', (lookup) => ({
    ...lookup,
    referrers: { result: 'found', digests: [OTHER] },
  })),
  {
    name: 'lookup-sets-a-tag',
    why: 'a tag that cosign does not know would be set at the target',
    code: INCOMPLETE,
    change: ({ contents }) => ({
      document: canonicalBytes({
        ...contents.document,
        lookups: contents.document.lookups.map((lookup) => ({
          ...lookup,
          tags: { result: 'found', tags: [{ tag: 'latest', digest: lookup.subject }] },
        })),
      }),
    }),
  },
  claimed('omission-of-what-is-here', 'it says that the layer was left out', INCOMPLETE, (document) => ({
    omissions: document.roots.map(({ descriptor }) => ({
      digest: OTHER,
      size: 1,
      mediaType: OCI_LAYER,
      parent: descriptor.digest,
      reason: 'non-distributable',
    })),
  })),
  {
    ...claimed('expired', 'it was to be used until the day before', 'ERR_BUNDLE_STALE', () => ({
      expiresAt: '2026-11-21T12:00:00Z',
    })),
    verdict: 'not-authentic',
  },
  claimed('valid-not-yet-expired', 'it may be used until the day after', undefined, () => ({
    expiresAt: '2026-11-23T12:00:00Z',
  })),
  {
    ...claimed('colliding-names', 'two registries with one repository and tag', 'ERR_COLLISION', (document) => ({
      roots: [...document.roots.map((root) => ({ ...root, repository: 'other.example/team/app' })), ...document.roots],
      lookups: [
        ...document.lookups.map((lookup) => ({ ...lookup, repository: 'other.example/team/app' })),
        ...document.lookups,
      ],
    })),
    verdict: 'refused',
  },
  {
    name: 'subject-mismatch-referrer',
    why: 'a signature of another image is claimed to hang on this one',
    code: INCOMPLETE,
    change: ({ contents, content: blobs }) => {
      const stranger = anArtifact({ subject: anImage({ seed: 'another' }), artifactType: 'application/x.signature' })
      const lines = stranger.contents.map((one) =>
        lineOf(one, isManifestType(one.descriptor.mediaType) ? 'manifest' : 'layer'),
      )
      const added = new Map(stranger.contents.map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
      const inventory = [...contents.inventory, ...lines].sort((a, b) => rank(a) - rank(b))
      const [lookup] = contents.document.lookups
      if (lookup === undefined) throw new Error('no lookup')
      return {
        inventory,
        content: new Map([...blobs, ...added]),
        document: canonicalBytes({
          ...contents.document,
          lookups: [
            { ...lookup, referrers: { result: 'found', digests: [stranger.root.digest] } },
            { ...lookup, repository: APP, subject: stranger.root.digest },
          ],
        }),
      }
    },
  },
]

function rank(line: InventoryLine): number {
  return isManifestType(line.mediaType) ? 0 : 1
}

const SBOM = 'application/spdx+json'

const releaseClaims: readonly Hostile[] = [
  {
    name: 'referrer-dropped',
    why: 'the document says that an SBOM was found, and it is not here',
    code: INCOMPLETE,
    change: ({ contents, content: blobs }) => ({
      inventory: contents.inventory.filter(
        ({ digest, mediaType }) =>
          mediaType !== SBOM && !Buffer.from(blobs.get(digest) ?? '').includes(`"artifactType":"${SBOM}"`),
      ),
    }),
  },
  {
    name: 'referrers-denied',
    why: 'the document says that nothing was found, and it is here',
    code: INCOMPLETE,
    change: ({ contents }) => ({
      document: {
        ...contents.document,
        lookups: contents.document.lookups.map((lookup) => ({ ...lookup, referrers: { result: 'none' } })),
      },
    }),
  },
  {
    name: 'found-claimed-unknown',
    why: 'the document says that nobody could be asked, and what was found is here',
    code: INCOMPLETE,
    change: ({ contents }) => ({
      document: {
        ...contents.document,
        lookups: contents.document.lookups.map((lookup) => ({
          ...lookup,
          referrers: { result: 'could-not-ask', reason: 'ERR_SOURCE_UNREACHABLE: no route' },
        })),
      },
    }),
  },
]

const subsetClaims: readonly Hostile[] = [
  claimed('omission-not-declared', 'a platform was left out, and the document does not say so', INCOMPLETE, () => ({
    omissions: [],
  })),
  roots('platforms-not-declared', 'one platform is here, and the document says that all are', INCOMPLETE, (root) => ({
    repository: root.repository,
    tag: root.tag,
    descriptor: root.descriptor,
  })),
  roots('other-platform-declared', 'another platform is declared than is here', INCOMPLETE, (root) => ({
    ...root,
    platforms: ['linux/amd64'],
  })),
]
