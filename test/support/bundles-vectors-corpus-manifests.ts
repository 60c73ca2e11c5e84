import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { type Content, content, json, OCI_LAYER } from './build.js'
import type { Base, Vector } from './bundles-vectors.js'
import { bundle, CONFIG, hostileDigest, IMAGE, image, imageText, indexOf, LAYER } from './bundles-vectors-manifests.js'
import { type Hostile, signed } from './bundles-vectors-signed.js'

const AMBIGUOUS = 'ERR_CONTENT_AMBIGUOUS'
const JSON_INVALID = 'ERR_JSON_INVALID'
const MISMATCH = 'ERR_CONTENT_MISMATCH'

/** Digests, descriptors, JSON and graphs that are there to deceive, in a bundle that a trusted key has signed. */
export async function corpusManifestVectors(base: Base, signer: Signer): Promise<readonly Vector[]> {
  return await signed(base, signer, [...digests, ...descriptors, ...shapes, ...spellings, ...numbers, ...graphs()])
}

const HEX = LAYER.descriptor.digest.slice(7)

const digests: readonly Hostile[] = [
  hostileDigest('other-encoding', `sha256+b64:${Buffer.from(HEX, 'hex').toString('base64url')}`),
  hostileDigest('space-before', ` sha256:${HEX}`),
  hostileDigest('space-after', `sha256:${HEX} `),
  hostileDigest('nul', `sha256:${HEX.slice(1)}\0`),
  hostileDigest('without-algorithm', HEX),
  hostileDigest('of-sha512-too-short', `sha512:${HEX}`),
  hostileDigest('full-width', `sha256:${HEX.slice(1)}\uff11`),
]

/** What a signed manifest can say of its layer, when the layer is as it is. */
function layer(name: string, why: string, code: ErrorCode | undefined, change: object): Hostile {
  return image(name, why, code, { layers: [{ ...LAYER.descriptor, ...change }] })
}

const EVIL = Buffer.from('evil').toString('base64')

const descriptors: readonly Hostile[] = [
  layer('manifest-layer-size-less', 'a layer of a byte less than it has', 'ERR_BUNDLE_INCOMPLETE', {
    size: LAYER.descriptor.size - 1,
  }),
  layer('valid-data-is-not-read', 'a layer with other bytes in its own descriptor', undefined, { data: EVIL }),
  layer('valid-data-in-no-base64', 'the same, in what some decoders take for base64', undefined, { data: 'e30*!=' }),
  layer('valid-urls-of-many-kinds', 'addresses that nobody may ask', undefined, {
    urls: ['file:///etc/passwd', '//attacker.example/x', 'http://[::1]:1/x', 'javascript:alert(1)'],
  }),
  layer('valid-annotation-with-escapes', 'an annotation that a terminal acts on, and that runs backwards', undefined, {
    annotations: { title: '\u001b[2J\u001b]8;;http://evil.example\u0007\u202emoc', note: 'x'.repeat(4000) },
  }),
  underTwoNames(
    'valid-layer-under-two-digests',
    'one layer by its sha256 and by its sha512 digest',
    undefined,
    LAYER.bytes,
  ),
  underTwoNames(
    'layer-under-sha512-differs',
    'the sha512 digest of a layer that is here by its sha256 one, and other bytes under it',
    MISMATCH,
    Buffer.from('evil'),
  ),
]

/** An image whose layer is listed by two digests; the bytes under the second one are these. */
function underTwoNames(name: string, why: string, code: ErrorCode | undefined, bytes: Uint8Array): Hostile {
  const digest = digestOf(LAYER.bytes, 'sha512')
  const second: Content = { descriptor: { mediaType: OCI_LAYER, digest, size: bytes.byteLength }, bytes }
  const manifest = json(OCI_MANIFEST, { ...IMAGE, layers: [LAYER.descriptor, second.descriptor] })
  const change = bundle(manifest, CONFIG, LAYER, second)
  return { name, why, ...(code === undefined ? {} : { code }), change }
}

const { mediaType: _, ...UNTYPED } = IMAGE

function listedAs(name: string, why: string, mediaType: string, manifest: object): Hostile {
  const bytes = canonicalBytes(manifest)
  const liar: Content = { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength } }
  return { name, why, code: AMBIGUOUS, change: bundle(indexOf(liar.descriptor), liar, CONFIG, LAYER) }
}

