// Where the demo happens: a temporary folder and child processes, none of which outlive it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const PATIENCE_MS = 5000

/** Why the demo ended before its end, and the status to end with. */
export class Interrupted extends Error {
  /** @param {string} reason @param {number} status */
  constructor(reason, status) {
    super(reason)
    this.status = status
  }
}

/** @typedef {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} Child */
/** @typedef {{ readonly url: string, readonly host: string, end(): Promise<void> }} RunningRegistry */
/**
 * @typedef {object} Stage
 * @property {string} folder
 * @property {AbortSignal} signal
 * @property {(args: readonly string[]) => Promise<{ readonly status: number | null, readonly stdout: string, readonly stderr: string }>} waybill
 *   runs the real command in the stage's folder
 * @property {(store: string) => Promise<RunningRegistry>} serve starts `waybill serve`, and comes back when it listens
 */

/**
 * Runs the act. Whatever happens in it, even Ctrl+C, the children are ended and the folder is removed before this is over.
 * @param {(stage: Stage) => Promise<void>} act
 */
export async function onStage(act) {
  const stop = new AbortController()
  const listeners = stopOnSignals(stop)
  const folder = await mkdtemp(join(tmpdir(), 'waybill-demo-'))
  /** @type {Set<Child>} */
  const children = new Set()
  const lastResort = () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', lastResort)
  try {
    const env = await quietEnvironment(folder)
    /** @param {readonly string[]} args */
    const start = (args) => {
      stop.signal.throwIfAborted()
      const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      children.add(child)
      child.once('close', () => children.delete(child))
      return child
    }
    stop.signal.addEventListener('abort', () => {
      for (const child of children) child.kill()
    })
    await act({
      folder,
      signal: stop.signal,
      waybill: (args) => finished(start(args), stop.signal),
      serve: (store) => listening(start(['serve', '--store', store, '--listen', '127.0.0.1:0']), stop.signal),
    })
    stop.signal.throwIfAborted()
  } catch (cause) {
    // What broke after an interruption broke because of it.
    throw stop.signal.aborted ? stop.signal.reason : cause
  } finally {
    await Promise.all([...children].map(end))
    await rm(folder, { recursive: true, force: true })
    process.off('exit', lastResort)
    for (const remove of listeners) remove()
  }
}

/** @param {AbortController} stop @returns {readonly (() => void)[]} */
function stopOnSignals(stop) {
  const removers = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']).map((signal) => {
    const listener = () => stop.abort(new Interrupted(signal, 128 + constants.signals[signal]))
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  // A reader that has seen enough (`| head`) must not leave the registries running.
  process.stdout.on('error', () => stop.abort(new Interrupted('nobody reads any more', 0)))
  return removers
}

/**
 * Nothing of the person who watches is read or used: no credentials, no trust store, no fixed clock.
 * @param {string} folder
 */
async function quietEnvironment(folder) {
  const home = join(folder, 'home')
  await mkdir(home)
  const { PATH, SystemRoot, TMPDIR, TEMP, TMP } = process.env
  const kept = Object.entries({ PATH, SystemRoot, TMPDIR, TEMP, TMP }).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home }
}

/** @param {Child} child @param {AbortSignal} signal */
async function finished(child, signal) {
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  signal.throwIfAborted()
  return { status: /** @type {number | null} */ (status), stdout, stderr }
}

/** @param {import('node:stream').Readable} stream */
async function text(stream) {
  let all = ''
  for await (const piece of stream.setEncoding('utf8')) all += piece
  return all
}

/**
 * @param {Child} child
 * @param {AbortSignal} signal
 * @returns {Promise<RunningRegistry>}
 */
async function listening(child, signal) {
  const stderr = text(child.stderr)
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'close').then(() => [''])
  const [line] = /** @type {[string]} */ (await Promise.race([once(lines, 'line'), ended]))
  signal.throwIfAborted()
  const url = /^listening on (http:\S+)$/.exec(line)?.[1]
  if (url === undefined) throw new Error(`the registry did not start: ${await stderr}`)
  return { url, host: new URL(url).host, end: () => end(child) }
}

/** Asks a child to end, insists after a while, and waits until it has. @param {Child} child */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  const insist = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  child.kill()
  await closed
  clearTimeout(insist)
}
