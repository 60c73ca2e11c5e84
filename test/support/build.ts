import { once } from '../../src/content/reopenable.js'
import type { ContentSink } from '../../src/content/store.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { type Descriptor, describe as descriptorOf } from '../../src/oci/descriptor.js'
import { algorithmOf, encodedOf } from '../../src/oci/digest.js'
import { OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { parsePlatform } from '../../src/oci/platform.js'
import { CALL } from './tmp.js'

export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar'
export const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
export const COSIGN_PAYLOAD = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Bytes, and what points at them. */
export interface Content {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** Something that can be pushed: its root, and everything it needs, children before parents. */
export interface Built {
  readonly root: Descriptor
  readonly contents: readonly Content[]
  readonly tags: Readonly<Record<string, Descriptor>>
  /** The same, with a tag on its root. */
  tagged(tag: string): Built
  into(sink: ContentSink): Promise<void>
}

export interface ImageOptions {
  /** How many layers are made, or the layers themselves. */
  readonly layers?: number | readonly Uint8Array[]
  readonly platform?: string
  /** bytes of the file in each layer that is made */
  readonly size?: number
  /** Two images with different seeds share nothing. */
  readonly seed?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** A valid image: layers are tars of one file each, and the config names them. The same options give the same digests. */
export function anImage(options: ImageOptions = {}): Built {
  const { layers = 1, size = 1000, seed = 'image' } = options
  const platform = parsePlatform(options.platform ?? 'linux/amd64')
  const tars = typeof layers === 'number' ? madeLayers(layers, size, `${seed} ${options.platform ?? ''}`) : layers
  const blobs = tars.map((bytes) => content(OCI_LAYER, bytes))
  const config = json(OCI_CONFIG, {
    ...platform,
    config: {},
    rootfs: { type: 'layers', diff_ids: blobs.map(({ descriptor }) => descriptor.digest) },
  })
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: blobs.map(({ descriptor }) => descriptor),
    annotations: options.annotations,
  })
  return built({ ...manifest.descriptor, platform }, [...blobs, config, manifest])
}

/** An index of images or of indexes. */
export function anIndex(children: readonly Built[], annotations?: Readonly<Record<string, string>>): Built {
  const manifests = children.map(({ root }) => root)
  const index = json(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests, annotations })
  return built(
    index.descriptor,
    [...children.flatMap(({ contents }) => contents), index],
    Object.assign({}, ...children.map(({ tags }) => tags)),
  )
}

export interface ArtifactOptions {
  readonly subject?: Built | Descriptor
  readonly artifactType?: string
  readonly mediaType?: string
  readonly bytes?: Uint8Array | string
  readonly annotations?: Readonly<Record<string, string>>
}

/** An artifact of one blob with an empty config; with a subject it is a referrer. It does not contain its subject. */
export function anArtifact(options: ArtifactOptions = {}): Built {
  const { artifactType = 'application/spdx+json', subject, annotations } = options
  const blob = content(options.mediaType ?? artifactType, toBytes(options.bytes ?? '{"spdxVersion":"SPDX-2.3"}'))
  const config = content(OCI_EMPTY, toBytes('{}'))
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: config.descriptor,
    layers: [blob.descriptor],
    subject: subject === undefined ? undefined : pointer('root' in subject ? subject.root : subject),
    annotations,
  })
  return built(manifest.descriptor, [blob, config, manifest])
}

/** What `cosign sign` leaves under the tag `sha256-<hex>.sig`: the right shape, and a signature that proves nothing. */
export function aCosignSignature(image: Built, signature = 'bm90IGEgc2lnbmF0dXJl'): Built {
  const payload = json(COSIGN_PAYLOAD, {
    critical: {
      identity: { 'docker-reference': 'registry.example/app' },
      image: { 'docker-manifest-digest': image.root.digest },
      type: 'cosign container image signature',
    },
    optional: null,
  })
  const config = json(OCI_CONFIG, { rootfs: { type: 'layers', diff_ids: [payload.descriptor.digest] } })
  const layer = { ...payload.descriptor, annotations: { 'dev.cosignproject.cosign/signature': signature } }
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: [layer],
  })
  const tag = `${algorithmOf(image.root.digest)}-${encodedOf(image.root.digest)}.sig`
  return built(manifest.descriptor, [payload, config, manifest]).tagged(tag)
}

/** Several things as one, in their order; the root is the first one's. */
export function together(first: Built, ...others: readonly Built[]): Built {
  return built(
    first.root,
    [first, ...others].flatMap(({ contents }) => contents),
    Object.assign({}, first.tags, ...others.map(({ tags }) => tags)),
  )
}

export function content(mediaType: string, bytes: Uint8Array): Content {
  return { descriptor: descriptorOf(mediaType, bytes), bytes }
}

/** A JSON document in one fixed spelling. */
export function json(mediaType: string, value: unknown): Content {
  return content(mediaType, canonicalBytes(value))
}

/** `size` bytes that look random and depend on nothing but the seed. */
export function noise(size: number, seed: string): Uint8Array {
  const bytes = Buffer.alloc(size)
  let state = 0x811c9dc5
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0
  state ||= 1
  for (let at = 0; at < size; at += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    bytes[at] = state & 0xff
  }
  return bytes
}

/** Contents of any kind as something that can be pushed, each once. */
export function built(
  root: Descriptor,
  contents: readonly Content[],
  tags: Readonly<Record<string, Descriptor>> = {},
): Built {
  const unique = [...new Map(contents.map((one) => [one.descriptor.digest, one])).values()]
  return {
    root,
    contents: unique,
    tags,
    tagged: (tag) => built(root, unique, { ...tags, [tag]: root }),
    into: async (sink) => {
      for (const { descriptor, bytes } of unique) await sink.push(descriptor, once(bytes), CALL)
      for (const [tag, descriptor] of Object.entries(tags)) await sink.tag(descriptor, tag, CALL)
    },
  }
}

function madeLayers(count: number, size: number, seed: string): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, at) => tarOfOneFile(`layer-${at}`, noise(size, `${seed} ${at}`)))
}

/** A tar by hand, so that the digests depend on no library. */
function tarOfOneFile(name: string, bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512)
  header.write(name, 0, 'latin1')
  header.write('0000644\0', 100, 'latin1')
  header.write('0000000\0', 108, 'latin1')
  header.write('0000000\0', 116, 'latin1')
  header.write(`${bytes.byteLength.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.write('00000000000\0', 136, 'latin1')
  header.write('        0', 148, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const padding = Buffer.alloc((512 - (bytes.byteLength % 512)) % 512)
  return Buffer.concat([header, bytes, padding, Buffer.alloc(1024)])
}

function pointer(descriptor: Descriptor): Descriptor {
  return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size }
}

function toBytes(text: Uint8Array | string): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}