const shapes: readonly Hostile[] = [
  listedAs('index-of-layers', 'an index by its type, an image by what is in it', OCI_INDEX, {
    ...IMAGE,
    mediaType: OCI_INDEX,
  }),
  listedAs(
    'manifest-without-type-listed-as-index',
    'an image without a media type, listed as an index',
    OCI_INDEX,
    UNTYPED,
  ),
  listedAs('index-without-type-listed-as-manifest', 'an index without a media type, listed as an image', OCI_MANIFEST, {
    schemaVersion: 2,
    manifests: [],
  }),
  image('manifest-layers-no-list', 'layers that are no list', AMBIGUOUS, { layers: LAYER.descriptor }),
  image('manifest-type-no-text', 'a media type that is no text', AMBIGUOUS, { mediaType: [OCI_MANIFEST] }),
  image('manifest-annotation-no-text', 'an annotation that is no text', AMBIGUOUS, { annotations: { a: 1 } }),
  image('manifest-subject-hostile', 'a subject whose digest leads out', AMBIGUOUS, {
    subject: { ...CONFIG.descriptor, digest: `sha256:${'../'.repeat(18)}etc/passwd` },
  }),
]

function text(name: string, why: string, code: ErrorCode, from: string | RegExp, to: string): Hostile {
  return imageText(`manifest-${name}`, why, code, (whole) => whole.replace(from, to))
}

const spellings: readonly Hostile[] = [
  text('key-with-long-s', 'a size under a key that Go takes for size', AMBIGUOUS, /"size":/, '"\u017fize":'),
  text(
    'twin-with-long-s',
    'a second size, for readers that fold letters',
    JSON_INVALID,
    /"size":/,
    '"\u017fize":1,"size":',
  ),
  text(
    'media-type-in-lower-case',
    'a media type under a key in another case',
    AMBIGUOUS,
    /"mediaType":(?="[^"]*manifest)/,
    '"mediatype":',
  ),
  text('trailing-text', 'a second manifest after the first', JSON_INVALID, /$/, ' {}'),
  text('escaped-twin', 'one key in two spellings', JSON_INVALID, '"layers"', '"\\u006cayers":[],"layers"'),
  text(
    'lone-surrogate',
    'half of a character, which readers replace in their own ways',
    JSON_INVALID,
    '"config"',
    '"annotations":{"a":"\\ud800"},"config"',
  ),
  text('with-comment', 'a comment, which some readers pass over', JSON_INVALID, '"config"', '/* x */"config"'),
  text('trailing-comma', 'a comma after the last member', JSON_INVALID, /\}$/, ',}'),
  text('with-nan', 'a number that JSON has not', JSON_INVALID, /"size":[0-9]+/, '"size":NaN'),
  {
    name: 'manifest-not-utf-8',
    why: 'a byte that is no text, which some readers replace without a word',
    code: JSON_INVALID,
    change: (base) => {
      const whole = Buffer.from(canonicalBytes({ annotations: { a: '#' }, ...IMAGE })).toString('latin1')
      const manifest = content(OCI_MANIFEST, Buffer.from(whole.replace('"#"', '"\u00ff"'), 'latin1'))
      return bundle(manifest, CONFIG, LAYER)(base)
    },
  },
]

const numbers: readonly Hostile[] = (
  [
    ['beyond-2-53', '9007199254740993', JSON_INVALID],
    ['beyond-2-63', '9223372036854775808', JSON_INVALID],
    ['with-exponent', '2e1', JSON_INVALID],
    ['with-fraction', '27.0', JSON_INVALID],
    ['minus-zero', '-0', JSON_INVALID],
    ['with-leading-zero', '027', JSON_INVALID],
    ['as-text', '"27"', AMBIGUOUS],
    ['null', 'null', AMBIGUOUS],
  ] as const
).map(([name, lexeme, code]) =>
  text(`size-${name}`, `a size that is written ${lexeme}`, code, /"size":[0-9]+/, `"size":${lexeme}`),
)

function graphs(): readonly Hostile[] {
  const one = json(OCI_MANIFEST, IMAGE)
  const other = json(OCI_MANIFEST, { ...IMAGE, annotations: { evil: 'true' } })
  const platform = { os: 'linux', architecture: 'amd64' }
  return [
    {
      name: 'valid-indexes-that-share-children',
      why: 'ten indexes, each with the next one twice: a thousand ways down, and eleven manifests',
      change: bundle(...sharedChildren(one), CONFIG, LAYER),
    },
    {
      name: 'valid-two-entries-of-one-platform',
      why: 'two images for one platform: the tag is of the index, and both of them are here',
      change: bundle(
        indexOf({ ...one.descriptor, platform }, { ...other.descriptor, platform }),
        other,
        one,
        CONFIG,
        LAYER,
      ),
    },
    {
      name: 'valid-index-names-its-child-twice',
      why: 'one image for two platforms: it is here once',
      change: bundle(
        indexOf({ ...one.descriptor, platform }, { ...one.descriptor, platform: { ...platform, variant: 'v2' } }),
        ...[one, CONFIG, LAYER],
      ),
    },
  ]
}

/** Indexes, the outermost first, and the image at the bottom. */
function sharedChildren(image: Content): readonly Content[] {
  const levels = [image]
  for (let level = 0; level < 10; level += 1) {
    const [next] = levels
    if (next !== undefined)
      levels.unshift(indexOf(next.descriptor, { ...next.descriptor, annotations: { again: 'yes' } }))
  }
  return levels
}
