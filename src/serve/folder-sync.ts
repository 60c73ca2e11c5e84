import type { Disk } from './disk.js'

interface FolderState {
  changes: number
  synced: number
  running: Promise<void> | undefined
}

/**
 * Knows which folders have names in them that a power failure could still take away. Many pushes that wait for the same
 * folder share one sync; a folder without changes costs nothing.
 */
export class FolderSync {
  readonly #disk: Disk
  readonly #folders = new Map<string, FolderState>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** A name in the folder was made, replaced or removed. */
  changed(path: string): void {
    const folder = this.#folders.get(path)
    if (folder === undefined) this.#folders.set(path, { changes: 1, synced: 0, running: undefined })
    else folder.changes += 1
  }

  /** Returns when every change of which `changed` was told before this call is safe. */
  async sync(paths: Iterable<string>): Promise<void> {
    await Promise.all([...new Set(paths)].map((path) => this.#sync(path)))
  }

  async #sync(path: string): Promise<void> {
    const folder = this.#folders.get(path)
    if (folder === undefined) return
    const wanted = folder.changes
    while (folder.synced < wanted) {
      folder.running ??= this.#run(path, folder)
      await folder.running
    }
    if (folder.synced === folder.changes && folder.running === undefined) this.#folders.delete(path)
  }

  async #run(path: string, folder: FolderState): Promise<void> {
    const upTo = folder.changes
    try {
      await this.#disk.syncFolder(path)
      folder.synced = upTo
    } finally {
      folder.running = undefined
    }
  }
}
