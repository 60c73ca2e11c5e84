import { bundleSource } from '../bundle/bundle-source.js'
import type { RecordedEvidence } from '../bundle/document.js'
import type { OpenedBundle } from '../bundle/reader.js'
import { fetchAll } from '../content/read-all.js'
import type { CallOptions } from '../content/store.js'
import { hasCode, TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Digest } from '../oci/digest.js'
import type { Evidence } from '../trust/revocation/revocation.js'

/**
 * The CRLs and OCSP responses of a bundle, as many as its document names. They are what their digests say, and nothing
 * more is known: what one of them is worth is in the signature of whoever issued it.
 * @throws ERR_CONTENT_MISMATCH, ERR_BUNDLE_INCOMPLETE, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function carriedEvidence(bundle: OpenedBundle, call: CallOptions): Promise<readonly Evidence[]> {
  const read = new Map<Digest, Uint8Array>()
  const evidence: Evidence[] = []
  for (const entry of bundle.document.evidence ?? []) {
    const { digest } = entry.descriptor
    const der = read.get(digest) ?? (await readEntry(bundle, entry, call))
    read.set(digest, der)
    evidence.push({ kind: entry.type, der, ...(entry.url === undefined ? {} : { url: entry.url }) })
  }
  return evidence
}

async function readEntry(
  bundle: OpenedBundle,
  { type, descriptor }: RecordedEvidence,
  call: CallOptions,
): Promise<Uint8Array> {
  const maxBytes = type === 'crl' ? LIMITS.crlBytes : LIMITS.ocspBytes
  try {
    return await fetchAll(bundleSource(bundle), descriptor, { maxBytes, signal: call.signal })
  } catch (cause) {
    if (!hasCode(cause, 'ERR_NOT_FOUND')) throw cause
    throw new TransferError('ERR_BUNDLE_INCOMPLETE', `the evidence ${descriptor.digest} is promised, but not here`, {
      cause,
      side: 'medium',
      subject: descriptor.digest,
    })
  }
}
