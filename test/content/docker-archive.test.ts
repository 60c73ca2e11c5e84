import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDockerArchive } from '../../src/content/docker-archive.js'
import type { ImageLayout } from '../../src/content/image-layout.js'
import { fetchAll, readAll } from '../../src/content/read-all.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { digestOf } from '../../src/oci/digest.js'
import { childrenOf, parseManifest } from '../../src/oci/manifest.js'
import { DOCKER_CONFIG, DOCKER_MANIFEST } from '../../src/oci/media-types.js'
import { noise } from '../support/build.js'
import { type ArchiveEntry, savedEntries, savedTar } from '../support/docker-archive.js'
import { tarOf } from '../support/layout-files.js'
import { rawEntry } from '../support/raw-tar.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const MiB = 1024 * 1024
const LAYERS = [noise(2000, 'base'), noise(3 * MiB, 'top')]
const NAME = 'registry.example/app:v1'
const IMAGE = { names: [NAME], layers: LAYERS }

async function opened(tar: Uint8Array): Promise<ImageLayout> {
  const path = join(await tmpFolder(), 'saved.tar')
  await writeFile(path, tar)
  const archive = await openDockerArchive(path, CALL)
  onTestFinished(() => archive.close())
  return archive
}

async function manifestOf(archive: ImageLayout, name?: string): Promise<Uint8Array> {
  const { descriptor } = await archive.resolveRoot(name, CALL)
  return await fetchAll(archive.source, descriptor, { ...CALL, maxBytes: MiB })
}

describe('an image in a Docker archive', () => {
  it('has one manifest, of its config and its layers as they lie there', async () => {
    const archive = await opened(await savedTar([IMAGE]))

    const { descriptor, name } = await archive.resolveRoot(undefined, CALL)
    const manifest = parseManifest(await manifestOf(archive), DOCKER_MANIFEST, 'it')

    expect(name).toBe(NAME)
    expect(descriptor.mediaType).toBe(DOCKER_MANIFEST)
    expect(childrenOf(manifest).map(({ mediaType }) => mediaType)).toEqual([
      DOCKER_CONFIG,
      'application/vnd.docker.image.rootfs.diff.tar',
      'application/vnd.docker.image.rootfs.diff.tar',
    ])
    expect(childrenOf(manifest).slice(1)).toMatchObject(
      LAYERS.map((bytes) => ({ digest: digestOf(bytes), size: bytes.byteLength })),
    )
  })

  it('has the same manifest whatever else the archive has, and in which order', async () => {
    const alone = savedEntries([IMAGE])
    const others = await opened(
      await tarOf([...alone.toReversed(), { name: 'repositories', bytes: Buffer.from('{}') }]),
    )

    const manifest = await manifestOf(others)

    expect(Buffer.from(manifest)).toEqual(Buffer.from(await manifestOf(await opened(await tarOf(alone)))))
    // The spelling is fixed: whoever signed it once must find it again.
    expect(digestOf(manifest)).toBe('sha256:2a0a780c9593d9f7064b293d89308dca631107c896b362a7527d81dfcdd19f09')
  })

  it('gives its config and its layers, whole and in parts', async () => {
    const archive = await opened(await savedTar([IMAGE]))
    const { source } = archive
    const [config, ...layers] = childrenOf(parseManifest(await manifestOf(archive), DOCKER_MANIFEST, 'it'))

    for (const [at, layer] of layers.entries()) {
      const read = await readAll(source.fetch(layer, CALL), 10 * MiB, 'a layer')
      const rest = await readAll(source.fetch(layer, { ...CALL, from: 1000 }), 10 * MiB, 'its rest')
      expect(digestOf(read)).toBe(layer.digest)
      expect(Buffer.compare(rest, LAYERS[at]?.subarray(1000) ?? new Uint8Array(0))).toBe(0)
    }
    expect(config && digestOf(await readAll(source.fetch(config, CALL), MiB, 'config'))).toBe(config?.digest)
  })

  it('has a layer once where the archive has a link to it', async () => {
    const [base = new Uint8Array(0)] = LAYERS
    const archive = await opened(await savedTar([{ layers: [base, base] }]))

    const { layers } = parseManifest(await manifestOf(archive), DOCKER_MANIFEST, 'it') as {
      readonly layers: readonly unknown[]
    }

    expect(layers).toEqual([layers[0], layers[0]])
  })

  it('may have no layers, and no name', async () => {
    const archive = await opened(await savedTar([{ layers: [] }]))

    const { name } = await archive.resolveRoot(undefined, CALL)

    expect(name).toBeUndefined()
  })

  it('is found by its tag and by its digest, as in a registry', async () => {
    const archive = await opened(await savedTar([IMAGE]))
    const { descriptor } = await archive.resolveRoot(undefined, CALL)

    expect(await archive.source.resolve({ kind: 'tag', tag: 'v1' }, CALL)).toEqual(descriptor)
    expect(await archive.source.resolve({ kind: 'digest', digest: descriptor.digest }, CALL)).toEqual(descriptor)
  })

  it('has nothing that refers to it', async () => {
    const archive = await opened(await savedTar([IMAGE]))
    const { descriptor } = await archive.resolveRoot(undefined, CALL)
    const found: unknown[] = []

    for await (const referrer of archive.source.referrers(descriptor, CALL)) found.push(referrer)

    expect(found).toEqual([])
  })

  it.each([
    ['another layer', [noise(2000, 'other'), noise(3 * MiB, 'top')]],
    ['one bit', LAYERS.map((bytes, at) => (at === 0 ? bytes.with(1500, (bytes[1500] ?? 0) ^ 1) : bytes))],
  ])('is not given where its config names other layers: %s', async (_what, layers) => {
    const diffIds = LAYERS.map((bytes) => digestOf(bytes))
    const archive = await opened(await savedTar([{ layers, diffIds }]))
    const [, layer] = childrenOf(parseManifest(await manifestOf(archive), DOCKER_MANIFEST, 'it'))
    if (layer === undefined) throw new Error('no layer')

    const reading = readAll(archive.source.fetch(layer, CALL), 10 * MiB, 'a layer')

    await expect(reading).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })
})

