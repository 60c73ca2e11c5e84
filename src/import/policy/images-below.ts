import { fetchAll } from '../../content/read-all.js'
import type { ContentSource } from '../../content/store.js'
import { hasCode } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { bare, type Descriptor } from '../../oci/descriptor.js'
import { type Manifest, parseManifest } from '../../oci/manifest.js'
import { isIndexType } from '../../oci/media-types.js'
import { formatPlatform } from '../../oci/platform.js'
import type { SignerContext } from './accepted.js'

/** What documents have to hang on. */
export interface PolicySubject {
  readonly descriptor: Descriptor
  /** `linux/amd64`, of an image below an index that says so */
  readonly platform?: string
}

export interface ImagesOptions {
  readonly source: ContentSource
  readonly context: SignerContext
}

/** The images of an index that the bundle has, at any depth; of an image the image itself. Each digest once. */
export async function imagesBelow(root: Descriptor, given: ImagesOptions): Promise<readonly PolicySubject[]> {
  const images = new Map<string, PolicySubject>()
  const seen = new Set<string>()
  const enter = async (descriptor: Descriptor): Promise<void> => {
    if (seen.has(descriptor.digest)) return
    seen.add(descriptor.digest)
    if (!isIndexType(descriptor.mediaType)) {
      images.set(descriptor.digest, subjectOf(descriptor))
      return
    }
    for (const below of (await readIndex(descriptor, given)) ?? []) if (!isAttestation(below)) await enter(below)
  }
  await enter(root)
  return [...images.values()]
}

function subjectOf({ platform, ...descriptor }: Descriptor): PolicySubject {
  return { descriptor: bare(descriptor), ...(platform === undefined ? {} : { platform: formatPlatform(platform) }) }
}

/** Those of its manifests that are in the bundle: the closure check has found that what is not was left out by name. */
async function readIndex(descriptor: Descriptor, given: ImagesOptions): Promise<readonly Descriptor[] | undefined> {
  const call = { signal: given.context.signal, maxBytes: LIMITS.manifestBytes }
  const bytes = await fetchAll(given.source, descriptor, call)
  const manifest: Manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest)
  if (manifest.kind !== 'index') return undefined
  const present: Descriptor[] = []
  for (const below of manifest.manifests) if (await isPresent(below, given)) present.push(below)
  return present
}

async function isPresent({ digest }: Descriptor, { source, context }: ImagesOptions): Promise<boolean> {
  try {
    await source.resolve({ kind: 'digest', digest }, context)
    return true
  } catch (cause) {
    if (!hasCode(cause, 'ERR_BUNDLE_INCOMPLETE')) throw cause
    return false
  }
}

/** BuildKit puts what it states about an image beside it in the index: no image, and nothing to run. */
function isAttestation({ annotations, platform }: Descriptor): boolean {
  return (
    annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' &&
    platform?.os === 'unknown' &&
    platform.architecture === 'unknown'
  )
}
