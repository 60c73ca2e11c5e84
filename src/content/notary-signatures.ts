import { printable } from '../encoding/printable.js'
import { hasCode } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { artifactTypeOf, parseManifest } from '../oci/manifest.js'
import { NOTARY_COSE, NOTARY_JWS, NOTARY_SIGNATURE } from '../oci/media-types.js'
import { fetchAll } from './read-all.js'
import type { CallOptions, ContentSource } from './store.js'

/** A Notary signature that hangs on a subject: an envelope that can be read, or why there is none. */
export type FoundSignature =
  | {
      readonly kind: 'envelope'
      /** of the signature manifest */
      readonly signature: Digest
      readonly type: typeof NOTARY_JWS | typeof NOTARY_COSE
      /** @throws ERR_CONTENT_MISMATCH, ERR_NOT_FOUND */
      readonly read: () => Promise<Uint8Array>
    }
  | { readonly kind: 'malformed'; readonly signature: Digest; readonly why: string }

/**
 * Every Notary signature among the referrers of a subject (signature-specification, "OCI Signatures"), in the order in
 * which the source lists them. What a list says of a referrer's type is not believed: the manifest says it.
 * @throws what `referrers` and `fetch` throw: a question that could not be asked is never "none"
 */
export async function notarySignatures(
  source: ContentSource,
  subject: Descriptor,
  call: CallOptions,
): Promise<readonly FoundSignature[]> {
  const found = new Map<Digest, FoundSignature>()
  for await (const referrer of source.referrers(subject, call)) {
    const signature = found.has(referrer.digest) ? undefined : await readSignature(source, { referrer, subject }, call)
    if (signature !== undefined) found.set(referrer.digest, signature)
  }
  return [...found.values()]
}

async function readSignature(
  source: ContentSource,
  { referrer, subject }: { readonly referrer: Descriptor; readonly subject: Descriptor },
  call: CallOptions,
): Promise<FoundSignature | undefined> {
  const bytes = await fetchAll(source, referrer, { ...call, maxBytes: LIMITS.manifestBytes })
  const malformed = (why: string): FoundSignature => ({ kind: 'malformed', signature: referrer.digest, why })
  try {
    const manifest = parseManifest(bytes, referrer.mediaType, referrer.digest)
    if (artifactTypeOf(manifest) !== NOTARY_SIGNATURE) return undefined
    if (manifest.subject?.digest !== subject.digest) return undefined
    const layers = manifest.kind === 'image' ? manifest.layers : []
    const [layer] = layers
    if (layer === undefined || layers.length !== 1)
      return malformed(`its manifest has ${layers.length} layers, and not one`)
    const type = envelopeType(layer)
    if (type === undefined)
      return malformed(`its layer is ${printable(layer.mediaType, 100)}, which is no signature envelope`)
    // Anybody who may push can hang one that is too large on a release: it must not hide the good one beside it.
    if (layer.size > LIMITS.envelopeBytes)
      return malformed(`its envelope has ${layer.size} bytes, and ${LIMITS.envelopeBytes} are read`)
    const read = () => fetchAll(source, layer, { ...call, maxBytes: LIMITS.envelopeBytes })
    return { kind: 'envelope', signature: referrer.digest, type, read }
  } catch (cause) {
    if (!hasCode(cause, 'ERR_CONTENT_AMBIGUOUS') && !hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    return undefined
  }
}

function envelopeType({ mediaType }: Descriptor): typeof NOTARY_JWS | typeof NOTARY_COSE | undefined {
  return mediaType === NOTARY_JWS || mediaType === NOTARY_COSE ? mediaType : undefined
}
