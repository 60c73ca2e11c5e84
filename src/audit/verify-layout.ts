import type { ImageLayout } from '../content/image-layout.js'
import { notarySignatures } from '../content/notary-signatures.js'
import { readAll } from '../content/read-all.js'
import type { CallOptions } from '../content/store.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { parseManifest } from '../oci/manifest.js'
import { isManifestType } from '../oci/media-types.js'
import type { VerificationContext } from '../trust/notary/context.js'
import type { ArtifactOutcome } from '../trust/notary/verify-artifact.js'
import { verifyInRepository } from '../trust/notary/verify-in-repository.js'
import type { TrustPolicy } from '../trust/policy/trust-policy.js'

/** An artifact of a layout, and what the policy makes of it. */
export interface NamedOutcome extends ArtifactOutcome {
  readonly name: string
}

export interface LayoutOptions extends CallOptions {
  readonly policy: TrustPolicy
  readonly context: Omit<VerificationContext, 'statement'>
  /** the repository that stands for an entry, `HOST/NAME`: a layout itself has none */
  readonly scopeOf: (name: string | undefined) => string
  /** only the entry of this name */
  readonly name?: string
}

/**
 * Holds what an image layout lists against a trust policy: the entry that is named, else every entry that is not itself
 * hung on another one. The content below is not read: `digest` is what is vouched for.
 * @throws ERR_NOT_FOUND where there is nothing to verify, and what reading the layout throws
 */
export async function verifyLayout(layout: ImageLayout, options: LayoutOptions): Promise<readonly NamedOutcome[]> {
  const roots = await rootsOf(layout, options)
  if (roots.length === 0)
    throw new TransferError('ERR_NOT_FOUND', 'the layout lists no artifact that could be verified')
  const outcomes: NamedOutcome[] = []
  for (const { descriptor, name } of roots) {
    const target = bare(descriptor)
    const scope = options.scopeOf(name)
    const signatures = await notarySignatures(layout.source, target, options)
    const outcome = await verifyInRepository(
      { target, names: { source: scope }, signatures },
      { ...options.context, policy: options.policy },
    )
    outcomes.push({ name: name ?? target.digest, ...outcome })
  }
  return outcomes
}

interface NamedDescriptor {
  readonly descriptor: Descriptor
  readonly name?: string
}

async function rootsOf(layout: ImageLayout, options: LayoutOptions): Promise<readonly NamedDescriptor[]> {
  if (options.name !== undefined) return [await layout.resolveRoot(options.name, options)]
  const roots = new Map<string, NamedDescriptor>()
  for (const descriptor of layout.entries) {
    const name = descriptor.annotations?.['org.opencontainers.image.ref.name']
    if (isReferrersTag(name) || !isManifestType(descriptor.mediaType)) continue
    if (await hangsOnAnother(layout, descriptor, options)) continue
    roots.set(`${descriptor.digest} ${name ?? ''}`, { descriptor, ...(name === undefined ? {} : { name }) })
  }
  // The same artifact, with and without a name, is one.
  const named = new Set(
    [...roots.values()].filter(({ name }) => name !== undefined).map(({ descriptor }) => descriptor.digest),
  )
  return [...roots.values()].filter(({ descriptor, name }) => name !== undefined || !named.has(descriptor.digest))
}

/** The tags under which registries without a Referrers API keep what hangs on a digest, and cosign's own. */
function isReferrersTag(name: string | undefined): boolean {
  return name !== undefined && /^sha(?:256|512)-[0-9a-f]{64,128}(?:\.(?:sig|att|sbom))?$/.test(name)
}

async function hangsOnAnother(layout: ImageLayout, descriptor: Descriptor, call: CallOptions): Promise<boolean> {
  const bytes = await readAll(layout.source.fetch(bare(descriptor), call), LIMITS.manifestBytes, descriptor.digest)
  return parseManifest(bytes, descriptor.mediaType, descriptor.digest).subject !== undefined
}
