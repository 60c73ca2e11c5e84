import { bundleSource } from '../../bundle/bundle-source.js'
import { limited } from '../../content/limited.js'
import type { CallOptions, ContentSink, OpenSink } from '../../content/store.js'
import { unlessStopped, type WatchOptions } from '../../content/watched.js'
import type { Emit } from '../../events.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { isManifestType } from '../../oci/media-types.js'
import { formatReference, formatRepository, type Repository } from '../../oci/reference.js'
import type { Decision } from '../decide.js'
import type { RootAtTarget } from '../journal/entries.js'
import type { RootClosure } from '../verification.js'
import type { BaseFindings } from './base.js'
import { type Admitted, admittedIn, type NameAtTarget, namesAtTarget, rootsAtTarget } from './names-at-target.js'
import { type Counts, explained, pushBlob, pushManifest } from './push.js'

export interface LoadOptions extends CallOptions {
  readonly open: OpenSink
  readonly emit: Emit
  /** Pushes in flight. */
  readonly concurrency: number
  /** Where the target has what the bundle does not carry. */
  readonly base?: BaseFindings['places'] | undefined
  /** Called for each root at each target when all content is there and nothing has a name: who sees the name sees its work. */
  readonly signRoot?: ((root: Descriptor, target: Repository, call: CallOptions) => Promise<void>) | undefined
  readonly steps?: LoadSteps
  /** Awaited before each item, and between the pieces of what is read: resolves at once but while the work is paused. */
  readonly ready?: WatchOptions['ready']
  /** All content is known to be at the target: none of it is asked for. */
  readonly contentThere?: boolean
}

/** What is to happen in between; a load waits for each. */
export interface LoadSteps {
  /** A repository has all of its content. */
  content(repository: Repository): Promise<void>
  /** All content is there and signed: called once, before the first name. Says which names are to be set. */
  naming(names: readonly NameAtTarget[]): Promise<readonly NameAtTarget[]>
  /** Called before each name; a name is not set where it throws. */
  name(): void
  /** All names are set. */
  named(): Promise<void>
}

export interface LoadReport {
  readonly loaded: readonly RootAtTarget[]
  readonly blobs: Counts
  readonly manifests: Counts
}

/**
 * Loads what was admitted: first every blob, then manifests with children before parents and subjects before referrers,
 * and tags last, when all content of all roots is there, signed, and remembered. What the target has is not sent again, but for small manifests of
 * referrers, so a second run, or one after a failure, only does what is left. That a manifest exists proves nothing about
 * what is below it, nor that it can be found from its subject: each is asked for.
 * @throws whatever the sink throws; ERR_CONTENT_MISMATCH where the medium changed since it was verified
 */
export async function load(decision: Decision, given: LoadOptions): Promise<LoadReport> {
  const report = { blobs: counts(), manifests: counts() }
  const source = bundleSource(decision.bundle)
  const names = namesAtTarget(decision)
  const work = await plan(decision, given)
  given.emit({ type: 'stage-started', stage: 'load', total: work.total })
  const placed = new Map<Digest, Repository>()
  const sparse = new Set(decision.bundle.document.omissions.map(({ parent }) => parent))
  for (const { repository, sink, waves } of work.repositories) {
    // One wave after the other: that is what keeps a registry from ever holding a parent without its children.
    for (const wave of waves) {
      await limited(wave, { limit: given.concurrency, signal: given.signal }, async (node, signal) => {
        const { ready } = given
        if (ready !== undefined) await unlessStopped(ready, signal)
        const push = { sink, source, emit: given.emit, signal, ready }
        if (isManifestType(node.mediaType)) {
          report.manifests[await pushManifest(node, push).catch(explained(node, sparse))] += 1
        } else {
          const base = given.base?.get(node.digest)
          const how = await pushBlob(node, { ...push, from: placed.get(node.digest), base })
          report.blobs[how] += 1
          placed.set(node.digest, repository)
        }
      })
    }
    await given.steps?.content(repository)
  }
  await signRoots(work.repositories, given)
  const toSet = (await given.steps?.naming(names)) ?? names
  given.emit({ type: 'stage-ended', stage: 'load' })
  await tagAll(toSet, work.repositories, given)
  await given.steps?.named()
  const loaded = rootsAtTarget(decision)
  return { ...report, loaded }
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
  for (const ruling of admittedIn(decision)) {
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
      waves: given.contentThere === true ? [] : inWaves(roots.map(({ closure }) => closure)),
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

/** In one short phase. What hangs on images is named before they are: who sees an image's tag sees its signatures. */
async function tagAll(
  names: readonly NameAtTarget[],
  repositories: readonly RepositoryWork[],
  given: LoadOptions,
): Promise<void> {
  const works = new Map(repositories.map((work) => [work.repository.name, work]))
  given.emit({ type: 'stage-started', stage: 'tag' })
  for (const roots of [false, true]) {
    const part = names.filter(({ root }) => root === roots)
    await limited(part, { limit: given.concurrency, signal: given.signal }, async (name, signal) => {
      const work = works.get(name.repository)
      if (work === undefined) throw new Error(`no such repository: ${name.repository}`)
      const { repository, sink } = work
      given.steps?.name()
      await sink.tag(name.descriptor, name.tag, { signal })
      const { tag, descriptor } = name
      given.emit({ type: 'tagged', reference: formatReference({ repository, tag }), digest: descriptor.digest })
    })
  }
  given.emit({ type: 'stage-ended', stage: 'tag' })
}

function counts(): Counts {
  return { copied: 0, present: 0, mounted: 0 }
}
