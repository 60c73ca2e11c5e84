import { fetchAll } from '../../content/read-all.js'
import type { CallOptions, ContentSink, ContentSource } from '../../content/store.js'
import { type WatchOptions, watched } from '../../content/watched.js'
import { hasCode, TransferError } from '../../errors.js'
import type { Emit } from '../../events.js'
import { LIMITS } from '../../limits.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { parseManifest } from '../../oci/manifest.js'
import type { Repository } from '../../oci/reference.js'
import { type BasePlace, vanished } from './base.js'

export interface Counts {
  copied: number
  present: number
  mounted: number
}

export interface PushOptions extends CallOptions {
  readonly sink: ContentSink
  readonly source: ContentSource
  readonly emit: Emit
  /** holds bytes back while somebody has paused the work */
  readonly ready?: WatchOptions['ready']
}

export interface PushBlobOptions extends PushOptions {
  /** a sister repository that has it */
  readonly from: Repository | undefined
  /** where the target has what the bundle does not carry */
  readonly base?: BasePlace | undefined
}

/** Puts a blob where it is not yet, taking it from a sister repository where one has it. */
export async function pushBlob(blob: Descriptor, given: PushBlobOptions): Promise<keyof Counts> {
  const { base } = given
  const how =
    base === undefined
      ? await copyBlob(blob, given)
      : // A registry that mounts nothing is read, and sent what it has.
        await copyBlob(blob, { ...given, source: base.source, from: given.from ?? base.repository }).catch(
          vanished(blob),
        )
  given.emit({ type: 'blob-ended', digest: blob.digest, size: blob.size, how })
  return how
}

async function copyBlob(blob: Descriptor, given: PushBlobOptions): Promise<keyof Counts> {
  const { sink, source, from, emit } = given
  const call = { signal: given.signal }
  if (await sink.has(blob, call)) return 'present'
  if (from !== undefined && sink.mount !== undefined && (await sink.mount(blob, from, call))) return 'mounted'
  const { digest, size } = blob
  const bytes = watched(source.fetch(blob, call), {
    ...call,
    ready: given.ready,
    started: () => emit({ type: 'blob-started', digest, size }),
    moved: (count) => emit({ type: 'blob-progress', digest, bytes: count }),
  })
  await sink.push(blob, bytes, call)
  return 'copied'
}

/** Puts a manifest where it is not yet, and a referrer where its subject may not list it yet. */
export async function pushManifest(manifest: Descriptor, given: PushOptions): Promise<keyof Counts> {
  const { sink, source, emit } = given
  const present = await sink.has(manifest, given)
  // That a referrer is there does not mean that its subject lists it: an earlier run may have ended between the two, and
  // the signature would never be found again. Pushing it once more changes nothing but that.
  if (!present || (await isReferrer(manifest, given))) await sink.push(manifest, source.fetch(manifest, given), given)
  const how = present ? 'present' : 'copied'
  emit({ type: 'blob-ended', digest: manifest.digest, size: manifest.size, how })
  return how
}

/** Many registries refuse an index of which they do not have every platform, and do not say that this is the reason. */
export function explained({ digest }: Descriptor, sparse: ReadonlySet<Digest>): (cause: unknown) => never {
  return (cause) => {
    if (!hasCode(cause, 'ERR_REGISTRY_PROTOCOL') || !sparse.has(digest)) throw cause
    const message = `the target refuses ${digest}, of which the bundle does not have everything: ${cause.message}`
    throw new TransferError('ERR_INDEX_REFUSED', message, { cause, side: 'sink', subject: digest })
  }
}

async function isReferrer(manifest: Descriptor, given: PushOptions): Promise<boolean> {
  const bytes = await fetchAll(given.source, manifest, { signal: given.signal, maxBytes: LIMITS.manifestBytes })
  return parseManifest(bytes, manifest.mediaType, manifest.digest).subject !== undefined
}
