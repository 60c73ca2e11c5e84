import { limited } from '../../content/limited.js'
import type { GraphNode } from '../../content/node.js'
import type { CallOptions } from '../../content/store.js'
import { hasCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { artifactTypeOf, type Manifest } from '../../oci/manifest.js'
import { NOTARY_COSE, NOTARY_JWS, NOTARY_SIGNATURE } from '../../oci/media-types.js'
import type { EnvelopeType } from '../../trust/envelope/envelope.js'
import { openEnvelope } from '../../trust/envelope/open.js'
import { embeddedCertificates } from '../../trust/timestamp/embedded-certificates.js'
import type { Chain } from './chain.js'

/** What was walked, and the way to its bytes. */
export interface WalkedContent {
  readonly nodes: readonly GraphNode[]
  /** Verified bytes, all of them. @throws ERR_LIMIT_EXCEEDED, and what the source throws */
  readonly read: (descriptor: Descriptor, call: CallOptions & { readonly maxBytes: number }) => Promise<Uint8Array>
}

export interface FindOptions extends CallOptions {
  readonly concurrency: number
  /** Told of a signature that nobody can verify, so that nothing is asked about its certificates. */
  readonly onUnreadable: (signature: Digest, reason: string) => void
}

/** A way to find who signed what was walked; each world of signatures has its own. */
export type FindChains = (content: WalkedContent, given: FindOptions) => Promise<readonly Chain[]>

/**
 * The chains of every Notary signature, whatever it hangs on, and of the authorities that timestamped them. Certificates
 * of an envelope that is not whole are nobody's: whoever can push to the registry could have us ask any address.
 * @throws what the source throws
 */
export const notaryChains: FindChains = async (content, given) => {
  const found = new Map<Digest, readonly Chain[]>()
  const envelopes = [...envelopesIn(content.nodes)]
  const limit = { limit: given.concurrency, signal: given.signal }
  await limited(envelopes, limit, async ({ signature, descriptor, type }, signal) => {
    try {
      const bytes = await content.read(descriptor, { signal, maxBytes: LIMITS.envelopeBytes })
      found.set(signature, await chainsOf(bytes, { type, signature }))
    } catch (cause) {
      if (!hasCode(cause, 'ERR_SIGNATURE_INVALID') && !hasCode(cause, 'ERR_LIMIT_EXCEEDED')) throw cause
      given.onUnreadable(signature, cause.message)
    }
  })
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, chains]) => chains)
}

interface FoundEnvelope {
  /** the manifest that names it */
  readonly signature: Digest
  readonly descriptor: Descriptor
  readonly type: EnvelopeType
}

// notary: signature-specification, "OCI Signatures": the type in `artifactType`, or, in the older form, of the config.
function* envelopesIn(nodes: readonly GraphNode[]): Generator<FoundEnvelope> {
  const seen = new Set<Digest>()
  for (const { read, descriptor } of nodes) {
    const envelope = read === undefined ? undefined : envelopeOf(read.manifest)
    if (envelope === undefined || seen.has(descriptor.digest)) continue
    seen.add(descriptor.digest)
    yield { ...envelope, signature: descriptor.digest }
  }
}

function envelopeOf(manifest: Manifest): Omit<FoundEnvelope, 'signature'> | undefined {
  if (artifactTypeOf(manifest) !== NOTARY_SIGNATURE || manifest.kind !== 'image') return undefined
  const [descriptor, ...others] = manifest.layers
  if (descriptor === undefined || others.length > 0) return undefined
  const type = descriptor.mediaType
  return type === NOTARY_JWS || type === NOTARY_COSE ? { descriptor, type } : undefined
}

async function chainsOf(bytes: Uint8Array, envelope: Omit<FoundEnvelope, 'descriptor'>): Promise<readonly Chain[]> {
  const opened = await openEnvelope(bytes, envelope.type)
  const chains: Chain[] = [{ from: envelope.signature, certificates: opened.chain }]
  const token = opened.timestampToken
  // A token that cannot be read is judged on the far side; there is nothing to ask about it.
  const authority = token === undefined ? [] : embeddedCertificates(token)
  if (authority.length > 0) chains.push({ from: `the timestamp of ${envelope.signature}`, certificates: authority })
  return chains
}
