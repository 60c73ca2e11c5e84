import { TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Bytes, CallOptions, ContentSource } from './store.js'

/** All bytes of a stream, at most `maxBytes`. @throws ERR_LIMIT_EXCEEDED */
export async function readAll(bytes: Bytes, maxBytes: number, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(what, maxBytes)
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)
}

/** A document of which the descriptor says that it is small enough; refused before a byte is asked for. */
export async function fetchAll(
  source: ContentSource,
  descriptor: Descriptor,
  given: CallOptions & { readonly maxBytes: number },
): Promise<Uint8Array> {
  if (descriptor.size > given.maxBytes) throw tooLarge(descriptor.digest, given.maxBytes)
  return await readAll(source.fetch(descriptor, given), given.maxBytes, descriptor.digest)
}

function tooLarge(what: string, maxBytes: number): TransferError {
  return new TransferError('ERR_LIMIT_EXCEEDED', `${what} is larger than the ${maxBytes} bytes that are read`, {
    subject: what,
  })
}
