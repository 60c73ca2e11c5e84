import { formatInventory, parseInventory } from '../../../src/bundle/inventory.js'
import { parseDocument } from '../../../src/bundle/parse-document.js'
import { buildWaybill, parseWaybill } from '../../../src/bundle/waybill.js'
import { parseArchiveList, parseDiffIds } from '../../../src/content/docker-archive-list.js'
import {
  checkLayoutVersion,
  entryNamed,
  entryTagged,
  namesOf,
  parseLayoutIndex,
} from '../../../src/content/layout-index.js'
import { canonicalBytes } from '../../../src/encoding/canonical-json.js'
import { parseStrictJson } from '../../../src/encoding/strict-json.js'
import { isDigest } from '../../../src/oci/digest.js'
import { childrenOf, type Manifest, parseManifest } from '../../../src/oci/manifest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../../src/oci/media-types.js'
import { parseTrustPolicy } from '../../../src/trust/policy/parse-policy.js'
import { selectBlobStatement, selectStatement, selectWaybillStatement } from '../../../src/trust/policy/select.js'
import { APP, aRelease } from '../../support/bundles.js'
import { layoutFiles } from '../../support/layout-files.js'
import { ACME, aStatement, policyBytes } from '../../support/trust-policies.js'
import { believed, type FuzzTarget } from '../target.js'
import { aFuzzBundle } from './fuzz-bundle.js'

const MEMBERS = [
  'schemaVersion',
  'mediaType',
  'manifests',
  'layers',
  'config',
  'subject',
  'digest',
  'size',
  'annotations',
]
const DIGESTS = [
  'sha256:',
  `sha256:${'0'.repeat(64)}`,
  `sha512:${'f'.repeat(128)}`,
  '../../etc/passwd',
  '\u0000',
  '\u202e',
]

const strictJson: FuzzTarget = {
  name: 'strict JSON',
  codes: ['ERR_JSON_INVALID'],
  shape: 'json',
  words: ['__proto__', 'constructor', '\\u0000', '\\ud800', '1e999', '-0', '9007199254740993', '"a":1,"A":2', '[[[['],
  prepare: async () => ({
    seeds: [canonicalBytes((await aFuzzBundle()).contents.document), ...texts('{"a":[1,"\\u00e9",null,{"b":-1}]}')],
    read: (bytes) => {
      const value = parseStrictJson(bytes, 'it')
      // What is read here every other reader must see, too.
      const other: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
      if (JSON.stringify(value) !== JSON.stringify(other)) believed('another value')
      const canonical = canonicalBytes(value)
      const again = parseStrictJson(canonical, 'the canonical form')
      if (Buffer.compare(canonicalBytes(again), canonical) !== 0) believed('a second canonical form')
    },
  }),
}

const manifest: FuzzTarget = {
  name: 'manifests and indexes',
  codes: ['ERR_JSON_INVALID', 'ERR_CONTENT_AMBIGUOUS'],
  shape: 'json',
  words: [...MEMBERS, ...DIGESTS, OCI_INDEX, OCI_MANIFEST, 'fsLayers'],
  prepare: async () => ({
    seeds: aRelease(20)
      .all.contents.filter(({ descriptor }) => /manifest|index/.test(descriptor.mediaType))
      .map(({ bytes }) => bytes),
    read: (bytes) => {
      const kinds = [OCI_MANIFEST, OCI_INDEX].flatMap((mediaType) => {
        const read = attempt(() => parseManifest(bytes, mediaType, 'it'))
        return read === undefined ? [] : [read]
      })
      if (kinds.length > 1 && kinds.some((one) => childrenOf(one).length > 0)) believed('a manifest of two kinds')
      for (const kind of kinds) onlyDigests(kind)
      parseManifest(bytes, OCI_MANIFEST, 'it')
    },
  }),
}

function onlyDigests(read: Manifest): void {
  for (const { digest, size } of [...childrenOf(read), ...(read.subject === undefined ? [] : [read.subject])]) {
    if (!isDigest(digest) || !Number.isSafeInteger(size) || size < 0) believed('a descriptor that is none')
  }
}

const layoutIndex: FuzzTarget = {
  name: 'the index of a layout',
  codes: ['ERR_JSON_INVALID', 'ERR_CONTENT_AMBIGUOUS', 'ERR_BUNDLE_FORMAT', 'ERR_BUNDLE_VERSION'],
  shape: 'json',
  words: [...MEMBERS, ...DIGESTS, '1.0', 'org.opencontainers.image.ref.name', 'io.containerd.image.name', '1.0.0'],
  prepare: async () => ({
    seeds: layoutFiles(aRelease(20).all)
      .slice(0, 2)
      .map(({ bytes }) => bytes),
    read: (bytes) => {
      attempt(() => checkLayoutVersion(bytes, 'it'))
      const entries = parseLayoutIndex(bytes, 'it')
      const names = entries.flatMap(namesOf)
      for (const name of [...names, '1.0']) entryNamed(entries, name)
      entryTagged(entries, '1.0')
    },
  }),
}

