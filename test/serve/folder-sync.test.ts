import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/serve/disk.js'
import { FolderSync } from '../../src/serve/folder-sync.js'

function slowDisk() {
  const waiting: (() => void)[] = []
  const synced: string[] = []
  const syncFolder = async (path: string): Promise<void> => {
    synced.push(path)
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return { disk: { ...nodeDisk, syncFolder }, synced, goOn: () => waiting.shift()?.() }
}

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a folder without changes is not synced', async () => {
  const { disk, synced } = slowDisk()

  await new FolderSync(disk).sync(['/a', '/b'])

  expect(synced).toEqual([])
})

test('whoever changes the folder while it is being synced waits for another sync, and all of them share it', async () => {
  const { disk, synced, goOn } = slowDisk()
  const sync = new FolderSync(disk)
  const done: string[] = []
  sync.changed('/a')
  const first = sync.sync(['/a']).then(() => done.push('first'))
  sync.changed('/a')
  const second = sync.sync(['/a']).then(() => done.push('second'))
  const third = sync.sync(['/a']).then(() => done.push('third'))

  goOn()
  await soon()
  expect(done).toEqual(['first'])
  goOn()
  await Promise.all([first, second, third])

  expect(synced).toEqual(['/a', '/a'])
})

test('a failure reaches whoever waits, and the folder is synced the next time', async () => {
  let fails = true
  const syncFolder = async (): Promise<void> => {
    if (fails) throw new Error('the disk is broken')
  }
  const sync = new FolderSync({ ...nodeDisk, syncFolder })
  sync.changed('/a')

  await expect(sync.sync(['/a'])).rejects.toThrow('broken')
  fails = false

  await expect(sync.sync(['/a'])).resolves.toBeUndefined()
})
