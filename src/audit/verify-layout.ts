import type { ImageLayout } from '../content/image-layout.js'
import { namesOf } from '../content/layout-index.js'
import { notarySignatures } from '../content/notary-signatures.js'
import { fetchAll } from '../content/read-all.js'
import type { CallOptions } from '../content/store.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { parseDescriptor, parseManifest } from '../oci/manifest.js'
import { isManifestType } from '../oci/media-types.js'
import type { VerificationContext } from '../trust/notary/context.js'
import type { ArtifactOutcome } from '../trust/notary/verify-artifact.js'
import { verifyInRepository } from '../trust/notary/verify-in-repository.js'
import type { TrustPolicy } from '../trust/policy/trust-policy.js'

/** An artifact of a layout, and what the policy makes of it. */
export interface NamedOutcome extends ArtifactOutcome {
  readonly name: string
}

/** An entry that was not judged by itself, and why. */
export interface PassedOver {
  /** the name of the entry, else its digest */
  readonly name: string
  readonly digest: Digest
  readonly why: string
}

export interface LayoutOptions extends CallOptions {
  readonly policy: TrustPolicy
  readonly context: Omit<VerificationContext, 'statement'>
  /** the repository that stands for an entry, `HOST/NAME`: a layout has none, and what it calls its entries is nobody's word */
  readonly scopeOf: (name: string | undefined) => string
  /** only the entry of this name */
  readonly name?: string
  /** told of each entry that no verdict is about, but for signatures that a verdict has named */
  readonly onPassedOver?: (entry: PassedOver) => void
}

/**
 * Holds what an image layout lists against a trust policy: the entry that is named, else every entry with a name, and
 * those without one that do not hang on another. Of the content the manifest alone is read: `digest` is what is vouched for.
 * @throws ERR_NOT_FOUND where there is nothing to verify, and what reading the layout throws
 */
export async function verifyLayout(layout: ImageLayout, options: LayoutOptions): Promise<readonly NamedOutcome[]> {
  const { roots, others } = await entriesOf(layout, options)
  if (roots.length === 0)
    throw new TransferError('ERR_NOT_FOUND', 'the layout lists no artifact that could be verified')
  const outcomes: NamedOutcome[] = []
  for (const { descriptor, name } of roots) {
    const target = bare(descriptor)
    const outcome = await verifyInRepository(
      {
        target,
        names: { source: options.scopeOf(name) },
        signatures: () => notarySignatures(layout.source, target, options),
      },
      { ...options.context, policy: options.policy },
    )
    outcomes.push({ name: name ?? target.digest, ...outcome })
  }
  const named = new Set(outcomes.flatMap(({ signatures }) => signatures.map(({ signature }) => signature)))
  for (const other of others) if (!named.has(other.digest)) options.onPassedOver?.(other)
  return outcomes
}

interface NamedDescriptor {
  readonly descriptor: Descriptor
  readonly name?: string
}

interface Entries {
  readonly roots: readonly NamedDescriptor[]
  readonly others: readonly PassedOver[]
}

async function entriesOf(layout: ImageLayout, options: LayoutOptions): Promise<Entries> {
  if (options.name !== undefined) {
    const root = await layout.resolveRoot(options.name, options)
    await subjectOf(layout, root.descriptor, options)
    return { roots: [root], others: [] }
  }
  const roots = new Map<string, NamedDescriptor>()
  const others: PassedOver[] = []
  for (const descriptor of layout.entries) {
    const { digest } = descriptor
    const names = namesOf(descriptor)
    const [name] = names
    const why = whyNoRoot(names, await subjectOf(layout, descriptor, options))
    if (why === undefined) roots.set(`${digest} ${name ?? ''}`, { descriptor, ...(name === undefined ? {} : { name }) })
    else others.push({ name: name ?? digest, digest, why })
  }
  // The same artifact, with and without a name, is one.
  const named = new Set(
    [...roots.values()].filter(({ name }) => name !== undefined).map(({ descriptor }) => descriptor.digest),
  )
  const kept = [...roots.values()].filter(({ descriptor, name }) => name !== undefined || !named.has(descriptor.digest))
  return { roots: kept, others }
}

/**
 * Why an entry is not judged by itself. Whoever writes a layout can let any image say that it hangs on another one: what
 * has a name of its own is what somebody will take out of the layout, and is judged all the same.
 */
function whyNoRoot(names: readonly string[], subject: Digest | undefined): string | undefined {
  if (names.length === 0) return subject === undefined ? undefined : `it hangs on ${subject}`
  return names.every((name) => REFERRERS_TAG.test(name))
    ? 'it is named like a list of referrers, or by cosign'
    : undefined
}

/** The tags under which registries without a Referrers API keep what hangs on a digest, and cosign's own. */
const REFERRERS_TAG = /(?:^|:)sha(?:256|512)-[0-9a-f]{64,128}(?:\.(?:sig|att|sbom))?$/

/**
 * What a manifest hangs on. Reading it shows as well that it is there, and is what its digest says.
 * @throws ERR_CONTENT_MISMATCH, ERR_NOT_FOUND, ERR_CONTENT_AMBIGUOUS, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED
 */
async function subjectOf(layout: ImageLayout, descriptor: Descriptor, call: CallOptions): Promise<Digest | undefined> {
  const { digest, mediaType } = descriptor
  if (!isManifestType(mediaType) && mediaType !== OCI_ARTIFACT) return undefined
  const bytes = await fetchAll(layout.source, bare(descriptor), { ...call, maxBytes: LIMITS.manifestBytes })
  if (mediaType === OCI_ARTIFACT) return subjectOfArtifact(bytes, digest)
  return parseManifest(bytes, mediaType, digest).subject?.digest
}

/** The manifest of artifacts that the image specification has withdrawn; notation 1.0 wrote signatures in it. */
function subjectOfArtifact(bytes: Uint8Array, digest: Digest): Digest | undefined {
  const json = parseStrictJson(bytes, digest)
  const subject = isJsonObject(json) ? json['subject'] : undefined
  if (subject === undefined || subject === null) return undefined
  return parseDescriptor(subject, 'its subject', (why) => {
    throw new TransferError('ERR_CONTENT_AMBIGUOUS', `${digest} is refused: ${why}`, { subject: digest })
  }).digest
}

const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
