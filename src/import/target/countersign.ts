import type { ContentSink, ContentSource } from '../../content/store.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { attachSignature } from '../../sign/attach.js'
import { makeSignature } from '../../sign/make-signature.js'
import { findOwnSignature } from '../../sign/own-signature.js'
import { packSignature } from '../../sign/pack.js'
import { makesEnvelopes, type SigningOptions } from '../../sign/signing-options.js'

/** The importer's own signature on what it has let in. */
export interface Countersignature {
  readonly subject: Digest
  /** of the signature's manifest */
  readonly signature: Digest
  /** false where an earlier run has left one that says the same */
  readonly added: boolean
}

/**
 * Signs a root at the target, and hangs the signature on it: once, however often an import is run. Meant for the moment
 * when the content is there and has no name yet, so that nobody can pull the name without the signature.
 * @throws as `makeSignature` does, and whatever the target throws
 */
export async function countersign(
  root: Descriptor,
  target: ContentSource & ContentSink,
  given: SigningOptions,
): Promise<Countersignature> {
  // Whose certificate a signing service uses shows when it has signed.
  const early = makesEnvelopes(given.signer) ? await makeSignature(root, given) : undefined
  const leaf = makesEnvelopes(given.signer) ? early?.opened.chain[0] : given.signer.chain[0]
  const known = await findOwnSignature(target, root, { ...given, thumbprint: leaf?.thumbprint ?? '' })
  if (known !== undefined) return { subject: root.digest, signature: known, added: false }
  const pack = packSignature(early ?? (await makeSignature(root, given)), root)
  await attachSignature(pack, target, { signal: given.signal })
  return { subject: root.digest, signature: pack.manifest.descriptor.digest, added: true }
}
