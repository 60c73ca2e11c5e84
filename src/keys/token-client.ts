import { type ChildProcess, fork } from 'node:child_process'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'

/** What the token process could not do: a word of its own, or the name of the module's answer (`CKR_…`). */
export interface TokenFailure {
  readonly reason: string
  /** labels of what is there instead, foreign text */
  readonly found: readonly string[]
}

/** A PKCS#11 module in a process of its own. */
export interface TokenClient {
  /**
   * @param explain makes the sentence about a failure
   * @throws ERR_KEY_UNUSABLE, whatever the signal gives
   */
  ask(kind: TokenRequestKind, request: object, call: TokenCall): Promise<unknown>
  /** Ends the process; what is under way fails. */
  close(): Promise<void>
}

export type TokenRequestKind = 'findToken' | 'login' | 'findKey' | 'sign'

export interface TokenCall {
  readonly explain: (failure: TokenFailure) => string
  readonly signal?: AbortSignal | undefined
  /** enough for somebody to find the PIN pad, or to touch the key */
  readonly timeoutMs: number
}

const CLOSE_MS = 5_000

interface Waiting {
  readonly id: number
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
  readonly explain: TokenCall['explain']
}

/**
 * Starts the process that loads the module. A process and not a thread: a module that hangs in native code keeps a thread,
 * and with it the whole program, from ever ending; one that crashes takes everything in its process with it, the keys of
 * others too.
 * @param what names the module in messages
 */
export function startToken(what: string, script: URL = new URL('./token-process.js', import.meta.url)): TokenClient {
  // Modules find their configuration in the environment, each under names of its own, so all of it is handed on.
  const child = fork(script, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return new ForkedToken(child, what)
}

class ForkedToken implements TokenClient {
  readonly #child: ChildProcess
  readonly #what: string
  readonly #ended: Promise<void>
  #waiting: Waiting | undefined
  #lastId = 0
  #end: string | undefined

  constructor(child: ChildProcess, what: string) {
    this.#child = child
    this.#what = printable(what)
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#stopped(`ended its process (${signal ?? `status ${code}`})`)
        resolve()
      })
      child.once('error', (error) => {
        this.#stopped(`has no process (${'code' in error ? String(error.code) : error.name})`)
        resolve()
      })
    })
    child.on('message', (message) => this.#answer(message))
    this.#rest()
  }

  async ask(kind: TokenRequestKind, request: object, { explain, signal, timeoutMs }: TokenCall): Promise<unknown> {
    signal?.throwIfAborted()
    if (this.#end !== undefined || this.#waiting !== undefined) throw this.#unusable(this.#end ?? 'is busy')
    this.#lastId += 1
    const id = this.#lastId
    const late = setTimeout(
      () => this.#kill(`did not answer within ${Math.round(timeoutMs / 1000)} seconds and was stopped`),
      timeoutMs,
    )
    const cancel = (): void => this.#kill('was stopped')
    signal?.addEventListener('abort', cancel, { once: true })
    this.#wake()
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { id, resolve, reject, explain }
        this.#child.send({ id, kind, request }, (error) => {
          if (error !== null) this.#kill('has ended')
        })
      })
    } catch (cause) {
      signal?.throwIfAborted()
      throw cause
    } finally {
      clearTimeout(late)
      signal?.removeEventListener('abort', cancel)
      this.#rest()
    }
  }

  async close(): Promise<void> {
    this.#wake()
    if (this.#end !== undefined) return await this.#ended
    this.#end = 'was closed'
    const late = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS)
    // Sent first: logs out and ends the session; then the channel's end ends the process.
    this.#child.send({ id: 0, kind: 'close', request: {} }, () => {
      if (this.#child.connected) this.#child.disconnect()
    })
    await this.#ended
    clearTimeout(late)
  }

  /** A session that nobody uses keeps no program from ending. */
  #rest(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  #wake(): void {
    this.#child.ref()
    this.#child.channel?.ref()
  }

  #answer(message: unknown): void {
    const waiting = this.#waiting
    const { id, reply, failure } = message as { id?: unknown; reply?: unknown; failure?: TokenFailure }
    if (waiting === undefined || waiting.id !== id) return
    this.#waiting = undefined
    if (failure === undefined) waiting.resolve(reply)
    else waiting.reject(new TransferError('ERR_KEY_UNUSABLE', waiting.explain(failure), { side: 'operator' }))
  }

  #stopped(how: string): void {
    this.#end ??= how
    this.#waiting?.reject(this.#unusable(this.#end))
    this.#waiting = undefined
  }

  #kill(why: string): void {
    this.#stopped(why)
    this.#child.kill('SIGKILL')
  }

  #unusable(why: string): TransferError {
    return new TransferError('ERR_KEY_UNUSABLE', `the PKCS#11 module ${this.#what} ${why}`, { side: 'operator' })
  }
}
