import { bundleSource } from '../bundle/bundle-source.js'
import type { OpenedBundle } from '../bundle/reader.js'
import { fetchAll } from '../content/read-all.js'
import type { CallOptions, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { parseManifest } from '../oci/manifest.js'
import type { CarriedSignature } from '../trust/notary/verify-artifact.js'
import { nv2Of } from '../trust/nv2/nv2-manifest.js'

/** JWTs of the nv2 prototype that name this subject; the closure check has found the same links in the content. */
export function linkedSignatures(
  bundle: OpenedBundle,
  target: Descriptor,
  call: CallOptions,
): readonly CarriedSignature[] {
  const source = bundleSource(bundle)
  return (bundle.document.links ?? [])
    .filter(({ subject }) => subject === target.digest)
    .map(({ signature }) => ({ kind: 'nv2', signature, read: () => readToken(source, signature, call) }))
}

async function readToken(source: ContentSource, signature: Digest, call: CallOptions): Promise<Uint8Array> {
  const manifest = await source.resolve({ kind: 'digest', digest: signature }, call)
  const bytes = await fetchAll(source, manifest, { ...call, maxBytes: LIMITS.manifestBytes })
  const token = nv2Of(parseManifest(bytes, manifest.mediaType, signature))
  if (token === undefined)
    throw new TransferError('ERR_SIGNATURE_INVALID', `${signature} holds no signature of the nv2 prototype`)
  return await fetchAll(source, token, { ...call, maxBytes: LIMITS.envelopeBytes })
}
