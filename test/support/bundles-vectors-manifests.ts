import { EMPTY_CONFIG } from '../../src/bundle/layout.js'
import type { Role } from '../../src/content/node.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { LIMITS } from '../../src/limits.js'
import { bare, type Descriptor } from '../../src/oci/descriptor.js'
import type { Digest } from '../../src/oci/digest.js'
import {
  DOCKER_MANIFEST,
  isIndexType,
  isManifestType,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { anImage, anIndex, type Content, content, json, OCI_LAYER } from './build.js'
import { APP } from './bundles.js'
import type { Base, Vector } from './bundles-vectors.js'
import { type Change, type Hostile, signed } from './bundles-vectors-signed.js'

const AMBIGUOUS = 'ERR_CONTENT_AMBIGUOUS'
const JSON_INVALID = 'ERR_JSON_INVALID'

/** Images that mean one thing to one reader and something else to another, in a bundle that a trusted key has signed. */
export async function manifestVectors(base: Base, signer: Signer): Promise<readonly Vector[]> {
  return await signed(base, signer, [...images, ...graphs()])
}

export const CONFIG = json(OCI_CONFIG, { architecture: 'amd64', os: 'linux' })
export const LAYER = content(OCI_LAYER, Buffer.from('not a tar, but nobody looks'))
export const IMAGE = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config: CONFIG.descriptor,
  layers: [LAYER.descriptor],
}

/** A bundle of these, of which the first is the root. Manifests are given before what they need. */
export function bundle(...contents: readonly Content[]): Hostile['change'] {
  const [root] = contents
  const manifests = contents.filter(({ descriptor }) => isManifestType(descriptor.mediaType)).toReversed()
  const lines = [...manifests, ...contents.filter((one) => !manifests.includes(one))].map(({ descriptor }) => ({
    ...bare(descriptor),
    role: roleOf(descriptor),
    here: 1 as const,
  }))
  return ({ contents: { document } }): Change => ({
    inventory: lines,
    content: new Map<Digest, Uint8Array>(contents.map(({ descriptor, bytes }) => [descriptor.digest, bytes])),
    document: canonicalBytes({
      ...document,
      roots: [{ repository: APP, tag: 'image', descriptor: bare(root?.descriptor ?? EMPTY_CONFIG) }],
      lookups: manifests
        .map(({ descriptor }) => descriptor.digest)
        .sort()
        .map((subject) => ({ repository: APP, subject, referrers: { result: 'none' }, tags: { result: 'none' } })),
      totals: { blobs: lines.length, bytes: lines.reduce((sum, { size }) => sum + size, 0) },
    }),
  })
}

function roleOf({ mediaType }: Descriptor): Role {
  if (isManifestType(mediaType)) return isIndexType(mediaType) ? 'index' : 'manifest'
  return mediaType === OCI_CONFIG ? 'config' : 'layer'
}

export function image(name: string, why: string, code: ErrorCode | undefined, change: object): Hostile {
  const manifest = json(OCI_MANIFEST, { ...IMAGE, ...change })
  return { name, why, ...(code === undefined ? {} : { code }), change: bundle(manifest, CONFIG, LAYER) }
}

/** An image by the text of its manifest. */
export function imageText(
  name: string,
  why: string,
  code: ErrorCode | undefined,
  change: (text: string) => string,
): Hostile {
  const manifest = content(OCI_MANIFEST, Buffer.from(change(Buffer.from(canonicalBytes(IMAGE)).toString())))
  return { name, why, ...(code === undefined ? {} : { code }), change: bundle(manifest, CONFIG, LAYER) }
}

export function hostileDigest(name: string, digest: string): Hostile {
  const layers = [{ ...LAYER.descriptor, digest }]
  return image(`manifest-digest-${name}`, `a layer whose digest is ${JSON.stringify(digest)}`, AMBIGUOUS, { layers })
}

const HEX = LAYER.descriptor.digest.slice(7)

