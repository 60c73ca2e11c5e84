import { checksummed } from '../support/raw-tar.js'
import type { Edit } from './change.js'

const BLOCK = 512
/** What a header has, and how many bytes of it. */
const FIELDS: readonly (readonly [number, number])[] = [
  [0, 100],
  [100, 8],
  [124, 12],
  [136, 12],
  [156, 1],
  [157, 100],
  [257, 8],
  [345, 155],
]

/** Changes a header and mends its checksum, or moves blocks about: what a hostile writer of tars does. */
export function changeTar(bytes: Uint8Array, { kind, at, length, bytes: other }: Edit): Uint8Array {
  const blocks = Math.floor(bytes.length / BLOCK)
  if (blocks === 0) return bytes
  const from = (at % blocks) * BLOCK
  const to = Math.min(bytes.length, from + (1 + (length % 4)) * BLOCK)
  switch (kind % 6) {
    case 0:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
    case 1:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
    case 2:
      return Buffer.concat([bytes.subarray(0, from), Buffer.alloc(BLOCK), bytes.subarray(from)])
    default:
      return withHeader(bytes, from, (header) => {
        const [start, size] = FIELDS[length % FIELDS.length] ?? [0, 100]
        header.fill(0, start, start + size)
        header.set(other.subarray(0, size), start)
      })
  }
}

/** The nearest header before a place; data that looks like one is as good. */
function withHeader(bytes: Uint8Array, from: number, change: (header: Buffer) => void): Uint8Array {
  for (let at = from; at >= 0; at -= BLOCK) {
    if (Buffer.from(bytes.subarray(at + 257, at + 262)).toString('latin1') !== 'ustar') continue
    const header = Buffer.from(bytes.subarray(at, at + BLOCK))
    change(header)
    return Buffer.concat([bytes.subarray(0, at), checksummed(header), bytes.subarray(at + BLOCK)])
  }
  return bytes
}
