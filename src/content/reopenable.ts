import type { Bytes } from './store.js'

/** Bytes that can be read again from their start, so that a sink may try a push once more. */
export function reopenable(open: () => Bytes): Bytes {
  return { [Symbol.asyncIterator]: () => open()[Symbol.asyncIterator]() }
}

/** Bytes that are in memory already. */
export function once(bytes: Uint8Array): Bytes {
  return reopenable(() => single(bytes))
}

async function* single(bytes: Uint8Array): Bytes {
  if (bytes.byteLength > 0) yield bytes
}
