import { copyFile, type FileHandle, rm, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Disk, nodeDisk } from '../../src/serve/disk.js'

class Crash extends Error {}

/**
 * A disk that stops the program before one of its steps, and knows what a power failure could take: the bytes of files
 * and the names in folders that were not synced. (It syncs nothing in fact: that is what makes the tests fast.)
 */
export class FaultyDisk implements Disk {
  steps = 0
  readonly #crashAt: number
  readonly #pathOf = new Map<FileHandle, string>()
  readonly #unsyncedBytes = new Set<string>()
  #unsyncedNames: { readonly folder: string; readonly undo: () => Promise<void> }[] = []
  #spare = 0

  constructor(crashAt = Number.POSITIVE_INFINITY) {
    this.#crashAt = crashAt
  }

  get crashed(): boolean {
    return this.steps >= this.#crashAt
  }

  async makeFolder(path: string): Promise<boolean> {
    this.#step()
    return await nodeDisk.makeFolder(path)
  }

  async create(path: string): Promise<FileHandle> {
    this.#step()
    const file = await nodeDisk.create(path)
    this.#pathOf.set(file, path)
    this.#unsyncedBytes.add(path)
    this.#unsyncedNames.push({ folder: dirname(path), undo: () => rm(path, { force: true }) })
    return file
  }

  async write(file: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
    this.#step()
    await nodeDisk.write(file, chunks, position)
  }

  async syncFile(file: FileHandle): Promise<void> {
    this.#step()
    const path = this.#pathOf.get(file)
    if (path !== undefined) this.#unsyncedBytes.delete(path)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    const undo = await this.#keep(to)
    await nodeDisk.rename(from, to)
    this.#unsyncedNames.push({ folder: dirname(to), undo })
    if (this.#unsyncedBytes.delete(from)) this.#unsyncedBytes.add(to)
    else this.#unsyncedBytes.delete(to)
    for (const [file, path] of this.#pathOf) if (path === from) this.#pathOf.set(file, to)
  }

  async remove(path: string): Promise<void> {
    this.#step()
    const undo = await this.#keep(path)
    await nodeDisk.remove(path)
    this.#unsyncedNames.push({ folder: dirname(path), undo })
    this.#unsyncedBytes.delete(path)
  }

  async syncFolder(path: string): Promise<void> {
    this.#step()
    this.#unsyncedNames = this.#unsyncedNames.filter((one) => one.folder !== path)
  }

  /** What the system does when a program is gone; what was under way has failed by then. */
  async closeAll(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (const file of this.#pathOf.keys()) await file.close().catch(() => {})
  }

  /** The files keep their names and lose the bytes that were not synced. */
  async loseBytes(): Promise<void> {
    for (const path of this.#unsyncedBytes) await truncate(path, 0).catch(() => {})
  }

  /** The folders go back to the names that were synced, where `loses` says so: each folder on its own. */
  async loseNames(loses: (folder: string) => boolean): Promise<void> {
    for (const { folder, undo } of this.#unsyncedNames.toReversed()) if (loses(folder)) await undo()
  }

  #step(): void {
    if (this.crashed) throw new Crash('the program is gone')
    this.steps += 1
    if (this.crashed) throw new Crash('the program is gone')
  }

  /** Keeps what is there now, and gives what puts it back. */
  async #keep(path: string): Promise<() => Promise<void>> {
    this.#spare += 1
    const spare = `${path}.before-${this.#spare}`
    const there = await copyFile(path, spare).then(
      () => true,
      () => false,
    )
    return async () => {
      await rm(path, { force: true })
      if (there) await nodeDisk.rename(spare, path)
    }
  }
}
