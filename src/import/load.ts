import { bundleSource } from '../bundle/bundle-source.js'
import { rootName } from '../bundle/document.js'
import { limited } from '../content/limited.js'
import type { CallOptions, ContentSink, OpenSink } from '../content/store.js'
import type { Emit } from '../events.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { isManifestType } from '../oci/media-types.js'
import { formatReference, formatRepository, type Repository } from '../oci/reference.js'
import type { Decision, Ruling } from './decide.js'
import { type Counts, explained, pushBlob, pushManifest } from './push.js'
import type { RootClosure } from './verification.js'

export interface LoadOptions extends CallOptions {
  readonly open: OpenSink
  readonly emit: Emit
  /** Pushes in flight. */
  readonly concurrency: number
  /** Called for each root at each target when all content is there and nothing has a name: who sees the name sees its work. */
  readonly signRoot?: (root: Descriptor, target: Repository, call: CallOptions) => Promise<void>
  /** Called once after that: from then on names are set. */
  readonly beforeNaming?: () => Promise<void>
}

export interface LoadedName {
  readonly source: string
  readonly target: string
  readonly digest: Digest
}

export interface LoadReport {
  readonly loaded: readonly LoadedName[]
  readonly blobs: Counts
  readonly manifests: Counts
}

type Admitted = Extract<Ruling, { readonly kind: 'admit' }>

/**
 * Loads what was admitted: first every blob, then manifests with children before parents and subjects before referrers,
 * and tags last, when all content of all roots is there, signed, and remembered. What the target has is not sent again, but for small manifests of
 * referrers, so a second run, or one after a failure, only does what is left. That a manifest exists proves nothing about
 * what is below it, nor that it can be found from its subject: each is asked for.
 * @throws whatever the sink throws; ERR_CONTENT_MISMATCH where the medium changed since it was verified
 */
export async function load(decision: Decision, given: LoadOptions): Promise<LoadReport> {
  const report = { loaded: [] as LoadedName[], blobs: counts(), manifests: counts() }
  const source = bundleSource(decision.bundle)
  const work = await plan(decision, given)
  given.emit({ type: 'stage-started', stage: 'load', total: work.total })
  const placed = new Map<Digest, Repository>()
  const sparse = new Set(decision.bundle.document.omissions.map(({ parent }) => parent))
  for (const { repository, sink, waves } of work.repositories) {
    // One wave after the other: that is what keeps a registry from ever holding a parent without its children.
    for (const wave of waves) {
      await limited(wave, { limit: given.concurrency, signal: given.signal }, async (node, signal) => {
        const push = { sink, source, emit: given.emit, signal }
        if (isManifestType(node.mediaType)) {
          report.manifests[await pushManifest(node, push).catch(explained(node, sparse))] += 1
        } else {
          const how = await pushBlob(node, { ...push, from: placed.get(node.digest) })
          report.blobs[how] += 1
          placed.set(node.digest, repository)
        }
      })
    }
  }
  await signRoots(work.repositories, given)
  await given.beforeNaming?.()
  given.emit({ type: 'stage-ended', stage: 'load' })
  report.loaded.push(...(await tagAll(work.repositories, given)))
  return report
}

interface RepositoryWork {
  readonly repository: Repository
  readonly sink: ContentSink
  /** What needs only what is in earlier ones. */
  readonly waves: readonly (readonly Descriptor[])[]
  readonly roots: readonly Admitted[]
}

async function plan(decision: Decision, given: LoadOptions) {
  const byTarget = new Map<string, Admitted[]>()
  for (const ruling of decision.rulings) {
    if (ruling.kind !== 'admit') continue
    const name = formatRepository(ruling.target)
    byTarget.set(name, [...(byTarget.get(name) ?? []), ruling])
  }
  const repositories: RepositoryWork[] = []
  for (const roots of byTarget.values()) {
    const [first] = roots
    if (first === undefined) continue
    repositories.push({
      repository: first.target,
      sink: await given.open(first.target),
      waves: inWaves(roots.map(({ closure }) => closure)),
      roots,
    })
  }
  const all = repositories.flatMap(({ waves }) => waves.flat())
  return { repositories, total: { blobs: all.length, bytes: all.reduce((sum, { size }) => sum + size, 0) } }
}

function inWaves(closures: readonly RootClosure[]): Descriptor[][] {
  const waves: Descriptor[][] = []
  const seen = new Set<Digest>()
  for (const { nodes, waves: waveOf } of closures) {
    for (const node of nodes) {
      if (seen.has(node.digest)) continue
      seen.add(node.digest)
      const at = waveOf.get(node.digest) ?? 0
      while (waves.length <= at) waves.push([])
      waves[at]?.push(node)
    }
  }
  return waves
}

async function signRoots(repositories: readonly RepositoryWork[], given: LoadOptions): Promise<void> {
  const { signRoot, concurrency, signal } = given
  if (signRoot === undefined) return
  const all = repositories.flatMap(({ repository, roots }) => {
    const distinct = new Map(roots.map(({ root }) => [root.descriptor.digest, root.descriptor]))
    return [...distinct.values()].map((root) => ({ root, repository }))
  })
  await limited(all, { limit: concurrency, signal }, async ({ root, repository }, stop) => {
    await signRoot(root, repository, { signal: stop })
  })
}

async function tagAll(repositories: readonly RepositoryWork[], given: LoadOptions): Promise<LoadedName[]> {
  const loaded: LoadedName[] = []
  given.emit({ type: 'stage-started', stage: 'tag' })
  const put = async (work: RepositoryWork, tag: string, descriptor: Descriptor): Promise<void> => {
    await work.sink.tag(descriptor, tag, given)
    given.emit({
      type: 'tagged',
      reference: formatReference({ repository: work.repository, tag }),
      digest: descriptor.digest,
    })
  }
  // What hangs on an image is named before the image is: who sees the tag sees its signatures.
  for (const work of repositories) {
    for (const { tag, descriptor } of work.roots.flatMap(({ closure }) => closure.tags))
      await put(work, tag, descriptor)
  }
  for (const work of repositories) {
    for (const { root, target, tag } of work.roots) {
      if (tag !== undefined) await put(work, tag, root.descriptor)
      const { digest } = root.descriptor
      const name = formatRepository(target)
      loaded.push({
        source: rootName(root),
        target: tag === undefined ? `${name}@${digest}` : `${name}:${tag}`,
        digest,
      })
    }
  }
  given.emit({ type: 'stage-ended', stage: 'tag' })
  return loaded
}

function counts(): Counts {
  return { copied: 0, present: 0, mounted: 0 }
}
