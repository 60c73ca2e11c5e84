import { fileBytes } from '../content/file-bytes.js'
import { reopenable } from '../content/reopenable.js'
import type { Bytes, ContentSource, FetchOptions } from '../content/store.js'
import { mismatch, verified } from '../content/verified.js'
import { TransferError } from '../errors.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { isManifestType } from '../oci/media-types.js'
import type { Selector } from '../oci/reference.js'
import { rootName } from './document.js'
import type { InventoryLine } from './inventory.js'
import type { OpenedBundle } from './reader.js'

/**
 * The content of a bundle, read at its offsets: nothing is extracted. Every read is hashed again, since a medium can be
 * changed between verification and load; it can be read again from its start. Tags are those of the roots, alone or with
 * their repository, and those that hang on them.
 */
export function bundleSource(bundle: OpenedBundle): ContentSource {
  const lines = new Map(bundle.inventory.map((line) => [line.digest, line]))
  return {
    async resolve(selector, call) {
      call.signal.throwIfAborted()
      const digest = selector.kind === 'digest' ? selector.digest : taggedDigest(bundle, selector.tag)
      const line = digest === undefined ? undefined : lines.get(digest)
      if (line === undefined || !isManifestType(line.mediaType)) throw notFound(bundle, wordOf(selector))
      return bare(line)
    },
    fetch: (descriptor, call) => reopenable(() => read(bundle, descriptor, call)),
    async *referrers(subject, call) {
      call.signal.throwIfAborted()
      yield* listed(bundle, subject, lines)
    },
  }
}

async function* read(bundle: OpenedBundle, descriptor: Descriptor, call: FetchOptions): Bytes {
  call.signal.throwIfAborted()
  const place = bundle.places.get(descriptor.digest)
  if (place === undefined) throw notHere(bundle, descriptor.digest)
  if (place.size !== descriptor.size) throw mismatch(descriptor, `${place.size} bytes in ${bundle.path}`)
  const from = call.from ?? 0
  const size = Math.max(0, place.size - from)
  const bytes = fileBytes(bundle.file, { offset: place.bodyAt + from, size, signal: call.signal, path: bundle.path })
  yield* from === 0 ? verified(bytes, descriptor) : bytes
}

function taggedDigest(bundle: OpenedBundle, tag: string): Digest | undefined {
  const { roots, lookups } = bundle.document
  const root = roots.find((one) => rootName(one) === tag) ?? roots.find((one) => one.tag === tag)
  if (root !== undefined) return root.descriptor.digest
  return lookups.flatMap(({ tags }) => (tags.result === 'found' ? tags.tags : [])).find((one) => one.tag === tag)
    ?.digest
}

function* listed(bundle: OpenedBundle, subject: Descriptor, lines: ReadonlyMap<Digest, InventoryLine>) {
  const given = new Set<Digest>()
  for (const { subject: digest, referrers } of bundle.document.lookups) {
    if (digest !== subject.digest || referrers.result !== 'found') continue
    for (const line of referrers.digests.map((found) => lines.get(found))) {
      if (line === undefined || given.has(line.digest)) continue
      given.add(line.digest)
      yield bare(line)
    }
  }
}

function wordOf(selector: Selector): string {
  return selector.kind === 'tag' ? selector.tag : selector.digest
}

function notHere(bundle: OpenedBundle, digest: Digest): TransferError {
  if (!bundle.inventory.some((line) => line.digest === digest)) return notFound(bundle, digest)
  const message = `${digest} is not in ${bundle.path}: the bundle is incremental, and expects it at the target`
  return new TransferError('ERR_BUNDLE_INCOMPLETE', message, { side: 'medium', subject: digest })
}

function notFound(bundle: OpenedBundle, what: string): TransferError {
  return new TransferError('ERR_NOT_FOUND', `${what} is not in ${bundle.path}`, { side: 'medium', subject: what })
}
