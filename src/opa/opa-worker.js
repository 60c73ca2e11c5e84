// Runs in a worker thread: evaluates one policy once, says what came of it, and is ended by whoever started it. There is
// nothing here that the policy could use but what the library brings: no network, no clock, no randomness, no files.
// Plain JavaScript, so that it is the same file beside the sources and in the build.
import { parentPort, workerData } from 'node:worker_threads'
import { loadPolicy } from '@open-policy-agent/opa-wasm'

/** @typedef {{ module: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer> | undefined, input: ArrayBuffer, entrypoint: string, pages: { initial: number, maximum: number } }} Task */

const ABI_VERSION = 1

// What the policy prints, and what the library warns of, would come between the lines of the program.
console.log = () => {}
console.error = () => {}

/**
 * @param {Task} task
 * @returns {Promise<{ results: string } | { entrypoints: readonly string[] } | { error: string }>}
 */
async function evaluate({ module, data, input, entrypoint, pages }) {
  const policy = await loadPolicy(module, { ...pages })
  const { opa_wasm_abi_version: version } = policy.wasmInstance.exports
  // The library lets a module pass that does not say for which host it was made.
  if (version?.value !== ABI_VERSION) return { error: 'it does not say that it was made for ABI version 1' }
  if (!Object.hasOwn(policy.entrypoints, entrypoint)) return { entrypoints: Object.keys(policy.entrypoints) }
  if (data !== undefined) policy.setData(Uint8Array.from(data).buffer)
  // A text, and not a number: the library takes 0 for the first entrypoint, whatever it is.
  return { results: JSON.stringify(policy.evaluate(input, entrypoint)) }
}

/** @param {unknown} cause the library throws texts and objects, too */
function reasonOf(cause) {
  if (typeof cause === 'string') return cause
  const message = /** @type {{ message?: unknown } | null} */ (cause)?.message
  return typeof message === 'string' ? message : 'it failed'
}

try {
  parentPort?.postMessage(await evaluate(workerData))
} catch (cause) {
  parentPort?.postMessage({ error: reasonOf(cause) })
}
