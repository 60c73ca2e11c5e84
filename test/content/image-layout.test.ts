import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ImageLayout } from '../../src/content/image-layout.js'
import { openLayoutFolder } from '../../src/content/layout-folder.js'
import { openLayoutTar } from '../../src/content/layout-tar.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { digestOf, parseDigest } from '../../src/oci/digest.js'
import { blobPath, REF_NAME } from '../../src/oci/image-layout.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { aCosignSignature, anArtifact, anImage, anIndex, type Built, together } from '../support/build.js'
import { type LayoutFile, layoutFiles, writeFolder } from '../support/layout-files.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const FULL_NAME = 'io.containerd.image.name'
const app = anImage({ seed: 'app' })
const base = anImage({ seed: 'base' })
const sbom = anArtifact({ subject: app })
const signature = anArtifact({ subject: app, artifactType: 'application/vnd.cncf.notary.signature' })

type Entry = Pick<Descriptor, 'mediaType' | 'digest' | 'size'> & { readonly annotations?: Record<string, string> }

function entry(built: Built, annotations?: Record<string, string>): Entry {
  const { mediaType, digest, size } = built.root
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) }
}

function named(built: Built, name: string): Entry {
  return entry(built, { [REF_NAME]: name })
}

/** A layout with these blobs, whose index.json lists these entries. */
async function aLayout(entries: readonly Entry[], ...held: readonly Built[]): Promise<ImageLayout> {
  const [first = app, ...others] = held
  const files = layoutFiles(together(first, ...others)).filter(({ name }) => name !== 'index.json')
  return await opened([...files, indexOf(entries)])
}

async function opened(files: readonly LayoutFile[]): Promise<ImageLayout> {
  const folder = await tmpFolder()
  await writeFolder(folder, files)
  return await openLayoutFolder(folder, CALL)
}

function indexOf(manifests: readonly Entry[]): LayoutFile {
  return { name: 'index.json', bytes: canonicalBytes({ schemaVersion: 2, manifests }) }
}

function blobFile(bytes: Uint8Array): LayoutFile {
  return { name: blobPath(digestOf(bytes)), bytes }
}

async function referrersOf(layout: ImageLayout, subject: Descriptor): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { digest } of layout.source.referrers(subject, CALL)) found.push(digest)
  return found
}

describe('openLayout', () => {
  const [version, index, ...blobs] = layoutFiles(app) as [LayoutFile, LayoutFile, ...LayoutFile[]]

  it.each<[string, string, readonly LayoutFile[]]>([
    ['without oci-layout', 'ERR_BUNDLE_FORMAT', [index, ...blobs]],
    ['without index.json', 'ERR_BUNDLE_FORMAT', [version, ...blobs]],
    ['of another version', 'ERR_BUNDLE_VERSION', [file('oci-layout', '{"imageLayoutVersion":"2.0.0"}'), index]],
    ['without a version', 'ERR_BUNDLE_FORMAT', [file('oci-layout', '{}'), index]],
    ['with a version that is a number', 'ERR_BUNDLE_FORMAT', [file('oci-layout', '{"imageLayoutVersion":1}'), index]],
    ['with a version that is not JSON', 'ERR_JSON_INVALID', [file('oci-layout', '1.0.0'), index]],
    ['with an index that is not JSON', 'ERR_JSON_INVALID', [version, file('index.json', '{')]],
    ['with two lists', 'ERR_JSON_INVALID', [version, file('index.json', '{"manifests":[],"manifests":[]}')]],
    ['with an index of another shape', 'ERR_CONTENT_AMBIGUOUS', [version, file('index.json', '[]')]],
    [
      'with a digest that leads elsewhere',
      'ERR_CONTENT_AMBIGUOUS',
      [
        version,
        file(
          'index.json',
          `{"schemaVersion":2,"manifests":[{"mediaType":"${OCI_MANIFEST}","digest":"sha256:../../../etc/passwd","size":1}]}`,
        ),
      ],
    ],
  ])('refuses a layout %s', async (_what, code, files) => {
    const opening = opened(files)

    await expect(opening).rejects.toMatchObject({ code })
  })

  it('takes a version file that ends with a new line, and files that have no place in a layout', async () => {
    const layout = await opened([file('oci-layout', '{"imageLayoutVersion": "1.0.0"}\n'), index, file('README', 'x')])

    expect(layout.entries.length).toBe(1)
  })
})

