import { bundleSource } from '../bundle/bundle-source.js'
import type { RecordedLookup } from '../bundle/document.js'
import type { InventoryLine } from '../bundle/inventory.js'
import type { OpenedBundle } from '../bundle/reader.js'
import type { ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'

/**
 * A bundle as the repositories that its roots came from: content from the archive, and every question about referrers
 * answered as the document says it was answered. Walking it again shows whether the bundle keeps its word.
 */
export function claimedSources(bundle: OpenedBundle): (repository: string) => ContentSource {
  const content = bundleSource(bundle)
  const lines = new Map(bundle.inventory.map((line) => [line.digest, line]))
  const claims = new Map<string, Claims>()
  for (const lookup of bundle.document.lookups) {
    const known = claims.get(lookup.repository) ?? noClaims()
    claims.set(lookup.repository, known)
    enter(known, lookup)
  }
  return (repository) => claimedSource(content, lines, claims.get(repository) ?? noClaims())
}

/** What the document says about one repository. */
interface Claims {
  readonly lookups: Map<Digest, RecordedLookup>
  readonly tags: Map<string, Digest>
  /** Why a subject's tags could not be asked for, by the part of the tags that names the subject. */
  readonly unknownTags: Map<string, string>
}

function noClaims(): Claims {
  return { lookups: new Map(), tags: new Map(), unknownTags: new Map() }
}

function enter(claims: Claims, lookup: RecordedLookup): void {
  claims.lookups.set(lookup.subject, lookup)
  if (lookup.tags.result === 'found') for (const { tag, digest } of lookup.tags.tags) claims.tags.set(tag, digest)
  if (lookup.tags.result === 'could-not-ask') {
    claims.unknownTags.set(lookup.subject.replace(':', '-'), lookup.tags.reason)
  }
}

function claimedSource(
  content: ContentSource,
  lines: ReadonlyMap<Digest, InventoryLine>,
  claims: Claims,
): ContentSource {
  return {
    async resolve(selector) {
      const unknown =
        selector.kind === 'tag' ? claims.unknownTags.get(selector.tag.replace(/\.[a-z]+$/, '')) : undefined
      if (unknown !== undefined) throw couldNotAsk(unknown)
      const digest = selector.kind === 'tag' ? claims.tags.get(selector.tag) : selector.digest
      if (digest === undefined) throw new TransferError('ERR_NOT_FOUND', 'the bundle records no such tag')
      return inventoryLine(lines, digest)
    },
    fetch: (descriptor, call) => {
      inventoryLine(lines, descriptor.digest)
      return content.fetch(descriptor, call)
    },
    async *referrers(subject) {
      const lookup = claims.lookups.get(subject.digest)
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

function inventoryLine(lines: ReadonlyMap<Digest, InventoryLine>, digest: Digest): Descriptor {
  const line = lines.get(digest)
  if (line !== undefined) return bare(line)
  throw new TransferError('ERR_BUNDLE_INCOMPLETE', `${digest} is promised, but not in the bundle`, { subject: digest })
}

/** The answer that the exporter got, got again; its reason is what was recorded, and is not compared. */
function couldNotAsk(reason: string): TransferError {
  return new TransferError('ERR_SOURCE_UNREACHABLE', reason, { side: 'source' })
}