describe('several images in a Docker archive', () => {
  const other = { names: ['busybox:latest', 'docker.io/library/busybox:1.36'], layers: LAYERS.slice(0, 1) }

  it.each([
    NAME,
    'busybox:latest',
    'busybox',
    'library/busybox',
    'docker.io/library/busybox:latest',
    'busybox:1.36',
    'docker.io/library/busybox:1.36',
  ])('are chosen by name, as Docker means it: %s', async (name) => {
    const archive = await opened(await savedTar([IMAGE, other]))

    const manifest = await manifestOf(archive, name)

    expect(parseManifest(manifest, DOCKER_MANIFEST, 'it')).toMatchObject({
      layers: Array.from({ length: name === NAME ? 2 : 1 }, () => ({})),
    })
  })

  it.each([
    ['none', undefined, 'ERR_REFERENCE_INVALID'],
    ['a stranger', 'registry.example/app:v2', 'ERR_NOT_FOUND'],
    ['a name of another registry', 'registry.example/busybox:latest', 'ERR_NOT_FOUND'],
  ])('are not chosen by %s', async (_what, name, code) => {
    const archive = await opened(await savedTar([IMAGE, other]))

    await expect(archive.resolveRoot(name, CALL)).rejects.toMatchObject({ code })
  })

  it('may not have one name', async () => {
    const archive = await opened(await savedTar([IMAGE, { ...other, names: [NAME] }]))

    await expect(archive.resolveRoot(NAME, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_AMBIGUOUS' })
  })
})

describe('a Docker archive is refused', () => {
  const good = savedEntries([IMAGE])
  const NOTHING = new Uint8Array(0)
  const layer = good.find(({ name }) => name.endsWith('layer.tar'))?.name ?? ''
  const replaced = (name: string, by: Partial<ArchiveEntry>) =>
    good.map((entry) => (entry.name === name ? { ...entry, ...by } : entry))
  const without = (name: string) => good.filter((entry) => entry.name !== name)
  const listed = (list: unknown) => replaced('manifest.json', { bytes: canonicalBytes(list) })

  it.each<readonly [string, readonly ArchiveEntry[], string]>([
    ['without its list', without('manifest.json'), 'ERR_BUNDLE_FORMAT'],
    ['with a list that is no list', listed({}), 'ERR_BUNDLE_FORMAT'],
    ['with an empty list', listed([]), 'ERR_BUNDLE_FORMAT'],
    ['with an image that is none', listed([null]), 'ERR_BUNDLE_FORMAT'],
    ['with an image without a config', listed([{ Layers: [] }]), 'ERR_BUNDLE_FORMAT'],
    ['with layers that are no texts', listed([{ Config: 'a.json', Layers: [1] }]), 'ERR_BUNDLE_FORMAT'],
    ['with a config that is not there', listed([{ Config: 'a.json', Layers: [] }]), 'ERR_BUNDLE_FORMAT'],
    ['with too many images', listed(Array.from({ length: 1001 }, () => ({ Config: 'a.json' }))), 'ERR_LIMIT_EXCEEDED'],
    [
      'with a list that two readers see differently',
      replaced('manifest.json', { bytes: Buffer.from('[{"Config":"a","config":"b"}]') }),
      'ERR_JSON_INVALID',
    ],
    ['with a layer that is not there', without(layer), 'ERR_BUNDLE_FORMAT'],
    ['with a layer that is compressed', replaced(layer, { bytes: gzipSync(noise(9, 'x')) }), 'ERR_BUNDLE_FORMAT'],
    [
      'with a link to itself',
      replaced(layer, { type: 'symlink', linkname: 'layer.tar', bytes: NOTHING }),
      'ERR_BUNDLE_FORMAT',
    ],
    [
      'with a link out',
      replaced(layer, { type: 'symlink', linkname: '../../../etc/passwd', bytes: NOTHING }),
      'ERR_BUNDLE_FORMAT',
    ],
    [
      'with an absolute link',
      replaced(layer, { type: 'symlink', linkname: '/etc/passwd', bytes: NOTHING }),
      'ERR_BUNDLE_FORMAT',
    ],
    [
      'with a link to nothing',
      replaced(layer, { type: 'symlink', linkname: '../gone/layer.tar', bytes: NOTHING }),
      'ERR_BUNDLE_FORMAT',
    ],
    [
      'with a hard link',
      replaced(layer, { type: 'link', linkname: 'manifest.json', bytes: NOTHING }),
      'ERR_BUNDLE_FORMAT',
    ],
    ['with a name that climbs', [...good, { name: '../x', bytes: NOTHING }], 'ERR_BUNDLE_FORMAT'],
    ['with a name that climbs within', [...good, { name: 'a/../x', bytes: NOTHING }], 'ERR_BUNDLE_FORMAT'],
    ['with an absolute name', [...good, { name: '/x', bytes: NOTHING }], 'ERR_BUNDLE_FORMAT'],
    ['with a name of another system', [...good, { name: 'a\\x', bytes: NOTHING }], 'ERR_BUNDLE_FORMAT'],
    [
      'with a folder that climbs',
      [...good, { name: 'a/../b/', type: 'directory', bytes: NOTHING }],
      'ERR_BUNDLE_FORMAT',
    ],
    ['with a name twice', [...good, { name: layer, bytes: NOTHING }], 'ERR_CONTENT_AMBIGUOUS'],
    ['with a name in two spellings', [...good, { name: `./${layer}`, bytes: NOTHING }], 'ERR_CONTENT_AMBIGUOUS'],
  ])('%s', async (_what, entries, code) => {
    await expect(opened(await tarOf(entries))).rejects.toMatchObject({ code })
  })

  it('where a config is no JSON', async () => {
    const name = good.find((entry) => /^[0-9a-f]+\.json$/.test(entry.name))?.name ?? ''

    await expect(opened(await tarOf(replaced(name, { bytes: Buffer.from('{') })))).rejects.toMatchObject({
      code: 'ERR_JSON_INVALID',
    })
  })

  it.each<readonly [string, unknown, string]>([
    ['has no layers to name', {}, 'ERR_BUNDLE_FORMAT'],
    ['has a rootfs of another kind', { rootfs: { type: 'tree', diff_ids: [] } }, 'ERR_BUNDLE_FORMAT'],
    ['names fewer layers', { rootfs: { type: 'layers', diff_ids: [digestOf(NOTHING)] } }, 'ERR_BUNDLE_FORMAT'],
    ['names layers by no digest', { rootfs: { type: 'layers', diff_ids: ['../x', 'y'] } }, 'ERR_BUNDLE_FORMAT'],
  ])('where a config %s', async (_what, config, code) => {
    const name = good.find((entry) => /^[0-9a-f]+\.json$/.test(entry.name))?.name ?? ''

    await expect(opened(await tarOf(replaced(name, { bytes: canonicalBytes(config) })))).rejects.toMatchObject({ code })
  })

  it('where a link leads to a link', async () => {
    const tar = await tarOf([
      ...replaced(layer, { type: 'symlink', linkname: '../a', bytes: NOTHING }),
      { name: 'a', type: 'symlink', linkname: layer, bytes: NOTHING },
    ])

    await expect(opened(tar)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('where a link has content', async () => {
    const tar = Buffer.concat([rawEntry({ name: 'a', type: '2', body: 'hidden' }), await tarOf(good)])

    await expect(opened(tar)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('with an extended header that has no end', async () => {
    const tar = Buffer.concat([rawEntry({ name: 'x', type: 'x', body: noise(70_000, 'x') }), await tarOf(good)])

    await expect(opened(tar)).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('where it is cut off', async () => {
    const tar = await tarOf(good)

    await expect(opened(tar.subarray(0, tar.byteLength - 1024))).rejects.toMatchObject({ code: 'ERR_BUNDLE_TRUNCATED' })
  })

  it('where all of it is compressed', async () => {
    await expect(opened(gzipSync(await tarOf(good)))).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })
})
