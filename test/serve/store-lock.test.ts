import { spawn, spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockStore } from '../../src/serve/store-lock.js'
import { tmpFolder } from '../support/tmp.js'

/** The number of a process that is gone. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

test('a second server on the same folder is refused, and the lock is free when the first is done', async () => {
  const folder = await tmpFolder()
  const lock = await lockStore(folder)

  await expect(lockStore(folder)).rejects.toMatchObject({ code: 'ERR_STORE_BUSY' })
  await lock.release()

  await (await lockStore(folder)).release()
  expect(await readdir(folder)).toEqual([])
})

test('of many servers that start at once no two are let in, also where a dead one left its lock', async () => {
  const folder = await tmpFolder()
  for (let round = 0; round < 3; round += 1) {
    await writeFile(join(folder, `lock.${deadPid()}..${'a'.repeat(16)}`), '')

    const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockStore(folder)))

    const letIn = results.filter((result) => result.status === 'fulfilled')
    expect(letIn.length).toBeLessThanOrEqual(1)
    await Promise.all(letIn.map(({ value }) => value.release()))
    expect(await readdir(folder)).toEqual([])
  }
})

test('the lock of a process that is gone is taken over and removed', async () => {
  const folder = await tmpFolder()
  await writeFile(join(folder, `lock.${deadPid()}..${'a'.repeat(16)}`), '')

  const lock = await lockStore(folder)

  expect(await readdir(folder)).toHaveLength(1)
  await lock.release()
})

test.runIf(process.platform === 'linux')(
  'the lock of an earlier process with our own number is taken over, as after a container was killed',
  async () => {
    const folder = await tmpFolder()
    await writeFile(join(folder, `lock.${process.pid}.0-0_1.${'a'.repeat(16)}`), '')

    const lock = await lockStore(folder)

    await lock.release()
    expect(await readdir(folder)).toEqual([])
  },
)

test('files that only look like a lock are left alone', async () => {
  const folder = await tmpFolder()
  await writeFile(join(folder, 'lock.me'), '')

  const lock = await lockStore(folder)
  await lock.release()

  expect(await readdir(folder)).toEqual(['lock.me'])
})

test.runIf(process.platform === 'linux')(
  'the lock of a killed process that its parent has not waited for is taken over, as in a container without init',
  async () => {
    const folder = await tmpFolder()
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))))
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ')
    await writeFile(join(folder, `lock.${pid}..${'a'.repeat(16)}`), '')

    const lock = await lockStore(folder).finally(() => parent.kill())

    await lock.release()
    expect(await readdir(folder)).toEqual([])
  },
)
