import { notarySignatures } from '../content/notary-signatures.js'
import type { ContentSource } from '../content/store.js'
import { type ErrorCode, TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { EnvelopeType } from '../trust/envelope/envelope.js'
import { checkMade } from './check-made.js'
import type { SigningOptions } from './signing-options.js'

/**
 * The signature that hangs on a subject already, by this certificate, and says at least what would be signed now. It is
 * opened and judged like a fresh one: a name in an annotation proves nothing, and one that has expired does not count.
 * @param thumbprint of the signer's certificate
 * @returns the digest of its manifest
 * @throws whatever kept us from asking
 */
export async function findOwnSignature(
  source: ContentSource,
  subject: Descriptor,
  given: SigningOptions & { readonly thumbprint: string },
): Promise<Digest | undefined> {
  for (const found of await notarySignatures(source, subject, { signal: given.signal })) {
    if (found.kind !== 'envelope') continue
    if (await isOwn(found.read, found.type, { subject, given })) return found.signature
  }
  return undefined
}

interface Wanted {
  readonly subject: Descriptor
  readonly given: SigningOptions & { readonly thumbprint: string }
}

// Other people's signatures, broken ones, expired ones; a registry that cannot be asked is none of these.
const NOT_OURS: readonly ErrorCode[] = [
  'ERR_SIGNATURE_INVALID',
  'ERR_TIMESTAMP_INVALID',
  'ERR_NOT_FOUND',
  'ERR_CONTENT_MISMATCH',
  'ERR_LIMIT_EXCEEDED',
]

async function isOwn(
  read: () => Promise<Uint8Array>,
  type: EnvelopeType,
  { subject, given }: Wanted,
): Promise<boolean> {
  try {
    const { opened } = await checkMade(await read(), subject, { ...given, type })
    return opened.chain[0]?.thumbprint === given.thumbprint
  } catch (cause) {
    if (cause instanceof TransferError && NOT_OURS.includes(cause.code)) return false
    throw cause
  }
}
