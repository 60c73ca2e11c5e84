import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SURROUNDINGS, toolPath } from './tool.js'

/** A server that a test started; it is stopped by the process that was spawned, never by name. */
export interface Daemon {
  /** What it printed, on both streams. */
  readonly output: () => string
  readonly stop: () => Promise<void>
}

export interface DaemonOptions {
  readonly env: Readonly<Record<string, string>>
  /** Where its output goes. Not a pipe: nobody reads that while a test waits for another tool, and a full pipe blocks. */
  readonly log: string
  /** Asked again and again until it says yes. */
  readonly ready: (output: string) => Promise<boolean>
}

const PATIENCE_MS = 30_000

/** Starts a server and waits until it is ready. @throws with its output, where it ends or is not ready in time */
export async function startDaemon(name: string, args: readonly string[], options: DaemonOptions): Promise<Daemon> {
  const log = openSync(options.log, 'w')
  const child = spawn(name.includes('/') ? name : toolPath(name), args, {
    env: { ...SURROUNDINGS, ...options.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const output = () => readFileSync(options.log, 'utf8')
  const failed = new Promise<Error>((resolve) => child.once('error', resolve))
  const deadline = Date.now() + PATIENCE_MS
  while (!(await options.ready(output()))) {
    const error = await Promise.race([failed, sleep(50)])
    if (error !== undefined || hasEnded(child) || Date.now() > deadline) {
      await stop(child)
      throw new Error(`${name} did not become ready: ${output().slice(-4000)}`, { cause: error })
    }
  }
  return { output, stop: () => stop(child) }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const inTime = await Promise.race([ended.then(() => true), sleep(5000, false)])
  if (!inTime) child.kill('SIGKILL')
  await ended
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
