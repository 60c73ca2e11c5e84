import { execFile } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished, type TestContext } from 'vitest'
import { createPartial } from '../../src/bundle/partial-file.js'
import type { Bytes } from '../../src/content/store.js'
import { noise } from '../support/build.js'
import { APP, aRelease, aRepository, exportTo } from '../support/bundles.js'
import { tmpFolder } from '../support/tmp.js'

const run = promisify(execFile)

/** A disk of its own with little room. Only root may mount one: elsewhere the test is skipped, and says so. */
async function aSmallDisk(test: TestContext, kilobytes: number): Promise<string> {
  const folder = await tmpFolder()
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder])
  } catch (cause) {
    test.skip(`no small disk can be mounted here: ${cause instanceof Error ? cause.message.split('\n')[0] : ''}`)
  }
  onTestFinished(async () => {
    await run('umount', ['-l', folder])
  })
  return folder
}

it('refuses a bundle for which there is no room, and writes nothing', async (test) => {
  const folder = await aSmallDisk(test, 64)
  const from = { [APP]: await aRepository(aRelease(60_000).all) }

  const work = exportTo(join(folder, 'bundle.tar'), { from, sources: [`${APP}:1.0`] })

  await expect(work).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(await readdir(folder)).toEqual([])
})

it('says that the disk is full where it fills up while it writes, and leaves nothing', async (test) => {
  const folder = await aSmallDisk(test, 128)
  const file = await createPartial(join(folder, 'bundle.tar'), 100_000)
  await writeFile(join(folder, 'other'), noise(60_000, 'other'))

  const work = file.writeStream(pieces(), 0)

  await expect(work).rejects.toMatchObject({ code: 'ERR_DISK_FULL', side: 'medium' })
  await file.discard()
  expect(await readdir(folder)).toEqual(['other'])
})

it('leaves nothing where the disk fills up in the middle of an export', async (test) => {
  const folder = await aSmallDisk(test, 512)
  const store = await aRepository(aRelease(60_000).all)
  const source = {
    resolve: store.resolve.bind(store),
    referrers: store.referrers.bind(store),
    fetch: async function* (...given: Parameters<typeof store.fetch>) {
      if (given[0].mediaType.includes('layer')) await fill(folder)
      yield* store.fetch(...given)
    },
  }

  const work = exportTo(join(folder, 'bundle.tar'), { from: { [APP]: source }, sources: [`${APP}:1.0`] })

  await expect(work).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(await readdir(folder)).toEqual(['other'])
})

async function* pieces(): Bytes {
  for (let at = 0; at < 10; at += 1) yield noise(10_000, String(at))
}

/** Takes what room there is. */
async function fill(folder: string): Promise<void> {
  await writeFile(join(folder, 'other'), noise(500_000, 'other')).catch(() => undefined)
}
