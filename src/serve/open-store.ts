import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { type Disk, ifThere, nodeDisk } from './disk.js'
import { type Places, Store } from './store.js'
import { lockStore } from './store-lock.js'

const FORMAT = '{"waybillRegistry":1}\n'

/**
 * Opens the folder of a registry, makes it where there is none, and sweeps away what a crash left unfinished.
 * @throws ERR_STORE_BUSY, ERR_FILE_EXISTS where the folder holds other things, ERR_MEDIUM
 */
export async function openStore(folder: string, disk: Disk = nodeDisk): Promise<Store> {
  const root = resolve(folder)
  try {
    await disk.makeFolder(root)
    await refuseForeign(root)
    const lock = await lockStore(root)
    try {
      const places = placesIn(root)
      await prepare(root, places, disk)
      return new Store(places, disk, lock)
    } catch (cause) {
      await lock.release()
      throw cause
    }
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    const why = printable(cause instanceof Error ? cause.message : String(cause))
    const message = `cannot open the store ${root}: ${why}`
    throw new TransferError('ERR_MEDIUM', message, { cause, side: 'medium', subject: root })
  }
}

async function prepare(root: string, places: Places, disk: Disk): Promise<void> {
  await rm(places.work, { recursive: true, force: true })
  for (const path of [places.work, places.repositories, join(places.blobs, 'sha256'), join(places.blobs, 'sha512')]) {
    await disk.makeFolder(path)
  }
  await disk.syncFolder(places.blobs)
  await disk.syncFolder(root)
}

function placesIn(root: string): Places {
  return { blobs: join(root, 'blobs'), work: join(root, 'work'), repositories: join(root, 'repositories') }
}

/** A folder that somebody named by mistake must not have its `work` folder swept away. */
async function refuseForeign(root: string): Promise<void> {
  const path = join(root, 'format')
  const format = await ifThere(readFile(path, 'utf8'))
  if (format === FORMAT) return
  const others = (await readdir(root)).filter((name) => name !== 'lost+found' && name !== 'format')
  if (others.length > 0 || (format ?? '') !== '') {
    throw new TransferError('ERR_FILE_EXISTS', `the folder ${root} holds other things than a store of this program`, {
      side: 'operator',
      subject: root,
    })
  }
  await writeFile(path, FORMAT, { flush: true })
}
