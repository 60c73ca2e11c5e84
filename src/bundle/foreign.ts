import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LAYOUT_FILE } from '../oci/image-layout.js'

import { BLOCK, glimpse } from './tar-header.js'
import type { FileWindow } from './window.js'

const MAGIC: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: 'gzip', bytes: [0x1f, 0x8b] },
  { name: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'bzip2', bytes: [0x42, 0x5a, 0x68] },
  { name: 'zip', bytes: [0x50, 0x4b, 0x03, 0x04] },
]

/**
 * Tells an operator who named the wrong file what it is, before anything in it is read.
 * @throws ERR_BUNDLE_FORMAT, ERR_BUNDLE_TRUNCATED
 */
export async function refuseForeign(window: FileWindow, path: string, size: number): Promise<void> {
  if (size === 0) throw window.truncated('its first entry')
  const start = await window.read(0, Math.min(size, BLOCK), 'its first entry')
  const packed = MAGIC.find(({ bytes }) => bytes.every((byte, at) => start[at] === byte))
  if (packed !== undefined) throw foreign(path, `it is a ${packed.name} file; a bundle is an uncompressed tar`)
  if (size < BLOCK) throw window.truncated('its first entry')
  const first = glimpse(start)
  if (first === undefined) throw foreign(path, 'it is not a tar archive, or its first header is damaged')
  if (first.name === LAYOUT_FILE && first.type === 'file') return
  const name = printable(first.name, 100)
  const found = `its first entry is ${JSON.stringify(name)} (${first.type}), a bundle begins with oci-layout`
  throw foreign(path, `${found}; an image layout of another tool is read as oci-archive:${path}`)
}

function foreign(path: string, why: string): TransferError {
  return new TransferError('ERR_BUNDLE_FORMAT', `${path} is not a bundle: ${why}`, { side: 'medium', subject: path })
}
