import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

export interface Reply {
  readonly id: number
  readonly digest?: string
  readonly digests?: readonly string[]
  readonly error?: string
  readonly errno?: string
}

/** One hashing thread, and who waits for what it says. */
export interface HashThread {
  send(message: { readonly id: number; readonly [key: string]: unknown }): void
  listen(id: number, listener: (reply: Reply) => void): void
  forget(id: number): void
  load: number
}

const MAX_THREADS = 4
let threads: HashThread[] | undefined
let lastId = 0

export function nextHashId(): number {
  lastId += 1
  return lastId
}

/**
 * The hashing threads of this process, started when first asked for. Like the thread pool below `node:fs` they belong to
 * the process, hold no state between streams, and do not keep it alive.
 */
export function hashThreads(): readonly HashThread[] {
  threads ??= Array.from({ length: Math.min(availableParallelism(), MAX_THREADS) }, startThread)
  return threads
}

export function leastLoaded(): HashThread {
  return hashThreads().reduce((best, thread) => (thread.load < best.load ? thread : best))
}

function startThread(): HashThread {
  const worker = new Worker(new URL('./hash-worker.js', import.meta.url), { stdout: false, stderr: false })
  const listeners = new Map<number, (reply: Reply) => void>()
  const settle = (): void => {
    if (listeners.size === 0) worker.unref()
  }
  const failAll = (error: Error): void => {
    threads = undefined
    for (const [id, listener] of listeners) listener({ id, error: error.message })
    listeners.clear()
  }
  worker.on('message', (reply: Reply) => listeners.get(reply.id)?.(reply))
  worker.on('error', failAll)
  worker.unref()
  return {
    load: 0,
    send: (message) => worker.postMessage(message),
    listen: (id, listener) => {
      listeners.set(id, listener)
      worker.ref()
    },
    forget: (id) => {
      listeners.delete(id)
      settle()
    },
  }
}
