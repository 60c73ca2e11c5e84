import type { Root } from '../../bundle/document.js'
import { limited } from '../../content/limited.js'
import { fetchAll } from '../../content/read-all.js'
import type { CallOptions, ContentSource } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { Digest } from '../../oci/digest.js'
import { parseManifest } from '../../oci/manifest.js'
import { formatPlatform } from '../../oci/platform.js'
import { parseReference, type Repository } from '../../oci/reference.js'
import type { Look, RootChange } from './look.js'

/** What a name that is going to move means at the target before. */
export interface FormerContent {
  /** of an index: its images, as it calls them; empty for anything else, and for what could not be read */
  readonly platforms: readonly { readonly platform: string; readonly digest: Digest; readonly size: number }[]
}

export interface FormerOptions extends CallOptions {
  readonly open: (repository: Repository) => Promise<ContentSource>
  /** questions in flight */
  readonly concurrency: number
}

/**
 * Reads what moved names of a look mean now, one manifest each, for people who review an import: which platforms would no
 * longer be there. It decides nothing, so what cannot be read is left out.
 */
export async function formerContents(look: Look, given: FormerOptions): Promise<ReadonlyMap<Root, FormerContent>> {
  const found = new Map<Root, FormerContent>()
  const moved = look.roots.filter(({ change, was }) => change === 'moved' && was !== 'unreadable')
  const { concurrency: limit, signal } = given
  await limited(moved, { limit, signal }, async (change, stop) => {
    const content = await formerContent(change, { ...given, signal: stop })
    if (content !== undefined) found.set(change.root, content)
  })
  return found
}

/** Of one index; whoever wrote it is not known here. */
const MOST_PLATFORMS = 1_000

async function formerContent(
  { target, was }: RootChange,
  { open, signal }: FormerOptions,
): Promise<FormerContent | undefined> {
  if (was === undefined || was === 'unreadable') return undefined
  try {
    const source = await open(parseReference(target).repository)
    const descriptor = await source.resolve({ kind: 'digest', digest: was }, { signal })
    const bytes = await fetchAll(source, descriptor, { signal, maxBytes: LIMITS.manifestBytes })
    const manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest)
    if (manifest.kind !== 'index') return { platforms: [] }
    return {
      platforms: manifest.manifests
        .slice(0, MOST_PLATFORMS)
        .flatMap(({ platform, digest, size }) =>
          platform === undefined || platform.os === 'unknown'
            ? []
            : [{ platform: formatPlatform(platform), digest, size }],
        ),
    }
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof TransferError)) throw cause
    return undefined
  }
}