describe('resolveRoot', () => {
  it('gives the entry with exactly the name', async () => {
    const layout = await aLayout([named(app, 'v1'), named(base, 'v1.1')], app, base)

    const root = await layout.resolveRoot('v1', CALL)

    expect(root).toEqual({ descriptor: entry(app), name: 'v1' })
  })

  it('takes the full name that containerd writes beside the tag', async () => {
    const layout = await aLayout(
      [
        entry(app, { [REF_NAME]: 'latest', [FULL_NAME]: 'docker.io/library/app:latest' }),
        entry(base, { [REF_NAME]: 'latest', [FULL_NAME]: 'docker.io/library/base:latest' }),
      ],
      app,
      base,
    )

    const root = await layout.resolveRoot('docker.io/library/base:latest', CALL)

    expect(root.descriptor.digest).toBe(base.root.digest)
  })

  it.each(['v', 'V1', 'v1 ', ':v1', 'example.com/app:v1'])('does not take %j for v1', async (name) => {
    const layout = await aLayout([named(app, 'v1')], app)

    const asking = layout.resolveRoot(name, CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it('refuses a name that stands for two images', async () => {
    const layout = await aLayout([named(app, 'v1'), named(base, 'v1')], app, base)

    const asking = layout.resolveRoot('v1', CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it.each<[string, readonly Entry[], string | undefined]>([
    ['has no name', [entry(app)], undefined],
    ['has a name', [named(app, 'v1')], 'v1'],
    ['has two names', [named(app, 'v1'), named(app, 'latest')], 'v1'],
    ['is listed without its name too', [entry(app), named(app, 'v1')], 'v1'],
    ['has referrers, as oras lists them', [named(app, 'v1'), entry(sbom), entry(signature)], 'v1'],
    ['has a fallback tag', [named(app, 'v1'), named(anIndex([sbom]), `sha256-${app.root.digest.slice(7)}`)], 'v1'],
    [
      'has cosign’s tags',
      [named(app, 'v1'), named(aCosignSignature(app), `sha256-${app.root.digest.slice(7)}.sig`)],
      'v1',
    ],
  ])('gives the only image where it %s', async (_what, entries, name) => {
    const layout = await aLayout(entries, app, sbom, signature)

    const root = await layout.resolveRoot(undefined, CALL)

    expect(root).toEqual({ descriptor: entry(app), ...(name === undefined ? {} : { name }) })
  })

  it('asks for a name where there are several images', async () => {
    const layout = await aLayout([named(app, 'v1'), named(base, 'v2')], app, base)

    const asking = layout.resolveRoot(undefined, CALL)

    await expect(asking).rejects.toMatchObject({
      code: 'ERR_REFERENCE_INVALID',
      message: expect.stringContaining('v1, v2'),
    })
  })

  it('says ERR_NOT_FOUND for an empty layout', async () => {
    const layout = await aLayout([], app)

    const asking = layout.resolveRoot(undefined, CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})

describe('resolve in a layout', () => {
  it.each([
    ['a full reference with the tag', 'registry.example:5000/app:v1'],
    ['the tag alone', 'v1'],
  ])('finds a tag under %s', async (_what, name) => {
    const layout = await aLayout([named(app, name), named(base, 'registry.example/base:v11')], app, base)

    const found = await layout.source.resolve({ kind: 'tag', tag: 'v1' }, CALL)

    expect(found.digest).toBe(app.root.digest)
  })

  it('prefers the tag alone to a full reference', async () => {
    const layout = await aLayout([named(base, 'registry.example/base:v1'), named(app, 'v1')], app, base)

    const found = await layout.source.resolve({ kind: 'tag', tag: 'v1' }, CALL)

    expect(found.digest).toBe(app.root.digest)
  })

  it('refuses a tag that several repositories have', async () => {
    const layout = await aLayout([named(app, 'a.example/app:v1'), named(base, 'a.example/base:v1')], app, base)

    const asking = layout.source.resolve({ kind: 'tag', tag: 'v1' }, CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })

  it('does not find what is listed and not there', async () => {
    const layout = await aLayout([named(base, 'v1')], app)

    const settled = await Promise.allSettled([
      layout.source.resolve({ kind: 'tag', tag: 'v1' }, CALL),
      layout.source.resolve({ kind: 'digest', digest: base.root.digest }, CALL),
    ])

    expect(settled.map((one) => (one.status === 'rejected' ? one.reason.code : one.status))).toEqual([
      'ERR_NOT_FOUND',
      'ERR_NOT_FOUND',
    ])
  })

  it.each([
    ['an image', { schemaVersion: 2, config: app.contents.at(-2)?.descriptor, layers: [] }, OCI_MANIFEST],
    ['an index', { schemaVersion: 2, manifests: [] }, OCI_INDEX],
  ])('gives %s that does not say what it is the type of its shape', async (_what, value, mediaType) => {
    const bytes = canonicalBytes(value)
    const layout = await opened([...layoutFiles(app), blobFile(bytes)])

    const found = await layout.source.resolve({ kind: 'digest', digest: digestOf(bytes) }, CALL)

    expect(found).toEqual({ mediaType, digest: digestOf(bytes), size: bytes.byteLength })
  })

  it.each([
    ['a config', app.contents.at(-2)?.bytes ?? new Uint8Array(0)],
    ['a manifest of schema 1', canonicalBytes({ schemaVersion: 1, fsLayers: [], history: [] })],
    ['an attestation', canonicalBytes({ _type: 'https://in-toto.io/Statement/v1', subject: [{ name: 'x' }] })],
    ['an empty blob', new Uint8Array(0)],
    ['JSON that is cut', Buffer.from('{"schemaVersion":2')],
  ])('does not take %s for a manifest', async (_what, bytes) => {
    const layout = await opened([...layoutFiles(app), blobFile(bytes)])

    const asking = layout.source.resolve({ kind: 'digest', digest: digestOf(bytes) }, CALL)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  it('reads content by its SHA-512 digest', async () => {
    const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}')
    const digest = digestOf(bytes, 'sha512')
    const layout = await opened([...layoutFiles(app), { name: blobPath(digest), bytes }])

    const found = await layout.source.resolve({ kind: 'digest', digest }, CALL)

    expect(found.digest).toBe(digest)
  })
})

describe('referrers in a layout', () => {
  it('finds those that index.json does not list', async () => {
    const layout = await aLayout([named(app, 'v1')], app, sbom, signature)

    const found = await referrersOf(layout, app.root)

    expect(found).toEqual([sbom.root.digest, signature.root.digest].sort())
  })

  it.each([
    ['a config with fractions and keys that differ in case', '{"created":1.5,"Os":"a","os":"b"}'],
    ['an attestation whose subject is a list', '{"_type":"x","subject":[{"digest":{"sha256":"0"}}]}'],
    ['a layer that begins like JSON', '{'.repeat(100_000)],
    ['a manifest without a subject that two readers read differently', '{"schemaVersion":2,"layers":[],"Layers":[]}'],
  ])('passes over %s', async (_what, text) => {
    const layout = await opened([...layoutFiles(together(app, sbom)), blobFile(Buffer.from(text))])

    const found = await referrersOf(layout, app.root)

    expect(found).toEqual([sbom.root.digest])
  })

  it('fails where a damaged blob could have been a signature', async () => {
    const files = layoutFiles(together(app, sbom)).map((one) =>
      one.name === blobPath(sbom.root.digest) ? { ...one, bytes: Buffer.from('garbage') } : one,
    )
    const layout = await opened(files)

    const asking = referrersOf(layout, app.root)

    await expect(asking).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })

  it.each([
    ['two subjects', (text: string) => text.replace('"subject"', '"subject":null,"subject"'), 'ERR_JSON_INVALID'],
    ['a subject in another case', (text: string) => text.replace('"subject"', '"Subject"'), 'ERR_CONTENT_AMBIGUOUS'],
    ['a byte order mark', (text: string) => `\ufeff${text}`, 'ERR_JSON_INVALID'],
  ])('fails where a manifest has %s', async (_what, alter, code) => {
    const manifest = sbom.contents.at(-1)?.bytes ?? new Uint8Array(0)
    const odd = Buffer.from(alter(new TextDecoder().decode(manifest)))
    const layout = await opened([...layoutFiles(app), blobFile(odd)])

    const asking = referrersOf(layout, app.root)

    await expect(asking).rejects.toMatchObject({ code })
  })

  it('answers the next call where the first one was cancelled', async () => {
    const layout = await aLayout([named(app, 'v1')], app, sbom)
    const stop = new AbortController()
    const cancelled = (async () => {
      for await (const _ of layout.source.referrers(app.root, { signal: stop.signal }));
    })()
    stop.abort(new Error('cancelled'))
    await expect(cancelled).rejects.toThrow('cancelled')

    const found = await referrersOf(layout, app.root)

    expect(found).toEqual([sbom.root.digest])
  })
})

const FIXTURES = process.env['WAYBILL_FIXTURES'] ?? '../shared/fixtures'
const NOTATION = join(FIXTURES, 'notaryproject-notation/test/e2e/testdata/registry/oci_layout')
const ORAS = join(FIXTURES, 'oras-project-oras-go/content/oci/testdata')

describe.skipIf(!existsSync(NOTATION))('layouts that others made', () => {
  it('finds the signature that notation’s fallback tag leaves out', async () => {
    const layout = await openLayoutFolder(join(NOTATION, 'e2e-valid-multiple-signatures'), CALL)
    const { descriptor } = await layout.resolveRoot(undefined, CALL)

    const found = await referrersOf(layout, descriptor)

    expect(found).toEqual([
      parseDigest('sha256:90ceaff260d657d797c408ac73564a9c7bb9d86055877c2a811f0e63b8c6524f'),
      parseDigest('sha256:c3ebe4a20b6832328fc5078a7795ddc1114b896e13fca2add38109c3866b5fbf'),
    ])
  })

  it.each(['hello-world.tar', 'hello-world-prefixed-path.tar'])('reads %s of oras', async (name) => {
    const layout = await openLayoutTar(join(ORAS, name), CALL)

    const root = await layout.resolveRoot(undefined, CALL)

    await layout.close()
    expect(root.name).toBe('latest')
  })
})

function file(name: string, text: string): LayoutFile {
  return { name, bytes: Buffer.from(text) }
}

describe('an image without a name', () => {
  const one = anImage({ seed: 'one' })
  const two = anImage({ seed: 'two' })

  it('is called by its digest, as the list of names offers it', async () => {
    const layout = await aLayout([entry(one), entry(two)], one, two)

    await expect(layout.resolveRoot(undefined, CALL)).rejects.toThrow(two.root.digest)
    expect((await layout.resolveRoot(two.root.digest, CALL)).descriptor.digest).toBe(two.root.digest)
  })

  it('is called by its digest below an index, too', async () => {
    const pair = anIndex([one, two])
    const layout = await aLayout([entry(pair)], pair)

    expect((await layout.resolveRoot(one.root.digest, CALL)).descriptor).toMatchObject({ digest: one.root.digest })
  })
})