const document: FuzzTarget = {
  name: 'the document of a waybill',
  codes: ['ERR_JSON_INVALID', 'ERR_BUNDLE_FORMAT', 'ERR_BUNDLE_VERSION', 'ERR_LIMIT_EXCEEDED'],
  shape: 'json',
  words: ['roots', 'lookups', 'omissions', 'links', 'evidence', 'expiresAt', 'incremental', `${APP}:1.0`, ...DIGESTS],
  prepare: async () => ({
    seeds: [canonicalBytes((await aFuzzBundle()).contents.document)],
    read: (bytes) => {
      const read = parseDocument(bytes)
      if (Buffer.compare(canonicalBytes(read), bytes) !== 0) believed('a second encoding of the document')
    },
  }),
}

const inventory: FuzzTarget = {
  name: 'the inventory of a waybill',
  codes: ['ERR_BUNDLE_FORMAT', 'ERR_LIMIT_EXCEEDED'],
  shape: 'bytes',
  words: ['\n', '"here":1', '"role":"layer"', '"size":', ...DIGESTS],
  prepare: async () => ({
    seeds: [formatInventory((await aFuzzBundle()).contents.inventory)],
    read: (bytes) => {
      const lines = parseInventory(bytes)
      if (Buffer.compare(formatInventory(lines), bytes) !== 0) believed('a second encoding of the inventory')
    },
  }),
}

const waybill: FuzzTarget = {
  name: 'a waybill',
  codes: ['ERR_BUNDLE_FORMAT', 'ERR_BUNDLE_VERSION', 'ERR_LIMIT_EXCEEDED', 'ERR_JSON_INVALID', 'ERR_CONTENT_AMBIGUOUS'],
  shape: 'json',
  words: [...MEMBERS, ...DIGESTS],
  prepare: async () => {
    const { index, amd64 } = aRelease(20)
    return {
      seeds: [buildWaybill(index.root, amd64.root).bytes],
      read: (bytes) => {
        if (Buffer.compare(parseWaybill(bytes).bytes, bytes) !== 0) believed('a second encoding of the waybill')
      },
    }
  },
}

const archiveList: FuzzTarget = {
  name: 'the list of a Docker archive',
  codes: ['ERR_JSON_INVALID', 'ERR_BUNDLE_FORMAT', 'ERR_LIMIT_EXCEEDED'],
  shape: 'json',
  words: ['Config', 'RepoTags', 'Layers', 'rootfs', 'diff_ids', 'layers', ...DIGESTS],
  prepare: async () => ({
    seeds: texts(
      `[{"Config":"a.json","RepoTags":["app:1"],"Layers":["a/layer.tar","b/layer.tar"]}]`,
      `{"rootfs":{"type":"layers","diff_ids":["sha256:${'a'.repeat(64)}"]}}`,
    ),
    read: (bytes) => {
      const ids = attempt(() => parseDiffIds(bytes, 'it'))
      if (ids?.some((id) => !isDigest(id)) === true) believed('a digest that is none')
      parseArchiveList(bytes, 'it')
    },
  }),
}

const trustPolicy: FuzzTarget = {
  name: 'trust policies',
  codes: ['ERR_TRUST_POLICY_INVALID'],
  shape: 'json',
  words: [
    '*',
    'ca:a',
    'tsa:b',
    'strict',
    'skip',
    'waybill/bundle',
    'x509.subject:',
    ACME,
    'version',
    'override',
    '\\',
    '=',
  ],
  prepare: async () => ({
    seeds: [policyBytes([aStatement(), aStatement({ name: 'b', registryScopes: ['r/a'], trustedIdentities: [ACME] })])],
    read: (bytes) => {
      const blob = attempt(() => parseTrustPolicy(bytes, 'blob', 'p'))
      if (blob !== undefined) selectBlobStatement(blob)
      const policy = parseTrustPolicy(bytes, 'oci', 'p')
      selectWaybillStatement(policy)
      for (const scope of [APP, 'r/a', '*', 'waybill/bundle']) selectStatement(policy, scope)
    },
  }),
}

function texts(...all: readonly string[]): readonly Uint8Array[] {
  return all.map((text) => Buffer.from(text))
}

/** For what may fail in its own way here, and is tried for what else it throws when its turn comes. */
function attempt<T>(what: () => T): T | undefined {
  try {
    return what()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_')) return undefined
    throw cause
  }
}

export const TEXTS: readonly FuzzTarget[] = [
  ...[strictJson, manifest, layoutIndex, document, inventory, waybill, archiveList, trustPolicy],
]
