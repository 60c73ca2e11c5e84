import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLayoutFolder } from '../../src/content/layout-folder.js'
import { readAll } from '../../src/content/read-all.js'
import { blobPath } from '../../src/oci/image-layout.js'
import { anImage } from '../support/build.js'
import { layoutFiles, writeFolder } from '../support/layout-files.js'
import { CALL, tmpFolder } from '../support/tmp.js'

const image = anImage({ layers: 1 }).tagged('v1')
const [layer] = image.contents.map(({ descriptor }) => descriptor)

async function aFolder(): Promise<string> {
  const folder = await tmpFolder()
  await writeFolder(folder, layoutFiles(image))
  return folder
}

/** Moves a file of the layout away and puts a link to it in its place: the content is right, the place is not. */
async function linked(folder: string, name: string): Promise<void> {
  const elsewhere = join(await tmpFolder(), 'elsewhere')
  await rename(join(folder, name), elsewhere)
  await symlink(elsewhere, join(folder, name))
}

describe('openLayoutFolder', () => {
  it.each(['oci-layout', 'index.json', 'blobs', 'blobs/sha256'])('refuses a link in place of %s', async (name) => {
    const folder = await aFolder()
    await linked(folder, name)

    const opening = openLayoutFolder(folder, CALL)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT', subject: join(folder, name) })
  })

  it('refuses a link in place of a blob, when it is read and when it is asked for referrers', async () => {
    const folder = await aFolder()
    if (layer === undefined) throw new Error('no layer')
    await linked(folder, blobPath(layer.digest))
    const layout = await openLayoutFolder(folder, CALL)

    const settled = await Promise.allSettled([
      readAll(layout.source.fetch(layer, CALL), layer.size, 'layer'),
      (async () => {
        for await (const _ of layout.source.referrers(image.root, CALL));
      })(),
    ])

    expect(settled.map((one) => (one.status === 'rejected' ? one.reason.code : one.status))).toEqual([
      'ERR_BUNDLE_FORMAT',
      'ERR_BUNDLE_FORMAT',
    ])
  })

  it('refuses a folder in place of a blob', async () => {
    const folder = await aFolder()
    await rm(join(folder, blobPath(image.root.digest)))
    await mkdir(join(folder, blobPath(image.root.digest)))
    const layout = await openLayoutFolder(folder, CALL)

    const reading = readAll(layout.source.fetch(image.root, CALL), image.root.size, 'root')

    await expect(reading).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })

  it('passes over files among the blobs that are not named like one', async () => {
    const folder = await aFolder()
    await writeFile(join(folder, 'blobs/sha256/.partial-1'), 'half')
    const layout = await openLayoutFolder(folder, CALL)
    const found: unknown[] = []

    for await (const referrer of layout.source.referrers(image.root, CALL)) found.push(referrer)

    expect(found).toEqual([])
  })

  it('says ERR_MEDIUM for a folder that is not there', async () => {
    const folder = join(await tmpFolder(), 'absent')

    const opening = openLayoutFolder(folder, CALL)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_MEDIUM', subject: folder })
  })

  it('says ERR_BUNDLE_FORMAT for an empty folder', async () => {
    const opening = openLayoutFolder(await tmpFolder(), CALL)

    await expect(opening).rejects.toMatchObject({ code: 'ERR_BUNDLE_FORMAT' })
  })
})
