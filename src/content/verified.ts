import { TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import { algorithmOf, digestFrom } from '../oci/digest.js'
import { startHash } from './hashing.js'
import type { Bytes } from './store.js'

/**
 * The same bytes, or ERR_CONTENT_MISMATCH before the last of them: the final piece is held back until the digest is
 * known, so that a consumer who has seen the end has seen the content that was asked for.
 */
export async function* verified(bytes: Bytes, expected: Descriptor): Bytes {
  const hash = startHash(algorithmOf(expected.digest), expected.size)
  let size = 0
  let held: Uint8Array | undefined
  try {
    for await (const chunk of bytes) {
      size += chunk.byteLength
      if (size > expected.size) throw mismatch(expected, `more than ${expected.size} bytes`)
      await hash.update(chunk)
      if (held !== undefined) yield held
      held = chunk
    }
    if (size !== expected.size) throw mismatch(expected, `${size} of ${expected.size} bytes`)
    const found = digestFrom(algorithmOf(expected.digest), await hash.digest())
    if (found !== expected.digest) throw mismatch(expected, `bytes that hash to ${found}`)
    if (held !== undefined) yield held
  } finally {
    hash.release()
  }
}

/** What is thrown when content is not what its descriptor says. */
export function mismatch(expected: Descriptor, found: string): TransferError {
  return new TransferError(
    'ERR_CONTENT_MISMATCH',
    `${expected.digest}: expected ${expected.size} bytes, found ${found}`,
    {
      subject: expected.digest,
    },
  )
}
