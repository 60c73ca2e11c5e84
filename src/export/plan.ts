import { collectContents, type WalkedRoot } from '../bundle/contents.js'
import type { RecordedLookup } from '../bundle/document.js'
import type { BundleContents } from '../bundle/seal.js'
import { walk } from '../content/graph.js'
import { KnownNodes } from '../content/known-nodes.js'
import type { GraphNode } from '../content/node.js'
import { once, reopenable } from '../content/reopenable.js'
import type { Bytes, CallOptions, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { Descriptor, Platform } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { formatPlatform } from '../oci/platform.js'
import { formatRepository } from '../oci/reference.js'
import type { PinnedSource } from './pin.js'
import { platformsOf } from './platforms.js'

export interface PlanOptions extends CallOptions {
  readonly platforms?: readonly Platform[]
  readonly concurrency: number
  /** RFC 3339, UTC, whole seconds */
  readonly createdAt: string
  readonly generator: string
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
 * Walks every root and plans the bundle. Fetches manifests, and no other content.
 * @throws whatever `walk` throws, ERR_COLLISION
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
      ...(options.onIgnored === undefined ? {} : { onIgnored: options.onIgnored }),
    }
    for await (const node of walk(one.root, one.source, given)) {
      nodes.push(node)
      if (!origins.has(node.descriptor.digest)) origins.set(node.descriptor.digest, { source: one.source, node })
    }
    walked.push({ root, nodes })
  }
  const contents = collectContents(walked, { createdAt: options.createdAt, generator: options.generator })
  const unknown = contents.document.lookups.filter(
    ({ referrers, tags }) => referrers.result === 'could-not-ask' || tags.result === 'could-not-ask',
  )
  return { contents, unknown, fetch: (descriptor, call) => fetchFrom(origins.get(descriptor.digest), descriptor, call) }
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
