import { type Root, rootName } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { notarySignatures } from '../../content/notary-signatures.js'
import type { CallOptions, ContentSource } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import { bare, type Descriptor } from '../../oci/descriptor.js'
import type { VerificationContext } from '../../trust/notary/context.js'
import type { CarriedSignature } from '../../trust/notary/verify-artifact.js'
import { verifyInRepository } from '../../trust/notary/verify-in-repository.js'
import type { TrustPolicy } from '../../trust/policy/trust-policy.js'
import { claimedSources } from '../claimed-source.js'
import { linkedSignatures } from '../linked-signatures.js'
import type { ArtifactVerification, Check } from '../verification.js'

export interface ArtifactOptions extends CallOptions {
  readonly policy: TrustPolicy | undefined
  /** everything that a verdict depends on, but for the statement */
  readonly context: Omit<VerificationContext, 'statement'>
  /** `HOST/NAME` that a root gets at the target, where there is one */
  readonly targetOf?: (root: Root) => string
}

export interface ArtifactFindings {
  readonly checks: readonly Check[]
  readonly artifacts: readonly ArtifactVerification[]
}

/**
 * Holds every root against the importer's trust policy, by the name it had at its source. What else carries a signature
 * (platforms, SBOMs) is judged and shown too, but one signature more than the policy asks for must not refuse a release:
 * only the roots decide (ADR 24).
 */
export async function checkArtifacts(bundle: OpenedBundle, given: ArtifactOptions): Promise<ArtifactFindings> {
  const { policy } = given
  if (policy === undefined) {
    const detail = 'there is no trust policy, so nothing is said about who signed the artifacts themselves'
    const subject = bundle.waybill.descriptor.digest
    return { checks: [{ name: 'policy', subject, result: 'not-applicable', detail }], artifacts: [] }
  }
  const artifacts: ArtifactVerification[] = []
  const sourceOf = claimedSources(bundle)
  const links = bundle.document.links ?? []
  const options = {
    ...given,
    policy,
    sourceOf,
    linked: (target: Descriptor) => linkedSignatures(bundle, target, given),
  }
  // A signature that was named as a root, for want of a list that leads to it, is judged with what it signs.
  const isSignature = (root: Root): boolean => links.some(({ signature }) => signature === root.descriptor.digest)
  for (const root of bundle.document.roots) {
    const name = rootName(root)
    const target = given.targetOf?.(root)
    const names = { source: root.repository, ...(target === undefined ? {} : { target }) }
    artifacts.push(await judge({ name, names, target: bare(root.descriptor), required: !isSignature(root) }, options))
  }
  for (const { repository, target } of signedBelow(bundle)) {
    const name = `${repository}@${target.digest}`
    const found = await judge({ name, names: { source: repository }, target, required: false }, options)
    if (found.signatures.length > 0) artifacts.push(found)
  }
  return { checks: artifacts.filter(({ required }) => required).map(rootCheck), artifacts }
}

async function judge(
  artifact: {
    readonly name: string
    readonly names: { readonly source: string; readonly target?: string }
    readonly target: Descriptor
    readonly required: boolean
  },
  given: ArtifactOptions & {
    readonly policy: TrustPolicy
    readonly sourceOf: (repository: string) => ContentSource
    readonly linked: (target: Descriptor) => readonly CarriedSignature[]
  },
): Promise<ArtifactVerification> {
  const { name, names, target, required } = artifact
  try {
    const hung = await notarySignatures(given.sourceOf(names.source), target, given)
    const signatures = [...hung, ...given.linked(target)]
    const outcome = await verifyInRepository({ target, names, signatures }, { ...given.context, policy: given.policy })
    return { name, required, ...outcome }
  } catch (cause) {
    given.signal.throwIfAborted()
    if (!(cause instanceof TransferError) || cause.code === 'ERR_MEDIUM') throw cause
    // The exporter could not ask for signatures, or one of them is not what its digest says: not known is not trusted.
    const { code, message: detail } = cause
    return { name, required, target, scope: names.source, verdict: 'refused', code, detail, signatures: [] }
  }
}

/** What the document says something hangs on, below and beside the roots. */
function* signedBelow(bundle: OpenedBundle): Generator<{ readonly repository: string; readonly target: Descriptor }> {
  const lines = new Map(bundle.inventory.map((line) => [line.digest, line]))
  const roots = new Set(bundle.document.roots.map((root) => `${root.repository}@${root.descriptor.digest}`))
  for (const { repository, subject, referrers } of bundle.document.lookups) {
    const line = lines.get(subject)
    if (referrers.result !== 'found' || line === undefined || roots.has(`${repository}@${subject}`)) continue
    yield { repository, target: bare(line) }
  }
}

function rootCheck({ name, verdict, detail, code }: ArtifactVerification): Check {
  const common = { name: 'policy', subject: name } as const
  if (verdict === 'refused')
    return { ...common, result: 'fail', detail: `${name}: ${detail}`, code: code ?? 'ERR_SIGNATURE_INVALID' }
  return { ...common, result: verdict === 'skipped' ? 'logged' : 'pass', detail: `${name}: ${detail}` }
}
