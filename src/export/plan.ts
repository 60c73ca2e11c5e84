import type { HeldContent } from '../bundle/base.js'
import { type ClaimsBesideContent, collectContents, type WalkedRoot } from '../bundle/contents.js'
import type { RecordedLookup } from '../bundle/document.js'
import { linksOf } from '../bundle/links.js'
import type { BundleContents } from '../bundle/seal.js'
import { walk } from '../content/graph.js'
import { KnownNodes } from '../content/known-nodes.js'
import type { GraphNode } from '../content/node.js'
import { readAll } from '../content/read-all.js'
import { once, reopenable } from '../content/reopenable.js'
import type { Bytes, CallOptions, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { Descriptor, Platform } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { formatPlatform } from '../oci/platform.js'
import { formatRepository } from '../oci/reference.js'
import type { WalkedContent } from './evidence/notary-chains.js'
import type { GatheredEvidence } from './evidence/shelf.js'
import type { PinnedSource } from './pin.js'
import { platformsOf } from './platforms.js'

export interface PlanOptions extends CallOptions {
  readonly platforms?: readonly Platform[]
  readonly concurrency: number
  /** asked when all evidence is there, for it must not be younger than the document */
  readonly claims: () => ClaimsBesideContent
  readonly generator: string
  /** what the far side has, or is assumed to have */
  readonly held?: readonly HeldContent[]
  /** Obtains what the far side will need to judge revocation, when all content is known. */
  readonly gather: (content: WalkedContent) => Promise<GatheredEvidence>
  /** Told of a signature whose subject cannot be found out. */
  readonly onUnreadable?: (signature: Digest, reason: string) => void
  /** Told of each manifest that was read. */
  readonly onVisited?: (manifest: Digest) => void
  /** Told of an entry in a list of referrers that is about something else by its own words. */
  readonly onIgnored?: (referrer: Digest, subject: Digest) => void
}

/** Everything that will be in a bundle, before a byte of it is written. */
export interface ExportPlan {
  readonly contents: BundleContents
  /** Questions about referrers that could not be asked. */
  readonly unknown: readonly RecordedLookup[]
  /** Verified bytes of anything in the inventory. */
  readonly fetch: (descriptor: Descriptor, call: CallOptions) => Bytes
}

/**
 * Walks every root and plans the bundle. Fetches manifests and signatures, and no other content.
 * @throws whatever `walk` and `gather` throw, ERR_COLLISION
 */
export async function planExport(pinned: readonly PinnedSource[], options: PlanOptions): Promise<ExportPlan> {
  const origins = new Map<Digest, Origin>()
  const known = new KnownNodes()
  const walked: WalkedRoot[] = []
  for (const one of pinned) {
    const repository = formatRepository(one.repository)
    const platforms = await platformsOf(one, options)
    const root = rootOf(one, repository, platforms)
    const nodes: GraphNode[] = []
    const given = {
      signal: options.signal,
      concurrency: options.concurrency,
      known: known.of(root),
      ...(platforms === undefined ? {} : { platforms }),
      ...(options.onVisited === undefined ? {} : { onVisited: options.onVisited }),
      ...(options.onIgnored === undefined ? {} : { onIgnored: options.onIgnored }),
    }
    for await (const node of walk(one.root, one.source, given)) {
      nodes.push(node)
      if (!origins.has(node.descriptor.digest)) origins.set(node.descriptor.digest, { source: one.source, node })
    }
    walked.push({ root, nodes })
  }
  const fetch = (descriptor: Descriptor, call: CallOptions) =>
    fetchFrom(origins.get(descriptor.digest), descriptor, call)
  const kept = new Map<Digest, Uint8Array>()
  const read = keeping(fetch, kept)
  const nodes = [...origins.values()].map(({ node }) => node)
  const links = await linksOf(nodes, { ...options, read })
  const { bytes, ...evidence } = await options.gather({ nodes, read })
  const contents = collectContents(walked, {
    ...options.claims(),
    generator: options.generator,
    links,
    held: options.held ?? [],
    ...evidence,
  })
  const unknown = contents.document.lookups.filter(
    ({ referrers, tags }) => referrers.result === 'could-not-ask' || tags.result === 'could-not-ask',
  )
  return {
    contents,
    unknown,
    fetch: (descriptor, call) => {
      const held = bytes.get(descriptor.digest) ?? kept.get(descriptor.digest)
      return held === undefined ? fetch(descriptor, call) : once(held)
    },
  }
}

// Signatures of a few thousand images. What is beyond it is fetched again when it is written.
const KEPT_BYTES = 64 * 1024 * 1024

/** Reads small content whole, and keeps it: who counts pulls is asked once. */
function keeping(fetch: ExportPlan['fetch'], kept: Map<Digest, Uint8Array>): WalkedContent['read'] {
  let size = 0
  return async (descriptor, { maxBytes, signal }) => {
    const bytes = await readAll(fetch(descriptor, { signal }), maxBytes, descriptor.digest)
    size += bytes.byteLength
    if (size <= KEPT_BYTES) kept.set(descriptor.digest, bytes)
    return bytes
  }
}

interface Origin {
  readonly source: ContentSource
  readonly node: GraphNode
}

function fetchFrom(origin: Origin | undefined, descriptor: Descriptor, call: CallOptions): Bytes {
  if (origin === undefined) throw new Error(`not in the plan: ${descriptor.digest}`)
  const { read } = origin.node
  // A manifest was read, and checked, when it was walked: a registry that counts pulls is asked once.
  return read === undefined ? reopenable(() => origin.source.fetch(descriptor, call)) : once(read.bytes)
}

function rootOf({ root, tag }: PinnedSource, repository: string, platforms: readonly Platform[] | undefined) {
  return {
    repository,
    descriptor: root,
    ...(tag === undefined ? {} : { tag }),
    ...(platforms === undefined ? {} : { platforms: [...new Set(platforms.map(formatPlatform))].sort() }),
  }
}

/**
 * Refuses a plan in which a question about signatures stayed open: "could not ask" must not become "none there".
 * @throws ERR_REFERRERS_UNKNOWN
 */
export function requireReferrers(plan: ExportPlan): void {
  const [first, ...others] = plan.unknown
  if (first === undefined) return
  const { referrers, tags } = first
  const reason =
    [referrers, tags].flatMap((answer) => (answer.result === 'could-not-ask' ? [answer.reason] : []))[0] ?? ''
  const more = others.length === 0 ? '' : `, and of ${others.length} more`
  throw new TransferError(
    'ERR_REFERRERS_UNKNOWN',
    `could not ask ${first.repository} for the referrers of ${first.subject}${more}: ${reason}`,
    { side: 'source', subject: first.subject },
  )
}
