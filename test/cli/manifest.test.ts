import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ManifestCommandOptions, printManifest } from '../../src/cli/commands/manifest.js'
import type { CommandContext } from '../../src/cli/context.js'
import type { Output } from '../../src/cli/output.js'
import { openDockerArchive } from '../../src/content/docker-archive.js'
import { fetchAll } from '../../src/content/read-all.js'
import { digestOf } from '../../src/oci/digest.js'
import { anImage, anIndex, noise } from '../support/build.js'
import { savedTar } from '../support/docker-archive.js'
import { layoutFiles, tarOf, writeFolder } from '../support/layout-files.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const LAYERS = [noise(2000, 'base')]
const NAME = 'registry.example/app:v1'

interface Printed {
  readonly output: Output
  readonly shown: readonly string[] | Uint8Array
}

async function printed(archive: string, options: ManifestCommandOptions = {}): Promise<Printed> {
  const all: Printed[] = []
  const context = {
    signal: CALL.signal,
    print: (output: Output, shown: Printed['shown']) => all.push({ output, shown }),
  }
  await printManifest(archive, options, context as unknown as CommandContext)
  const [only] = all
  if (only === undefined || all.length > 1) throw new Error(`printed ${all.length} times`)
  return only
}

async function saved(bytes: Uint8Array): Promise<string> {
  const path = join(await tmpFolder(), 'saved.tar')
  await writeFile(path, bytes)
  return path
}

async function carriedManifest(path: string): Promise<Uint8Array> {
  const archive = await openDockerArchive(path, CALL)
  const { descriptor } = await archive.resolveRoot(undefined, CALL)
  const bytes = await fetchAll(archive.source, descriptor, { ...CALL, maxBytes: 100_000 })
  await archive.close()
  return bytes
}

describe('waybill manifest', () => {
  it('prints byte for byte what is carried', async () => {
    const path = await saved(await savedTar([{ names: [NAME], layers: LAYERS }]))

    const { shown, output } = await printed(path)

    expect(Buffer.from(shown as Uint8Array)).toEqual(Buffer.from(await carriedManifest(path)))
    expect(output).toMatchObject({ name: NAME, digest: digestOf(shown as Uint8Array) })
  })

  it('prints the descriptor as sign and verify take it', async () => {
    const path = await saved(await savedTar([{ layers: LAYERS }]))
    const manifest = await carriedManifest(path)

    const { shown } = await printed(path, { descriptor: true })

    expect(JSON.parse(Buffer.from(shown as Uint8Array).toString())).toEqual({
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      digest: digestOf(manifest),
      size: manifest.byteLength,
    })
  })

  it('writes a file, and no other in its place', async () => {
    const path = await saved(await savedTar([{ layers: LAYERS }]))
    const output = join(await tmpFolder(), 'manifest.json')

    await printed(path, { output })

    expect(await readFile(output)).toEqual(Buffer.from(await carriedManifest(path)))
    await expect(printed(path, { output })).rejects.toMatchObject({ code: 'ERR_FILE_EXISTS' })
  })

  it('prints nothing of an image whose layers are not those of its config', async () => {
    const path = await saved(await savedTar([{ layers: LAYERS, diffIds: [digestOf(new Uint8Array([1]))] }]))

    await expect(printed(path)).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })

  const image = anImage().tagged('v1')
  it.each<readonly [string, (paths: { readonly folder: string; readonly tar: string }) => string, string | undefined]>([
    ['a folder', ({ folder }) => folder, 'v1'],
    ['a folder that is called one', ({ folder }) => `oci:${folder}:v1`, undefined],
    ['a tar', ({ tar }) => tar, 'v1'],
    ['a tar that is called one', ({ tar }) => `oci-archive:${tar}:v1`, undefined],
  ])('takes a layout in %s', async (_what, archiveIn, name) => {
    const folder = await tmpFolder()
    await writeFolder(folder, layoutFiles(image))
    const archive = archiveIn({ folder, tar: await saved(await tarOf(layoutFiles(image))) })

    const { output } = await printed(archive, name === undefined ? {} : { name })

    expect(output).toMatchObject({ digest: image.root.digest, size: image.root.size })
  })

  it('takes an index some of whose platforms are not there', async () => {
    const index = anIndex([anImage(), anImage({ seed: 'absent', platform: 'linux/arm64' })]).tagged('v1')
    const folder = await tmpFolder()
    await writeFolder(folder, layoutFiles({ ...index, contents: index.contents.slice(-1) }))

    const { output } = await printed(folder)

    expect(output).toMatchObject({ digest: index.root.digest })
  })

  it.each([
    ['a registry', 'registry.example/app:v1', {}, 'ERR_MEDIUM'],
    ['an image that is named twice', 'oci:folder:v1', { name: 'v1' }, 'ERR_USAGE'],
    ['a file that is named by nothing', 'saved.tar', { output: '' }, 'ERR_USAGE'],
  ])('does not take %s', async (_what, archive, options, code) => {
    await expect(printed(archive, options)).rejects.toMatchObject({ code })
  })
})
