import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLayoutFolder } from '../../src/content/layout-folder.js'
import { layoutFolderSink } from '../../src/content/layout-sink.js'
import { anArtifact, anImage } from '../support/build.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const REF_NAME = 'org.opencontainers.image.ref.name'
const image = anImage()

async function indexOf(folder: string): Promise<{ manifests: { digest: string; [key: string]: unknown }[] }> {
  return JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))
}

describe('layoutFolderSink', () => {
  it('makes an empty layout where there was nothing', async () => {
    const folder = join(await tmpFolder(), 'new', 'layout')

    await layoutFolderSink(folder)

    const layout = await openLayoutFolder(folder, CALL)
    expect(layout.entries).toEqual([])
  })

  it('goes on with a layout that is there, and keeps every field of what others listed', async () => {
    const folder = await tmpFolder()
    await image.tagged('v1').into(await layoutFolderSink(folder))
    const index = await indexOf(folder)
    const theirs = { ...index.manifests[0], 'vendor.field': { a: [1, true] }, urls: ['https://example.com'] }
    await writeFile(join(folder, 'index.json'), JSON.stringify({ ...index, manifests: [theirs], 'vendor.top': 'x' }))

    await anImage({ seed: 'two' })
      .tagged('v2')
      .into(await layoutFolderSink(folder))

    const after = await indexOf(folder)
    expect(after).toMatchObject({ 'vendor.top': 'x' })
    expect(after.manifests[0]).toEqual(theirs)
    expect(after.manifests.length).toBe(2)
  })

  it('lists referrers, which other tools find in no other way', async () => {
    const folder = await tmpFolder()
    const sink = await layoutFolderSink(folder)
    const sbom = anArtifact({ subject: image })
    await image.tagged('v1').into(sink)

    await sbom.into(sink)
    await sbom.into(sink)

    const { manifests } = await indexOf(folder)
    expect(manifests.map(({ digest }) => digest).sort()).toEqual([image.root.digest, sbom.root.digest].sort())
  })

  it('does not let a referrer name itself like a tag', async () => {
    const folder = await tmpFolder()
    const sink = await layoutFolderSink(folder)
    await image.tagged('v1').into(sink)

    await anArtifact({ subject: image, annotations: { [REF_NAME]: 'v1', 'io.containerd.image.name': 'v1' } }).into(sink)

    const layout = await openLayoutFolder(folder, CALL)
    const found = await layout.source.resolve({ kind: 'tag', tag: 'v1' }, CALL)
    expect(found.digest).toBe(image.root.digest)
  })

  it('writes the same bytes for the same content', async () => {
    const folders = [await tmpFolder(), await tmpFolder()]

    for (const folder of folders) await image.tagged('v1').into(await layoutFolderSink(folder))

    const [one, two] = await Promise.all(folders.map((folder) => readFile(join(folder, 'index.json'))))
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true)
  })

  it.each([
    ['oci-layout', '{"imageLayoutVersion":"2.0.0"}', 'ERR_BUNDLE_VERSION'],
    ['index.json', '{"manifests":[],"Manifests":[]}', 'ERR_JSON_INVALID'],
  ])('does not touch a layout whose %s is %s', async (name, text, code) => {
    const folder = await tmpFolder()
    await layoutFolderSink(folder)
    await writeFile(join(folder, name), text)

    const opening = layoutFolderSink(folder)

    await expect(opening).rejects.toMatchObject({ code })
    expect(await readFile(join(folder, name), 'utf8')).toBe(text)
  })

  it('says ERR_MEDIUM where the folder cannot be made', async () => {
    const file = join(await tmpFolder(), 'file')
    await writeFile(file, '')

    const opening = layoutFolderSink(join(file, 'layout'))

    await expect(opening).rejects.toMatchObject({ code: 'ERR_MEDIUM' })
  })
})
