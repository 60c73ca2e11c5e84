import { gunzipSync } from 'node:zlib'
import { LIMITS } from '../limits.js'
import { opaFailure } from './answer.js'

/** A policy in Rego as `opa build -t wasm` makes it. */
export interface CompiledPolicy {
  /** the file, for messages */
  readonly path: string
  readonly module: Uint8Array
  /** JSON that its rules know as `data`; absent where it came without any */
  readonly data?: Uint8Array
}

/**
 * Reads a policy: the bundle that `opa build -t wasm` writes, or the module out of it. Data that rules look things up in
 * is in the bundle alone: a module without it could find nothing on a list of what is forbidden.
 * @throws ERR_OPA_FAILED
 */
export function readPolicyFile(bytes: Uint8Array, path: string): CompiledPolicy {
  if (bytes.byteLength > LIMITS.opaModuleBytes) {
    throw opaFailure(`${path}: it is larger than the ${LIMITS.opaModuleBytes} bytes that a policy may have`)
  }
  if (startsWith(bytes, GZIP)) return policyOfBundle(bytes, path)
  requireModule(bytes, path)
  return { path, module: bytes }
}

const GZIP = [0x1f, 0x8b]
const WASM = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte)
}

/** @throws ERR_OPA_FAILED for what is no module, and for one with a memory of its own, which no bound would hold for */
function requireModule(bytes: Uint8Array, path: string): void {
  if (!startsWith(bytes, WASM)) {
    throw opaFailure(`${path}: it is neither a WebAssembly module nor the bundle that \`opa build -t wasm\` writes`)
  }
  const fail = (): never => {
    throw opaFailure(`${path}: the WebAssembly module is cut off or damaged`)
  }
  for (let at = WASM.length; at < bytes.byteLength; ) {
    const section = bytes[at]
    const { value: size, next } = readSize(bytes, at + 1) ?? fail()
    if (next + size > bytes.byteLength) fail()
    if (section === MEMORY_SECTION && size > 0 && bytes[next] !== 0) {
      throw opaFailure(`${path}: it brings a memory of its own, and is no policy that \`opa build\` made`)
    }
    at = next + size
  }
}

const MEMORY_SECTION = 5

/** An unsigned number of at most 32 bits in LEB128, as sizes of sections are written. */
function readSize(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[from + index]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: from + index + 1 }
  }
  return undefined
}

function policyOfBundle(bytes: Uint8Array, path: string): CompiledPolicy {
  const files = filesOf(unzipped(bytes, path), path)
  const modules = [...files].filter(([name]) => name.endsWith('.wasm'))
  const [first, second] = modules
  if (first === undefined || second !== undefined) {
    const found = first === undefined ? 'no module' : `${modules.length} modules`
    throw opaFailure(`${path}: the bundle has ${found}; build it with \`opa build -t wasm\``)
  }
  // Data in a folder stands below a name of its own, as OPA loads it; `opa build` merges all of it into one file.
  const strange = [...files.keys()].find((name) => /(?:^|\/)data\.(?:json|ya?ml)$/.test(name) && name !== 'data.json')
  if (strange !== undefined) throw opaFailure(`${path}: the bundle has data in ${strange}; build it with \`opa build\``)
  requireModule(first[1], path)
  const data = files.get('data.json')
  return { path, module: first[1], ...(data === undefined ? {} : { data }) }
}

function unzipped(bytes: Uint8Array, path: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: 4 * LIMITS.opaModuleBytes })
  } catch (cause) {
    throw opaFailure(`${path}: the bundle is damaged, or unpacks to too much`, cause)
  }
}

const BLOCK = 512

/** The plain files of a tar, by their names without the slash that OPA begins them with. */
function filesOf(tar: Buffer, path: string): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (let at = 0; at + BLOCK <= tar.byteLength && tar[at] !== 0; ) {
    const folder = textAt(tar, at + 345, 155)
    const name = `${folder === '' ? '' : `${folder}/`}${textAt(tar, at, 100)}`.replace(/^(?:\.?\/)+/, '')
    const size = /^[0-7]{1,11}$/.test(textAt(tar, at + 124, 12)) ? Number.parseInt(textAt(tar, at + 124, 12), 8) : -1
    const end = at + BLOCK + size
    if (size < 0 || end > tar.byteLength || files.has(name)) {
      throw opaFailure(`${path}: the bundle is damaged, or not as \`opa build\` writes it`)
    }
    if (tar[at + 156] === 0x30 || tar[at + 156] === 0) files.set(name, Uint8Array.from(tar.subarray(at + BLOCK, end)))
    at = end + ((BLOCK - (size % BLOCK)) % BLOCK)
  }
  return files
}

function textAt(tar: Buffer, at: number, length: number): string {
  return tar.toString('latin1', at, at + length).replace(/[\0 ].*$/s, '')
}
