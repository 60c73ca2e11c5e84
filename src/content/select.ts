import { TransferError } from '../errors.js'
import type { Descriptor, Platform } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { childrenOf, type Manifest } from '../oci/manifest.js'
import { isNonDistributable } from '../oci/media-types.js'
import { formatPlatform, matchesPlatform } from '../oci/platform.js'
import type { GraphNode, Omission } from './node.js'

/** What of a manifest's children is taken, and what is left out and why. */
export interface Selection {
  readonly children: readonly Descriptor[]
  readonly omissions: readonly Omission[]
}

// Docker's build kit hangs attestations into the index as manifests "for" a platform manifest.
const REFERENCE_DIGEST = 'vnd.docker.reference.digest'

/**
 * Selects the children to carry. Of an index, the platforms that were asked for, entries that name no platform, and the
 * attestations about what is kept; of an image, everything but layers that may not be distributed.
 */
export function selectChildren(
  manifest: Manifest,
  parent: Digest,
  platforms: readonly Platform[] | undefined,
): Selection {
  if (manifest.kind === 'image') return selectLayers(manifest, parent)
  if (platforms === undefined) return { children: manifest.manifests, omissions: [] }
  const wanted = manifest.manifests.filter((child) => isWanted(child, platforms))
  const kept = new Set<string>(wanted.map((child) => child.digest))
  const children = manifest.manifests.filter((child) => kept.has(child.digest) || kept.has(aboutOf(child)))
  const omissions = manifest.manifests
    .filter((child) => !children.includes(child))
    .map((descriptor): Omission => {
      const { platform } = descriptor
      return { descriptor, parent, reason: 'platform', ...(platform === undefined ? {} : { platform }) }
    })
  return { children, omissions }
}

function selectLayers(manifest: Manifest, parent: Digest): Selection {
  const all = childrenOf(manifest)
  return {
    children: all.filter((child) => !isNonDistributable(child.mediaType)),
    omissions: all
      .filter((child) => isNonDistributable(child.mediaType))
      .map((descriptor): Omission => ({ descriptor, parent, reason: 'non-distributable' })),
  }
}

function isWanted(child: Descriptor, platforms: readonly Platform[]): boolean {
  if (child.annotations?.[REFERENCE_DIGEST] !== undefined) return false
  const { platform } = child
  return platform === undefined || platforms.some((wish) => matchesPlatform(wish, platform))
}

function aboutOf(child: Descriptor): string {
  return child.annotations?.[REFERENCE_DIGEST] ?? ''
}

/**
 * Refuses a filter that leaves nothing of what was asked for. An index that another one contains, or that hangs on an
 * image, may well have none of the platforms: then it is there, and what it lists is omitted.
 * @throws ERR_NOT_FOUND
 */
export function requirePlatform(root: Digest, nodes: readonly GraphNode[], platforms: readonly Platform[]): void {
  const left = nodes.flatMap(({ omissions }) => omissions.filter(({ reason }) => reason === 'platform'))
  const kept = nodes.some(({ role, children }) => role === 'index' && children.some(({ platform }) => platform))
  if (left.length === 0 || kept) return
  const there = new Set(left.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)])))
  const asked = platforms.map(formatPlatform).join(', ')
  throw new TransferError('ERR_NOT_FOUND', `${root} has no image for ${asked}; it has ${[...there].join(', ')}`, {
    side: 'source',
    subject: root,
  })
}
