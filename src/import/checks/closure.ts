import { heldBy } from '../../bundle/base.js'
import { bundleSource } from '../../bundle/bundle-source.js'
import { collectContents, type WalkedRoot } from '../../bundle/contents.js'
import type { BundleDocument, RecordedLookup } from '../../bundle/document.js'
import { type InventoryLine, isCarried } from '../../bundle/inventory.js'
import { linksOf } from '../../bundle/links.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { walk } from '../../content/graph.js'
import { KnownNodes } from '../../content/known-nodes.js'
import type { GraphNode } from '../../content/node.js'
import { fetchAll } from '../../content/read-all.js'
import type { CallOptions } from '../../content/store.js'
import { wavesOf } from '../../content/waves.js'
import { canonicalJson } from '../../encoding/canonical-json.js'
import { TransferError } from '../../errors.js'
import { bare, type Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { artifactTypeOf } from '../../oci/manifest.js'
import { parsePlatform } from '../../oci/platform.js'
import { claimedSources } from '../claimed-source.js'
import type { Check, ManifestFacts, RootClosure } from '../verification.js'
import { checkEvidence } from './evidence.js'

export interface ClosureFindings {
  readonly checks: readonly Check[]
  readonly closures: readonly RootClosure[]
}

// Everything is read from one file: more questions at a time would only seek more.
const CONCURRENCY = 4

/**
 * Walks every root again, in the bundle alone, and plans a bundle from what is found: its document and inventory must be
 * the ones that are carried. So a signature, an SBOM or a platform that was dropped shows, and so does anything that
 * was put in beside what the document names. What the exporter left out is in the document, and must be left out. Which
 * evidence there is only the document says: it is taken from there, and has to be all that is here.
 */
export async function checkClosure(bundle: OpenedBundle, call: CallOptions): Promise<ClosureFindings> {
  const subject = bundle.waybill.descriptor.digest
  try {
    const walked = await walkAll(bundle, call)
    const links = await linksIn(bundle, walked, call)
    const again = collectContents(walked, {
      ...bundle.document,
      links,
      held: heldBy(bundle.document, bundle.inventory),
    })
    compareInventories(
      bundle,
      again.inventory.map(({ digest }) => digest),
    )
    refuseLeftOut(bundle.inventory, again.inventory)
    if (claims(bundle.document) !== claims(again.document) || !sameLines(bundle.inventory, again.inventory)) {
      throw incomplete('the document does not describe the content that is here', subject)
    }
    await checkEvidence(bundle, call)
    const nodes = walked.reduce((sum, one) => sum + one.nodes.length, 0)
    const detail = `roots: ${walked.length}, nodes: ${nodes}; ${whereAllIs(bundle.document)}, and nothing else`
    return { checks: [{ name: 'closure', subject, result: 'pass', detail }], closures: closuresOf(walked) }
  } catch (cause) {
    call.signal.throwIfAborted()
    if (!(cause instanceof TransferError) || cause.code === 'ERR_MEDIUM') throw cause
    const code = cause.code === 'ERR_NOT_FOUND' ? 'ERR_BUNDLE_INCOMPLETE' : cause.code
    return {
      checks: [{ name: 'closure', subject: cause.subject ?? subject, result: 'fail', detail: cause.message, code }],
      closures: [],
    }
  }
}

async function walkAll(bundle: OpenedBundle, call: CallOptions): Promise<WalkedRoot[]> {
  const sourceOf = claimedSources(bundle)
  const known = new KnownNodes()
  const walked: WalkedRoot[] = []
  for (const root of bundle.document.roots) {
    const platforms = root.platforms?.map(parsePlatform)
    const options = {
      ...call,
      concurrency: CONCURRENCY,
      known: known.of(root),
      ...(platforms === undefined ? {} : { platforms }),
    }
    const nodes: GraphNode[] = []
    for await (const node of walk(root.descriptor, sourceOf(root.repository), options)) nodes.push(node)
    walked.push({ root, nodes })
  }
  return walked
}

/** Read again from the signatures themselves: a link that was left out would leave a signature unheard. */
async function linksIn(bundle: OpenedBundle, walked: readonly WalkedRoot[], call: CallOptions) {
  const source = bundleSource(bundle)
  return await linksOf(
    walked.flatMap(({ nodes }) => nodes),
    { ...call, concurrency: CONCURRENCY, read: (descriptor, given) => fetchAll(source, descriptor, given) },
  )
}

function compareInventories(bundle: OpenedBundle, found: readonly Digest[]): void {
  const listed = new Set<string>(bundle.inventory.map(({ digest }) => digest))
  const needed = new Set<string>(found)
  const missing = found.filter((digest) => !listed.has(digest))
  const unused = bundle.inventory.filter(({ digest }) => !needed.has(digest)).map(({ digest }) => digest)
  if (missing[0] !== undefined)
    throw incomplete(`${missing.length} blobs are promised, but not here: ${some(missing)}`, missing[0])
  if (unused[0] !== undefined)
    throw incomplete(`${unused.length} blobs are here, but belong to nothing: ${some(unused)}`, unused[0])
}

/** Of an incremental bundle: what a verifier may have to read is never left to the target. */
function refuseLeftOut(carried: readonly InventoryLine[], planned: readonly InventoryLine[]): void {
  const wrong = carried.find((line, at) => !isCarried(line) && planned[at]?.here !== undefined)
  if (wrong === undefined) return
  throw incomplete(`${wrong.digest} has to be read to verify the bundle, and is left out of it`, wrong.digest)
}

function whereAllIs({ totals: { expected } }: BundleDocument): string {
  if (expected === undefined) return 'all that is promised is here'
  return `all that is promised is here, but for ${expected.blobs} blobs that are expected at the target`
}

function sameLines(carried: readonly InventoryLine[], planned: readonly InventoryLine[]): boolean {
  return (
    carried.length === planned.length &&
    carried.every((line, at) => {
      const other = planned[at]
      return (
        line.digest === other?.digest &&
        line.size === other.size &&
        line.mediaType === other.mediaType &&
        line.base === other.base &&
        line.role === other.role
      )
    })
  )
}

function some(digests: readonly string[]): string {
  return `${digests.slice(0, 5).join(', ')}${digests.length > 5 ? ', …' : ''}`
}

/** Reasons are words for people; everything else that the document claims about content is compared. */
function claims(document: BundleDocument): string {
  const answer = <T extends { readonly result: string }>(given: T) =>
    given.result === 'could-not-ask' ? { result: 'could-not-ask' } : given
  const lookups = document.lookups.map((lookup: RecordedLookup) => ({
    ...lookup,
    referrers: answer(lookup.referrers),
    tags: answer(lookup.tags),
  }))
  return canonicalJson({ ...document, lookups })
}

function closuresOf(walked: readonly WalkedRoot[]): RootClosure[] {
  const waves = wavesOf(walked.flatMap(({ nodes }) => nodes))
  return walked.map(({ root, nodes }) => {
    const tags = nodes.flatMap(({ read }) => read?.lookup.tagged ?? [])
    const order: readonly Descriptor[] = nodes.map(({ descriptor }) => descriptor)
    return { root, nodes: order, waves, tags, manifests: manifestsOf(nodes) }
  })
}

// Roots of one repository have their nodes in common: what is kept of one is kept once.
const facts = new WeakMap<GraphNode, ManifestFacts>()

function manifestsOf(nodes: readonly GraphNode[]): ReadonlyMap<Digest, ManifestFacts> {
  const manifests = new Map<Digest, ManifestFacts>()
  for (const node of nodes) {
    if (node.read === undefined) continue
    const known = facts.get(node) ?? factsOf(node, node.read)
    facts.set(node, known)
    manifests.set(node.descriptor.digest, known)
  }
  return manifests
}

function factsOf({ children, omissions }: GraphNode, read: NonNullable<GraphNode['read']>): ManifestFacts {
  const artifactType = artifactTypeOf(read.manifest)
  const { kind } = read.manifest
  return {
    kind,
    ...(artifactType === undefined ? {} : { artifactType }),
    children: children.map(placed),
    omissions,
    lookup: read.lookup,
  }
}

/** Annotations are words of whoever made them, and many: nothing needs them any more. */
function placed(child: Descriptor): Descriptor {
  const { platform } = child
  return platform === undefined ? bare(child) : { ...bare(child), platform }
}

function incomplete(message: string, subject: string): TransferError {
  return new TransferError('ERR_BUNDLE_INCOMPLETE', message, { side: 'medium', subject })
}
