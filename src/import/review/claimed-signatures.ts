import { bundleSource } from '../../bundle/bundle-source.js'
import { fetchAll } from '../../content/read-all.js'
import type { CallOptions } from '../../content/store.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { BareDescriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { NOTARY_COSE, NOTARY_JWS, NOTARY_SIGNATURE } from '../../oci/media-types.js'
import { openEnvelope } from '../../trust/envelope/open.js'
import { factsOf } from '../../trust/notary/facts.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import { parsePayload } from '../../trust/payload.js'
import type { ManifestFacts, Verification } from '../verification.js'

/**
 * What the envelope of a signature says that nobody has judged: for people to read, and no reason to believe it. It is
 * whole, so that whoever has the key of the first certificate did sign; anybody can make such a certificate.
 */
export type ClaimedSignature =
  | (Pick<SignatureOutcome, 'chain' | 'signingTime' | 'expiry'> & {
      readonly kind: 'jws' | 'cose'
      /** what it says that it is about */
      readonly target: Digest
    })
  | { readonly kind: 'unread'; readonly why: string }

/** By the digest of the signature's manifest. */
export type ClaimedSignatures = ReadonlyMap<Digest, ClaimedSignature>

/** Reads the envelopes of Notary signatures that no policy has asked for, at most `LIMITS.claimedSignatures` of them. */
export async function claimedSignatures(verification: Verification, call: CallOptions): Promise<ClaimedSignatures> {
  const judged = judgedIn(verification)
  const source = bundleSource(verification.bundle)
  const claimed = new Map<Digest, ClaimedSignature>()
  for (const { manifests } of verification.closures) {
    for (const [digest, manifest] of manifests) {
      const envelope = envelopeOf(manifest)
      if (envelope === undefined || judged.has(digest) || claimed.has(digest)) continue
      if (claimed.size >= LIMITS.claimedSignatures) return claimed
      const read = () => fetchAll(source, envelope, { ...call, maxBytes: LIMITS.envelopeBytes })
      claimed.set(digest, await claimOf(envelope, read, call))
    }
  }
  return claimed
}

function judgedIn({ artifacts, policy }: Verification): ReadonlySet<string> {
  const byTrustPolicy = artifacts.flatMap(({ signatures }) => signatures)
  const byRoots = (policy?.roots ?? []).flatMap(({ signatures, documents }) => [
    ...signatures,
    ...documents.flatMap(({ found }) => found.flatMap((one) => one.signatures)),
  ])
  const byImportPolicy = byRoots.flatMap((one) => one.judged)
  return new Set([...byTrustPolicy, ...byImportPolicy].map(({ signature }) => signature))
}

/** signature-specification, "OCI Signatures": a manifest of this type has one layer, the envelope; its config comes first. */
function envelopeOf({ kind, artifactType, children }: ManifestFacts): BareDescriptor | undefined {
  return kind === 'image' && artifactType === NOTARY_SIGNATURE && children.length === 2 ? children[1] : undefined
}

async function claimOf(
  { mediaType }: BareDescriptor,
  read: () => Promise<Uint8Array>,
  { signal }: CallOptions,
): Promise<ClaimedSignature> {
  if (mediaType !== NOTARY_JWS && mediaType !== NOTARY_COSE) return { kind: 'unread', why: 'it has no envelope' }
  try {
    const opened = await openEnvelope(await read(), mediaType)
    const { chain, signingTime, expiry } = factsOf(opened, {}, undefined)
    return {
      kind: mediaType === NOTARY_JWS ? 'jws' : 'cose',
      target: parsePayload(opened.payload).target.digest,
      chain,
      ...(signingTime === undefined ? {} : { signingTime }),
      ...(expiry === undefined ? {} : { expiry }),
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof TransferError)) throw cause
    return { kind: 'unread', why: printable(cause.message, 300) }
  }
}
