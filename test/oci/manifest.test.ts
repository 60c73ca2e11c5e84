import { describe, expect, it } from 'vitest'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { TransferError } from '../../src/errors.js'
import { artifactTypeOf, childrenOf, isMediaType, type Manifest, parseManifest } from '../../src/oci/manifest.js'
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
} from '../../src/oci/media-types.js'
import { anArtifact, anImage, anIndex } from '../support/build.js'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const config = { mediaType: OCI_CONFIG, digest: A, size: 2 }
const layer = { mediaType: OCI_LAYER_GZIP, digest: B, size: 3 }
const image = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] }
const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_MANIFEST, digest: A, size: 2 }] }

function parse(value: unknown, mediaType = OCI_MANIFEST): Manifest {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : canonicalBytes(value)
  return parseManifest(bytes, mediaType, 'the manifest')
}

function codeOf(value: unknown, mediaType = OCI_MANIFEST): string {
  try {
    parse(value, mediaType)
  } catch (cause) {
    return cause instanceof TransferError ? cause.code : String(cause)
  }
  return 'accepted'
}

describe('parseManifest', () => {
  it('gives the config and the layers of an image', () => {
    const built = anImage({ layers: 2, annotations: { a: 'b' } })
    const bytes = built.contents.at(-1)?.bytes ?? new Uint8Array(0)

    const manifest = parseManifest(bytes, OCI_MANIFEST, 'image')

    expect(manifest.kind).toBe('image')
    expect(childrenOf(manifest).map(({ digest }) => digest)).toEqual(
      [2, 0, 1].map((at) => built.contents[at]?.descriptor.digest),
    )
    expect({ ...manifest.annotations }).toEqual({ a: 'b' })
  })

  it('gives the manifests of an index with their platforms', () => {
    const built = anIndex([anImage(), anImage({ platform: 'linux/arm/v7' })])
    const bytes = built.contents.at(-1)?.bytes ?? new Uint8Array(0)

    const manifest = parseManifest(bytes, OCI_INDEX, 'index')

    expect(childrenOf(manifest).map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm', variant: 'v7' },
    ])
  })

  it('gives the subject and the type of an artifact', () => {
    const subject = anImage()
    const bytes = anArtifact({ subject, artifactType: 'application/x' }).contents.at(-1)?.bytes ?? new Uint8Array(0)

    const manifest = parseManifest(bytes, OCI_MANIFEST, 'artifact')

    expect(manifest.subject?.digest).toBe(subject.root.digest)
    expect(artifactTypeOf(manifest)).toBe('application/x')
  })

  it.each([
    ['an image of OCI', image, OCI_MANIFEST],
    ['an image of Docker', { ...image, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST],
    ['an index of OCI', index, OCI_INDEX],
    ['a list of Docker', { ...index, mediaType: DOCKER_LIST }, DOCKER_LIST],
    ['an image that does not name its type', { ...image, mediaType: undefined }, OCI_MANIFEST],
    ['layers as Go writes an empty list', { ...image, layers: null }, OCI_MANIFEST],
    ['annotations and a subject that are null', { ...image, annotations: null, subject: null }, OCI_MANIFEST],
    ['a field nobody knows', { ...image, 'vendor.x': { layers: [] } }, OCI_MANIFEST],
    ['a layer of an unknown type', { ...image, layers: [{ ...layer, mediaType: 'text/x.y+z' }] }, OCI_MANIFEST],
    [
      'urls and data, which nobody follows',
      { ...image, layers: [{ ...layer, urls: ['file:///'], data: '!' }] },
      OCI_MANIFEST,
    ],
    ['a nested index', { ...index, manifests: [{ mediaType: OCI_INDEX, digest: A, size: 2 }] }, OCI_INDEX],
  ])('takes %s', (_what, value, mediaType) => {
    expect(codeOf(value, mediaType)).toBe('accepted')
  })

  it.each([
    ['an index with layers', { ...index, layers: [layer] }, OCI_INDEX],
    ['an index with a config', { ...index, config }, OCI_INDEX],
    ['an image with manifests', { ...image, manifests: index.manifests }, OCI_MANIFEST],
    ['an image with manifests that are null', { ...image, manifests: null }, OCI_MANIFEST],
    ['an index that is stored as an image', index, OCI_MANIFEST],
    ['an image that is stored as an index', image, OCI_INDEX],
    ['an image of Docker that is stored as one of OCI', { ...image, mediaType: DOCKER_MANIFEST }, OCI_MANIFEST],
    ['an untyped image that is stored as an index', { ...image, mediaType: undefined }, OCI_INDEX],
    ['an untyped index that is stored as an image', { ...index, mediaType: undefined }, OCI_MANIFEST],
    ['a type that is null', { ...image, mediaType: null }, OCI_MANIFEST],
    ['an image with fsLayers', { ...image, fsLayers: [] }, OCI_MANIFEST],
    ['schema version 1', { ...image, schemaVersion: 1 }, OCI_MANIFEST],
    ['schema version "2"', { ...image, schemaVersion: '2' }, OCI_MANIFEST],
    ['no schema version', { ...image, schemaVersion: undefined }, OCI_MANIFEST],
    ['schema 1 by its type', image, 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
    ['a config stored as a manifest', image, OCI_CONFIG],
    ['no config', { ...image, config: undefined }, OCI_MANIFEST],
    ['a config that is a list', { ...image, config: [config] }, OCI_MANIFEST],
    ['layers that are an object', { ...image, layers: { 0: layer } }, OCI_MANIFEST],
    ['a layer that is null', { ...image, layers: [null] }, OCI_MANIFEST],
    ['a layer without a digest', { ...image, layers: [{ ...layer, digest: undefined }] }, OCI_MANIFEST],
    ['a digest that climbs', { ...image, layers: [{ ...layer, digest: 'sha256:../../x' }] }, OCI_MANIFEST],
    ['a size as text', { ...image, layers: [{ ...layer, size: '3' }] }, OCI_MANIFEST],
    ['a negative size', { ...image, layers: [{ ...layer, size: -1 }] }, OCI_MANIFEST],
    ['no size', { ...image, layers: [{ ...layer, size: undefined }] }, OCI_MANIFEST],
    ['a media type with a new line', { ...image, layers: [{ ...layer, mediaType: 'a/b\nX: y' }] }, OCI_MANIFEST],
    ['an empty media type', { ...image, layers: [{ ...layer, mediaType: '' }] }, OCI_MANIFEST],
    ['an artifact type that is none', { ...image, artifactType: 'signature' }, OCI_MANIFEST],
    ['an annotation that is a number', { ...image, annotations: { a: 1 } }, OCI_MANIFEST],
    ['annotations that are a list', { ...image, annotations: [] }, OCI_MANIFEST],
    ['a subject that is only a digest', { ...image, subject: A }, OCI_MANIFEST],
    ['a platform that is text', { ...index, manifests: [{ ...config, platform: 'linux/amd64' }] }, OCI_INDEX],
    ['a list at the top', [image], OCI_MANIFEST],
  ])('refuses %s', (_what, value, mediaType) => {
    expect(codeOf(value, mediaType)).toBe('ERR_CONTENT_AMBIGUOUS')
  })

  it.each([
    ['Layers', { ...image, layers: undefined, Layers: [layer] }, OCI_MANIFEST],
    ['MediaType', { ...image, mediaType: undefined, MediaType: OCI_INDEX }, OCI_MANIFEST],
    ['Subject', { ...image, Subject: config }, OCI_MANIFEST],
    ['ſubject', { ...image, ſubject: config }, OCI_MANIFEST],
    ['a size with a long s in a layer', { ...image, layers: [{ ...layer, size: undefined, ſize: 1 }] }, OCI_MANIFEST],
    ['Digest in a config', { ...image, config: { ...config, digest: undefined, Digest: B } }, OCI_MANIFEST],
    [
      'Architecture in a platform',
      { ...index, manifests: [{ ...config, platform: { os: 'linux', Architecture: 'arm' } }] },
      OCI_INDEX,
    ],
  ])('refuses %s, which Go reads and others do not', (_what, value, mediaType) => {
    expect(codeOf(value, mediaType)).toBe('ERR_CONTENT_AMBIGUOUS')
  })

  it.each([
    ['two lists of layers', '{"schemaVersion":2,"config":{},"layers":[],"layers":[1]}'],
    ['layers in two cases', '{"schemaVersion":2,"layers":[],"Layers":[]}'],
    ['a size beyond 2^53', `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"${A}","size":9007199254740993}}`],
    ['something after its end', `${JSON.stringify(image)}{}`],
    ['a byte order mark', `\ufeff${JSON.stringify(image)}`],
  ])('refuses JSON with %s', (_what, text) => {
    expect(codeOf(text)).toBe('ERR_JSON_INVALID')
  })

  it('takes annotations named like members of every object, and changes no other object', () => {
    const text = JSON.stringify(image).replace('{', '{"annotations":{"__proto__":"x","constructor":"y"},')

    const manifest = parse(text)

    expect(Object.keys(manifest.annotations)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(manifest.annotations)).toBe(null)
    expect({}.constructor).toBe(Object)
  })

  it('shows what a manifest calls itself without doing what it says', () => {
    let failure: unknown
    try {
      parse({ ...image, mediaType: 'a\u009b2J\u202eb' })
    } catch (cause) {
      failure = cause
    }

    expect(String(failure)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
  })
})

describe('artifactTypeOf', () => {
  it.each([
    ['its artifactType', { ...image, artifactType: 'application/x' }, OCI_MANIFEST, 'application/x'],
    [
      'the type of its config where it has none',
      { ...image, config: { ...config, mediaType: OCI_EMPTY } },
      OCI_MANIFEST,
      OCI_EMPTY,
    ],
    ['nothing for an index without one', index, OCI_INDEX, undefined],
  ])('is %s', (_what, value, mediaType, type) => {
    expect(artifactTypeOf(parse(value, mediaType))).toBe(type)
  })
})

describe('isMediaType', () => {
  it.each([
    ['application/vnd.oci.image.layer.v1.tar+gzip', true],
    ['a/b', true],
    [`${'a'.repeat(127)}/${'b'.repeat(127)}`, true],
    [`${'a'.repeat(128)}/b`, false],
    ['a', false],
    ['a/', false],
    ['/b', false],
    ['a/b/c', false],
    ['a/b; charset=utf-8', false],
    ['a /b', false],
    ['a/b\r\nX: y', false],
  ])('says of %j: %s', (text, valid) => {
    expect(isMediaType(text)).toBe(valid)
  })
})
