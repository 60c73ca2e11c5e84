// Archives that have the same bytes on every machine.
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { CREATED } from './sbom.mjs'

/**
 * @param {Readonly<Record<string, string>>} files text by name
 * @returns {Promise<Uint8Array>}
 */
export async function tarOf(files) {
  const tar = pack()
  for (const [name, text] of Object.entries(files)) {
    const mode = text.startsWith('#!') ? 0o755 : 0o644
    tar.entry({ name, mode, uid: 0, gid: 0, mtime: new Date(CREATED) }, text)
  }
  tar.finalize()
  /** @type {Uint8Array[]} */
  const chunks = []
  for await (const chunk of tar) chunks.push(/** @type {Uint8Array} */ (chunk))
  return Buffer.concat(chunks)
}

const OPERATING_SYSTEM = 9
const UNKNOWN = 255

/**
 * Stored, not deflated, and without the name of the operating system: what zlib makes of the same bytes depends on its
 * version and on the processor.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function gzip(bytes) {
  const zipped = gzipSync(bytes, { level: 0 })
  zipped[OPERATING_SYSTEM] = UNKNOWN
  return zipped
}
