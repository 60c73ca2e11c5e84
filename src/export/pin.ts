import { limited } from '../content/limited.js'
import type { CallOptions, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { Emit } from '../events.js'
import type { Descriptor } from '../oci/descriptor.js'
import { isManifestType } from '../oci/media-types.js'
import { formatReference, type Repository } from '../oci/reference.js'
import type { ExportSource } from './request.js'

/** A source, opened: what its root is called, and where its content comes from. */
export interface OpenedExportSource {
  readonly repository: Repository
  readonly tag?: string
  readonly source: ContentSource
  /** Asks for the root; the answer is used from then on, whatever becomes of the tag. */
  readonly root: (call: CallOptions) => Promise<Descriptor>
}

export type OpenExportSource = (source: ExportSource, call: CallOptions) => Promise<OpenedExportSource>

export interface PinnedSource {
  readonly repository: Repository
  readonly tag?: string
  readonly root: Descriptor
  readonly source: ContentSource
}

/**
 * Turns tags into digests, once: from here on nothing follows a tag that moves. The same source named twice is one.
 * @throws ERR_COLLISION where two sources would become one name at the target
 */
export async function pin(
  sources: readonly ExportSource[],
  open: OpenExportSource,
  given: CallOptions & { readonly emit: Emit; readonly concurrency: number },
): Promise<readonly PinnedSource[]> {
  const pinned = new Map<string, PinnedSource>()
  const distinct = [...new Map(sources.map((source) => [source.text, source])).values()]
  const opened = await Promise.all(distinct.map((source) => open(source, given)))
  refuseSameNames(opened)
  await limited(opened, { limit: given.concurrency, signal: given.signal }, async (one, signal) => {
    const root = await one.root({ signal })
    if (!isManifestType(root.mediaType)) throw notAnImage(one, root)
    const { repository, tag, source } = one
    const reference = formatReference({ repository, ...(tag === undefined ? { digest: root.digest } : { tag }) })
    given.emit({ type: 'pinned', reference, digest: root.digest })
    pinned.set(reference, { repository, ...(tag === undefined ? {} : { tag }), root, source })
  })
  return [...pinned].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

function refuseSameNames(opened: readonly OpenedExportSource[]): void {
  const names = new Map<string, OpenedExportSource>()
  for (const one of opened) {
    if (one.tag === undefined) continue
    const name = `${one.repository.name}:${one.tag}`
    const earlier = names.get(name)
    if (earlier !== undefined) {
      throw new TransferError(
        'ERR_COLLISION',
        `${formatReference(earlier)} and ${formatReference(one)} would both become ${name} at the target`,
        { side: 'operator', subject: name },
      )
    }
    names.set(name, one)
  }
}

function notAnImage(one: OpenedExportSource, root: Descriptor): TransferError {
  return new TransferError(
    'ERR_CONTENT_AMBIGUOUS',
    `${formatReference(one)} is ${root.mediaType}, which is neither an image nor an index`,
    { side: 'source', subject: root.digest },
  )
}
