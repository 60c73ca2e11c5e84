import { randomBytes, randomInt } from 'node:crypto'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf } from '../content/file-bytes.js'
import type { TransferError } from '../errors.js'

export interface FolderLock {
  release(): Promise<void>
}

export interface LockOptions {
  /** what the names of the lock files begin with: locks with other beginnings know nothing of each other */
  readonly prefix: string
  /** what to throw while another process has it */
  readonly busy: (pid: number) => TransferError
}

const ATTEMPTS = 5

/**
 * Takes something in a folder for this process. The lock of a process that is gone is no lock. Processes that cannot see
 * each other (on other machines, in containers of their own) are not kept apart.
 *
 * Everybody makes a file of their own first and looks for others then, so that of two at least one sees the other and
 * gives way. To take over one file that all share would need a lock again: two could find it stale, and the second
 * would remove what the first has just made.
 * @throws what `busy` makes
 */
export async function lockFolder(folder: string, { prefix, busy }: LockOptions): Promise<FolderLock> {
  const name = `${prefix}.${process.pid}.${await startOf(process.pid)}.${randomBytes(8).toString('hex')}`
  const path = join(folder, name)
  let owner: number | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await (await open(path, 'wx')).close()
    owner = await otherOwner(folder, { prefix, mine: name })
    if (owner === undefined) return { release: () => rm(path, { force: true }) }
    await rm(path, { force: true })
    // Two that have just started both gave way: one of them comes first the next time.
    await sleep(randomInt(5, 50))
  }
  throw busy(owner ?? 0)
}

const LOCK = /^\.([0-9]{1,10})\.([0-9a-f_-]{0,100})\.[0-9a-f]{16}$/

/** Another process that has it; the locks of those that are gone are removed. */
async function otherOwner(
  folder: string,
  { prefix, mine }: { readonly prefix: string; readonly mine: string },
): Promise<number | undefined> {
  for (const name of await readdir(folder)) {
    const [, digits = '', started = ''] = name.startsWith(prefix) ? (LOCK.exec(name.slice(prefix.length)) ?? []) : []
    if (digits === '' || name === mine) continue
    const pid = Number(digits)
    if (await isRunning(pid, started)) return pid
    await rm(join(folder, name), { force: true })
  }
  return undefined
}

async function isRunning(pid: number, started: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if (errnoOf(cause) !== 'EPERM') return false
  }
  if (await isZombie(pid)) return false
  // In a container every program is process 1: another start time tells a predecessor that was killed from ourselves.
  const now = await startOf(pid)
  return now === '' || started === '' || now === started
}

/** Whether a process has ended and only waits for its parent, which in a container may never ask: it holds nothing. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
}

/** When a process was started, as Linux tells it (boot and clock ticks since); empty elsewhere. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in parentheses, may hold spaces; the start time is the 20th field after it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return ticks === undefined ? '' : `${boot}_${ticks}`
  } catch {
    return ''
  }
}
