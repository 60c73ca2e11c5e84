import { type ChildProcess, spawn } from 'node:child_process'
import { isJsonObject, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { hasCode, type TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { InstalledPlugin } from './installed-plugin.js'
import { describeError } from './plugin-error.js'
import { pluginFailed } from './plugin-failure.js'
import type { PluginCommand } from './protocol.js'

export interface RunOptions {
  /** all that the plugin gets of the environment, see `pluginEnvironment` */
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** how long it may take; services that ask a person for consent take long */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 120_000
/** how long the pipes may stay open after the plugin has ended */
const GRACE_MS = 2_000

/**
 * Asks a plugin: one process for one command, the request on its standard input, the answer on its standard output
 * (plugin-extensibility, "Plugin contract"). It has a process group of its own, which is killed as a whole when the plugin
 * takes too long, says too much or leaves somebody behind.
 * @throws ERR_PLUGIN_FAILED, whatever the signal gives
 */
export async function runPlugin(
  plugin: InstalledPlugin,
  question: { readonly command: PluginCommand; readonly request: JsonObject },
  options: RunOptions,
): Promise<JsonObject> {
  const { command } = question
  options.signal.throwIfAborted()
  const { status, stdout, stderr } = await new PluginRun(plugin, question, options).ended
  if (status !== 0) throw pluginFailed(plugin.name, `refuses ${command}: ${describeError(status, stderr)}`)
  try {
    const answer = parseStrictJson(stdout, 'its answer')
    if (isJsonObject(answer)) return answer
  } catch (cause) {
    if (!hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    throw pluginFailed(plugin.name, `does not answer ${command} with strict JSON: ${cause.message}`)
  }
  throw pluginFailed(plugin.name, `does not answer ${command} with a JSON object`)
}

interface Ended {
  /** a signal counts as -1 */
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

class PluginRun {
  readonly ended: Promise<Ended>
  readonly #name: string
  readonly #child: ChildProcess
  readonly #timers: NodeJS.Timeout[] = []
  #over = false
  #reject: (error: unknown) => void = () => {}

  constructor(
    { name, path }: InstalledPlugin,
    { command, request }: { readonly command: PluginCommand; readonly request: JsonObject },
    { environment, signal, timeoutMs = TIMEOUT_MS }: RunOptions,
  ) {
    this.#name = name
    this.#child = spawn(path, [command], {
      env: { ...environment },
      shell: false,
      // A group of its own: what the plugin starts can be ended with it.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    const stdout = this.#gather(this.#child.stdout, LIMITS.pluginAnswerBytes, 'answers')
    const stderr = this.#gather(this.#child.stderr, LIMITS.pluginErrorBytes, 'writes to its standard error')
    const cancel = (): void => this.#stop(signal.reason)
    this.ended = new Promise<Ended>((resolve, reject) => {
      this.#reject = reject
      this.#child.on('error', (error) => {
        this.#stop(this.#failed(`cannot be run (${'code' in error ? String(error.code) : error.name})`))
      })
      this.#child.on('exit', () => {
        if (this.#over) return
        const late = () => this.#stop(this.#failed('ends, but leaves a process behind that keeps its output open'))
        // Twice, so that a program that was busy meanwhile reads what is there before it judges.
        const again = () => this.#timers.push(setTimeout(late, GRACE_MS / 2))
        this.#timers.push(setTimeout(again, GRACE_MS / 2))
      })
      this.#child.on('close', (code) => {
        resolve({ status: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
      })
    }).finally(() => {
      this.#over = true
      for (const timer of this.#timers) clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      // Also where all went well: nothing that the plugin started outlives its answer.
      this.#killGroup()
    })
    const late = () => this.#stop(this.#failed(`does not answer ${command} within ${timeoutMs / 1000} seconds`))
    this.#timers.push(setTimeout(late, timeoutMs))
    signal.addEventListener('abort', cancel, { once: true })
    this.#child.stdin?.on('error', () => undefined) // it may end without reading
    this.#child.stdin?.end(JSON.stringify(request))
  }

  #gather(stream: NodeJS.ReadableStream | null, most: number, does: string): Buffer[] {
    const pieces: Buffer[] = []
    let size = 0
    stream?.on('data', (piece: Buffer) => {
      size += piece.byteLength
      if (size <= most) pieces.push(piece)
      else this.#stop(this.#failed(`${does} with more than ${most} bytes`))
    })
    return pieces
  }

  #failed(why: string): TransferError {
    return pluginFailed(this.#name, why)
  }

  #stop(error: unknown): void {
    this.#killGroup()
    // A process that left the group may still hold the other ends.
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream?.destroy()
    this.#reject(error)
  }

  #killGroup(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL') // no such group any more, or a system without groups
    }
  }
}
