import { bundleSource } from '../bundle/bundle-source.js'
import type { RecordedLookup } from '../bundle/document.js'
import type { InventoryLine } from '../bundle/inventory.js'
import type { OpenedBundle } from '../bundle/reader.js'
import type { CallOptions, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'

/**
 * A bundle as the repository that one of its roots came from: content from the archive, and every question about
 * referrers answered as the document says it was answered. Walking it again shows whether the bundle keeps its word.
 */
export function claimedSource(bundle: OpenedBundle, repository: string): ContentSource {
  const content = bundleSource(bundle)
  const lines = new Map(bundle.inventory.map((line) => [line.digest, line]))
  const lookups = new Map(bundle.document.lookups.map((lookup) => [`${lookup.repository}@${lookup.subject}`, lookup]))
  const tags = tagsOf(bundle, repository)
  return {
    async resolve(selector, _call: CallOptions) {
      const unknown = selector.kind === 'tag' ? tags.unknown.get(selector.tag.replace(/\.[a-z]+$/, '')) : undefined
      if (unknown !== undefined) throw couldNotAsk(unknown)
      const digest = selector.kind === 'tag' ? tags.found.get(selector.tag) : selector.digest
      if (digest === undefined) throw new TransferError('ERR_NOT_FOUND', 'the bundle records no such tag')
      return inventoryLine(lines, digest)
    },
    fetch: (descriptor, call) => {
      inventoryLine(lines, descriptor.digest)
      return content.fetch(descriptor, call)
    },
    async *referrers(subject) {
      const lookup = lookups.get(`${repository}@${subject.digest}`)
      if (lookup === undefined) {
        throw new TransferError('ERR_BUNDLE_INCOMPLETE', `the document does not say what hangs on ${subject.digest}`, {
          subject: subject.digest,
        })
      }
      if (lookup.referrers.result === 'could-not-ask') throw couldNotAsk(lookup.referrers.reason)
      if (lookup.referrers.result === 'none') return
      for (const digest of lookup.referrers.digests) yield inventoryLine(lines, digest)
    },
  }
}

function tagsOf(bundle: OpenedBundle, repository: string) {
  const found = new Map<string, Digest>()
  const unknown = new Map<string, string>()
  for (const lookup of bundle.document.lookups) {
    if (lookup.repository !== repository) continue
    if (lookup.tags.result === 'found') for (const { tag, digest } of lookup.tags.tags) found.set(tag, digest)
    if (lookup.tags.result === 'could-not-ask') unknown.set(stemOf(lookup), lookup.tags.reason)
  }
  return { found, unknown }
}

function stemOf({ subject }: RecordedLookup): string {
  return subject.replace(':', '-')
}

function inventoryLine(lines: ReadonlyMap<Digest, InventoryLine>, digest: Digest): Descriptor {
  const line = lines.get(digest)
  if (line !== undefined) return bare(line)
  throw new TransferError('ERR_BUNDLE_INCOMPLETE', `${digest} is promised, but not in the bundle`, { subject: digest })
}

/** The answer that the exporter got, got again; its reason is what was recorded, so it is compared as it is. */
function couldNotAsk(reason: string): TransferError {
  return new TransferError('ERR_SOURCE_UNREACHABLE', reason, { side: 'source' })
}
