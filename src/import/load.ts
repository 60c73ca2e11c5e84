import { bundleSource } from '../bundle/bundle-source.js'
import { limited } from '../content/limited.js'
import type { CallOptions, ContentSink, ContentSource, OpenSink } from '../content/store.js'
import type { Emit } from '../events.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { isManifestType } from '../oci/media-types.js'
import { formatReference, formatRepository, type Repository } from '../oci/reference.js'
import type { Decision, Ruling } from './decide.js'

export interface LoadOptions extends CallOptions {
  readonly open: OpenSink
  readonly emit: Emit
  /** Pushes in flight. */
  readonly concurrency: number
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

export interface Counts {
  copied: number
  present: number
  mounted: number
}

type Admitted = Extract<Ruling, { readonly kind: 'admit' }>

/**
 * Loads what was admitted: first every blob, then manifests with children before parents and subjects before referrers,
 * and tags last, when all content of all roots is there. What the target has is not sent again, so a second run, or one
 * after a failure, only does what is left. That a manifest exists proves nothing about what is below it: each is asked for.
 * @throws whatever the sink throws; ERR_CONTENT_MISMATCH where the medium changed since it was verified
 */
export async function load(decision: Decision, given: LoadOptions): Promise<LoadReport> {
  const report = { loaded: [] as LoadedName[], blobs: counts(), manifests: counts() }
  const source = bundleSource(decision.bundle)
  const work = await plan(decision, given)
  given.emit({ type: 'stage-started', stage: 'load', total: work.total })
  const placed = new Map<Digest, Repository>()
  for (const { repository, sink, nodes } of work.repositories) {
    const blobs = nodes.filter(({ mediaType }) => !isManifestType(mediaType))
    await limited(blobs, { limit: given.concurrency, signal: given.signal }, async (blob, signal) => {
      const how = await pushBlob(blob, {
        sink,
        source,
        from: placed.get(blob.digest),
        repository,
        emit: given.emit,
        signal,
      })
      report.blobs[how] += 1
      placed.set(blob.digest, repository)
    })
    // One after the other: the order is what keeps a registry from ever holding a parent without its children.
    for (const manifest of nodes.filter(({ mediaType }) => isManifestType(mediaType))) {
      report.manifests[await pushManifest(manifest, { sink, source, ...given })] += 1
    }
  }
  given.emit({ type: 'stage-ended', stage: 'load' })
  report.loaded.push(...(await tagAll(work.repositories, given)))
  return report
}

interface RepositoryWork {
  readonly repository: Repository
  readonly sink: ContentSink
  readonly nodes: readonly Descriptor[]
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
    const nodes = new Map(roots.flatMap(({ closure }) => closure.nodes).map((node) => [node.digest, node]))
    repositories.push({
      repository: first.target,
      sink: await given.open(first.target),
      nodes: [...nodes.values()],
      roots,
    })
  }
  const all = repositories.flatMap(({ nodes }) => nodes)
  return { repositories, total: { blobs: all.length, bytes: all.reduce((sum, { size }) => sum + size, 0) } }
}

interface PushOptions extends CallOptions {
  readonly sink: ContentSink
  readonly source: ContentSource
  readonly emit: Emit
}

async function pushBlob(
  blob: Descriptor,
  given: PushOptions & { readonly from: Repository | undefined; readonly repository: Repository },
): Promise<keyof Counts> {
  const { sink, source, from, emit } = given
  const how = await copyBlob(blob, { sink, source, from, given })
  emit({ type: 'blob-ended', digest: blob.digest, size: blob.size, how })
  return how
}

async function copyBlob(
  blob: Descriptor,
  {
    sink,
    source,
    from,
    given,
  }: Pick<PushOptions, 'sink' | 'source'> & { readonly from: Repository | undefined; readonly given: PushOptions },
): Promise<keyof Counts> {
  if (await sink.has(blob, given)) return 'present'
  if (from !== undefined && sink.mount !== undefined && (await sink.mount(blob, from, given))) return 'mounted'
  given.emit({ type: 'blob-started', digest: blob.digest, size: blob.size })
  await sink.push(blob, source.fetch(blob, given), given)
  return 'copied'
}

async function pushManifest(manifest: Descriptor, given: PushOptions): Promise<keyof Counts> {
  const { sink, source, emit } = given
  const present = await sink.has(manifest, given)
  if (!present) await sink.push(manifest, source.fetch(manifest, given), given)
  const how = present ? 'present' : 'copied'
  emit({ type: 'blob-ended', digest: manifest.digest, size: manifest.size, how })
  return how
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
    for (const { root, target } of work.roots) {
      if (root.tag !== undefined) await put(work, root.tag, root.descriptor)
      const { digest } = root.descriptor
      const named = (repository: string): string =>
        root.tag === undefined ? `${repository}@${digest}` : `${repository}:${root.tag}`
      loaded.push({ source: named(root.repository), target: named(formatRepository(target)), digest })
    }
  }
  given.emit({ type: 'stage-ended', stage: 'tag' })
  return loaded
}

function counts(): Counts {
  return { copied: 0, present: 0, mounted: 0 }
}
