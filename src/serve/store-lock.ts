import { randomBytes, randomInt } from 'node:crypto'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'

export interface StoreLock {
  release(): Promise<void>
}

const ATTEMPTS = 5

/**
 * Takes the store for this process: two servers on one folder would sweep away each other's uploads. The lock of a
 * process that is gone is no lock.
 *
 * Everybody makes a file of their own first and looks for others then, so that of two at least one sees the other and
 * gives way. To take over one file that all share would need a lock again: two could find it stale, and the second
 * would remove what the first has just made.
 * @throws ERR_STORE_BUSY
 */
export async function lockStore(folder: string): Promise<StoreLock> {
  const name = `lock.${process.pid}.${await startOf(process.pid)}.${randomBytes(8).toString('hex')}`
  const path = join(folder, name)
  let owner: number | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await (await open(path, 'wx')).close()
    owner = await otherOwner(folder, name)
    if (owner === undefined) return { release: () => rm(path, { force: true }) }
    await rm(path, { force: true })
    // Two that have just started both gave way: one of them comes first the next time.
    await sleep(randomInt(5, 50))
  }
  const message = `the store ${folder} is in use by another server (process ${owner})`
  throw new TransferError('ERR_STORE_BUSY', message, { side: 'operator', subject: folder })
}

const LOCK = /^lock\.([0-9]{1,10})\.([0-9a-f_-]{0,100})\.[0-9a-f]{16}$/

/** Another process that has the store; the locks of those that are gone are removed. */
async function otherOwner(folder: string, mine: string): Promise<number | undefined> {
  for (const name of await readdir(folder)) {
    const [, digits = '', started = ''] = LOCK.exec(name) ?? []
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
  // In a container every server is process 1: another start time tells a predecessor that was killed from ourselves.
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
