import { fileBytes } from '../content/file-bytes.js'
import { reopenable } from '../content/reopenable.js'
import type { Bytes, ContentSource, FetchOptions } from '../content/store.js'
import { verified } from '../content/verified.js'
import { TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import { rootName } from './document.js'
import type { OpenedBundle } from './reader.js'

/**
 * The content of a bundle, read at its offsets: nothing is extracted. Every read is hashed again, since a medium can be
 * changed between verification and load. Tags are the full names of the roots.
 */
export function bundleSource(bundle: OpenedBundle): ContentSource {
  const fetch = (descriptor: Descriptor, call: FetchOptions): Bytes => {
    const place = bundle.places.get(descriptor.digest)
    if (place === undefined) throw notFound(bundle, descriptor.digest)
    const from = call.from ?? 0
    const range = { offset: place.bodyAt + from, size: place.size - from, signal: call.signal, path: bundle.path }
    if (from > 0) return reopenable(() => fileBytes(bundle.file, range))
    return reopenable(() => verified(fileBytes(bundle.file, range), descriptor))
  }
  return {
    async resolve(selector) {
      const { document, inventory } = bundle
      const descriptor =
        selector.kind === 'tag'
          ? document.roots.find((root) => rootName(root) === selector.tag || root.tag === selector.tag)?.descriptor
          : inventory.find((line) => line.digest === selector.digest)
      if (descriptor === undefined) throw notFound(bundle, selector.kind === 'tag' ? selector.tag : selector.digest)
      return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size }
    },
    fetch,
    async *referrers(subject) {
      const lines = new Map(bundle.inventory.map((line) => [line.digest, line]))
      for (const { subject: digest, referrers } of bundle.document.lookups) {
        if (digest !== subject.digest || referrers.result !== 'found') continue
        for (const found of referrers.digests) {
          const line = lines.get(found)
          if (line !== undefined) yield { mediaType: line.mediaType, digest: line.digest, size: line.size }
        }
      }
    },
  }
}

function notFound(bundle: OpenedBundle, what: string): TransferError {
  return new TransferError('ERR_NOT_FOUND', `${what} is not in ${bundle.path}`, { side: 'medium', subject: what })
}
