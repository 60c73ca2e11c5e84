import { Worker } from 'node:worker_threads'
import { printable } from '../encoding/printable.js'
import { type Json, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type OpaAnswer, opaFailure, readAnswer } from './answer.js'
import { inputBytes } from './input-bytes.js'
import type { CompiledPolicy } from './policy-file.js'

/** How much a policy may take before it is ended. */
export interface ModuleBounds {
  readonly milliseconds: number
  /** bytes of the memory that the module works in */
  readonly memoryBytes: number
}

export const MODULE_BOUNDS: ModuleBounds = {
  milliseconds: LIMITS.opaMilliseconds,
  memoryBytes: LIMITS.opaMemoryBytes,
}

export interface ModuleOptions {
  /** the rule that is asked for: `waybill/allow` */
  readonly entrypoint: string
  readonly bounds: ModuleBounds
  readonly signal: AbortSignal
}

// A page of WebAssembly, and how many the run-time of Rego needs beside the module's own constants.
const PAGE = 64 * 1024
const RUNTIME_PAGES = 32
// What the thread itself may use: for the answer, and for built-in functions that run in JavaScript.
const THREAD = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }

/**
 * Evaluates one rule of a compiled policy on an input document, in a thread that is ended whatever comes of it. The policy
 * reaches nothing but its input: a function that would need a clock, a network or randomness fails it.
 * @throws ERR_OPA_FAILED for everything that is no clear answer, and the signal's reason where it was aborted
 */
export async function askModule(policy: CompiledPolicy, input: unknown, given: ModuleOptions): Promise<OpaAnswer> {
  const { path } = policy
  const bytes = inputBytes(input, path)
  const reply = await evaluated(policy, bytes, given)
  if (reply.entrypoints !== undefined) throw unknownEntrypoint(path, given.entrypoint, reply.entrypoints)
  if (reply.results === undefined) throw opaFailure(`${path}: ${printable(reply.error ?? 'it failed', 500)}`)
  if (reply.results.length > LIMITS.opaAnswerBytes) {
    throw opaFailure(`${path}: its result is larger than the ${LIMITS.opaAnswerBytes} bytes that are read`)
  }
  return readAnswer(onlyResult(reply.results, path), path)
}

interface Reply {
  readonly results?: string
  readonly entrypoints?: readonly string[]
  readonly error?: string
}

async function evaluated(policy: CompiledPolicy, input: Uint8Array, given: ModuleOptions): Promise<Reply> {
  const { bounds, entrypoint, signal } = given
  signal.throwIfAborted()
  const initial = RUNTIME_PAGES + Math.ceil(policy.module.byteLength / PAGE)
  const maximum = Math.floor(bounds.memoryBytes / PAGE)
  if (initial > maximum) throw opaFailure(`${policy.path}: it needs more memory than a policy may use`)
  const { module, data } = policy
  const worker = new Worker(new URL('./opa-worker.js', import.meta.url), {
    workerData: { module, data, input: Uint8Array.from(input).buffer, entrypoint, pages: { initial, maximum } },
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: THREAD,
  })
  const expired = AbortSignal.timeout(bounds.milliseconds)
  const stopped = AbortSignal.any([signal, expired])
  try {
    return await firstWord(worker, stopped)
  } catch (cause) {
    signal.throwIfAborted()
    if (expired.aborted) throw opaFailure(`${policy.path}: no answer in ${bounds.milliseconds} ms`, cause)
    throw opaFailure(`${policy.path}: ${crashOf(cause)}`, cause)
  } finally {
    await worker.terminate()
  }
}

/** What the thread says first; nothing that it says later is heard. */
async function firstWord(worker: Worker, stopped: AbortSignal): Promise<Reply> {
  return await new Promise<Reply>((resolve, reject) => {
    worker.once('message', (reply: Reply) => resolve(reply))
    worker.once('error', reject)
    worker.once('messageerror', reject)
    worker.once('exit', () => reject(new Error('it ended without an answer')))
    stopped.addEventListener('abort', () => reject(stopped.reason), { once: true })
  })
}

function crashOf(cause: unknown): string {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it used more memory than a policy may'
  return typeof message === 'string' ? printable(message, 300) : 'it failed'
}

/** The result set of one rule is a list with one entry, or an empty one where the rule has no result. */
function onlyResult(text: string, path: string): Json | undefined {
  const set = parsed(new TextEncoder().encode(text), path)
  if (Array.isArray(set) && set.length === 0) return undefined
  const [first, second] = Array.isArray(set) ? (set as readonly Json[]) : []
  if (first === undefined || second !== undefined || !isResult(first))
    throw opaFailure(`${path}: its result is in no known form`)
  return first.result
}

function isResult(entry: Json): entry is { readonly result: Json } {
  return typeof entry === 'object' && entry !== null && Object.keys(entry).join() === 'result'
}

function parsed(bytes: Uint8Array, path: string): Json {
  try {
    return parseStrictJson(bytes, 'the result')
  } catch (cause) {
    throw opaFailure(`${path}: ${cause instanceof TransferError ? cause.message : 'its result cannot be read'}`, cause)
  }
}

function unknownEntrypoint(path: string, wanted: string, there: readonly string[]): TransferError {
  const names =
    there.length === 0
      ? 'it has none'
      : `it has ${there
          .slice(0, 20)
          .map((name) => printable(name, 100))
          .join(', ')}`
  return opaFailure(`${path}: there is no entrypoint ${JSON.stringify(printable(wanted, 200))}; ${names}`)
}