const images: readonly Hostile[] = [
  hostileDigest('leads-out', `sha256:${'../'.repeat(18)}etc/passwd`),
  hostileDigest('escaped', `sha256:%2e%2e%2f${HEX.slice(12)}`),
  hostileDigest('upper-case', `sha256:${HEX.toUpperCase()}`),
  hostileDigest('upper-case-algorithm', `SHA256:${HEX}`),
  hostileDigest('too-short', `sha256:${HEX.slice(1)}`),
  hostileDigest('too-long', `sha256:${HEX}0`),
  hostileDigest('weak', `md5:${HEX.slice(32)}`),
  hostileDigest('line-feed', `sha256:${HEX}\n`),
  hostileDigest('empty', ''),
  image('manifest-with-layers-and-manifests', 'an image to one reader and an index to another', AMBIGUOUS, {
    manifests: [],
  }),
  image('manifest-calls-itself-an-index', 'a media type that disagrees with how it is stored', AMBIGUOUS, {
    mediaType: OCI_INDEX,
  }),
  image('manifest-with-fs-layers', 'a schema 1 image beside the other one', AMBIGUOUS, { fsLayers: [] }),
  image('manifest-schema-1', 'a schema version that says something else', AMBIGUOUS, { schemaVersion: 1 }),
  image('manifest-case-twin', 'a second list of layers, for readers that do not mind case', JSON_INVALID, {
    Layers: [],
  }),
  image('manifest-key-in-another-case', 'a list of layers that only some readers see', AMBIGUOUS, {
    layers: undefined,
    Layers: [LAYER.descriptor],
  }),
  image('manifest-size-negative', 'a layer of less than nothing', AMBIGUOUS, {
    layers: [{ ...LAYER.descriptor, size: -1 }],
  }),
  image('manifest-config-missing', 'an image without a config', AMBIGUOUS, { config: undefined }),
  image('manifest-layer-size-differs', 'a layer of another size than it has', 'ERR_BUNDLE_INCOMPLETE', {
    layers: [{ ...LAYER.descriptor, size: LAYER.descriptor.size + 1 }],
  }),
  image(
    'valid-urls-are-not-followed',
    'a layer with an address on the network, and one with other bytes in it',
    undefined,
    {
      layers: [{ ...LAYER.descriptor, urls: ['http://169.254.169.254/latest/meta-data'], data: 'ZXZpbA==' }],
    },
  ),
  imageText('valid-annotation-named-proto', 'an annotation that would change a prototype', undefined, (text) =>
    text.replace('"config"', '"annotations":{"__proto__":"polluted","constructor":"x"},"config"'),
  ),
  imageText('manifest-duplicate-key', 'two lists of layers', JSON_INVALID, (text) =>
    text.replace('"layers"', '"layers":[],"layers"'),
  ),
  imageText('manifest-deep', 'a manifest nested a thousand deep', JSON_INVALID, (text) =>
    text.replace('"config"', `"annotations":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)},"config"`),
  ),
  imageText('manifest-with-byte-order-mark', 'a mark before the first byte', JSON_INVALID, (text) => `\ufeff${text}`),
]

export function indexOf(...manifests: readonly object[]): Content {
  return json(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests })
}

function graphs(): readonly Hostile[] {
  const one = json(OCI_MANIFEST, IMAGE)
  const liar = json(OCI_MANIFEST, { ...IMAGE, layers: [{ ...LAYER.descriptor, size: LAYER.descriptor.size + 1 }] })
  const wrapper = json(OCI_MANIFEST, { ...IMAGE, layers: [{ ...one.descriptor, mediaType: OCI_LAYER }] })
  const { mediaType: _, ...untyped } = IMAGE
  const plain = json(OCI_MANIFEST, untyped)
  let deep = anIndex([anImage({ size: 10 })])
  for (let depth = 0; depth < LIMITS.graphDepth; depth += 1) deep = anIndex([deep], { depth: String(depth) })
  return [
    {
      name: 'two-sizes-for-one-digest',
      why: 'two images that give one layer two sizes',
      code: AMBIGUOUS,
      change: bundle(indexOf(one.descriptor, liar.descriptor), one, liar, CONFIG, LAYER),
    },
    {
      name: 'manifest-is-also-a-layer',
      why: 'an image that another one carries as its layer',
      code: AMBIGUOUS,
      change: bundle(indexOf(wrapper.descriptor, one.descriptor), wrapper, one, CONFIG, LAYER),
    },
    {
      name: 'one-manifest-of-two-media-types',
      why: 'an image that is listed as OCI’s and as Docker’s',
      code: AMBIGUOUS,
      change: bundle(
        indexOf(plain.descriptor, { ...plain.descriptor, mediaType: DOCKER_MANIFEST }),
        plain,
        CONFIG,
        LAYER,
      ),
    },
    {
      name: 'graph-too-deep',
      why: 'indexes within indexes, one more than is read',
      code: 'ERR_LIMIT_EXCEEDED',
      change: bundle(...deep.contents.toReversed()),
    },
  ]
}
