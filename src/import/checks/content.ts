import { carriedTotals } from '../../bundle/document.js'
import { isCarried } from '../../bundle/inventory.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { hashRanges } from '../../content/hashing.js'
import type { CallOptions } from '../../content/store.js'
import type { Emit } from '../../events.js'
import { algorithmOf, digestFrom } from '../../oci/digest.js'
import type { Check } from '../verification.js'

const MAX_NAMED = 100

export interface RunningContentCheck {
  readonly checks: Promise<readonly Check[]>
  /** Ends it where it is; to be awaited before the file is closed. */
  stop(): Promise<void>
}

/** Begins to hash in other threads; nothing that has not been judged yet is believed for it. */
export function startContentCheck(
  bundle: OpenedBundle,
  given: CallOptions & { readonly emit: Emit },
): RunningContentCheck {
  const stop = new AbortController()
  const checks = checkContent(bundle, { emit: given.emit, signal: AbortSignal.any([given.signal, stop.signal]) })
  // Where an earlier check fails nobody asks for these any more.
  checks.catch(() => undefined)
  return {
    checks,
    async stop() {
      stop.abort()
      await checks.catch(() => undefined)
    },
  }
}

/** Hashes every blob of the inventory where it lies. Damage is named blob by blob, so that it is clear what was hit. */
async function checkContent(
  bundle: OpenedBundle,
  given: CallOptions & { readonly emit: Emit },
): Promise<readonly Check[]> {
  const lines = bundle.inventory.filter(isCarried)
  const ranges = lines.map(({ digest, size }) => ({
    offset: bundle.places.get(digest)?.bodyAt ?? 0,
    size,
    algorithm: algorithmOf(digest),
  }))
  const digests = await hashRanges({ fd: bundle.file.fd, path: bundle.path }, ranges, {
    signal: given.signal,
    onHashed: (at) => {
      const line = lines[at]
      if (line !== undefined) given.emit({ type: 'blob-progress', digest: line.digest, bytes: line.size })
    },
  })
  const damaged = lines.filter((line, at) => !matches(line.digest, digests[at] ?? ''))
  if (damaged.length === 0) {
    const subject = bundle.waybill.descriptor.digest
    const { blobs, bytes } = carriedTotals(bundle.document)
    const { expected } = bundle.document.totals
    const detail = `${blobs} blobs, ${bytes} bytes: every digest is right`
    const beside =
      expected && `; ${expected.blobs} blobs, ${expected.bytes} bytes, are not here and expected at the target`
    return [{ name: 'content', subject, result: 'pass', detail: `${detail}${beside ?? ''}` }]
  }
  return damaged.slice(0, MAX_NAMED).map(({ digest, mediaType, size }) => ({
    name: 'content',
    subject: digest,
    result: 'fail',
    detail: `${digest} (${mediaType}, ${size} bytes) holds other bytes than its name says`,
    code: 'ERR_CONTENT_MISMATCH',
  }))
}

function matches(digest: Parameters<typeof algorithmOf>[0], found: string): boolean {
  return !found.startsWith('short:') && digestFrom(algorithmOf(digest), found) === digest
}
