import { type Root, rootName } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { notarySignatures } from '../../content/notary-signatures.js'
import type { CallOptions, ContentSource } from '../../content/store.js'
import { type ErrorCode, TransferError } from '../../errors.js'
import { bare, type Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import type { VerificationContext } from '../../trust/notary/context.js'
import { isRecorded } from '../../trust/notary/judged.js'
import type { CarriedSignature } from '../../trust/notary/verify-artifact.js'
import { type ArtifactNames, verifyInRepository } from '../../trust/notary/verify-in-repository.js'
import type { TrustPolicy } from '../../trust/policy/trust-policy.js'
import { claimedSources } from '../claimed-source.js'
import { linkedSignatures } from '../linked-signatures.js'
import type { ArtifactVerification, Check } from '../verification.js'

export interface ArtifactOptions extends CallOptions {
  readonly policy: TrustPolicy | undefined
  /** everything that a verdict depends on, but for the statement */
  readonly context: Omit<VerificationContext, 'statement'>
  /** `HOST/NAME` that a root gets at the target, where there is one */
  readonly targetOf?: (root: Root) => string | undefined
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
  const linked = (target: Descriptor) => linkedSignatures(bundle, target, given)
  const options = { ...given, policy, sourceOf, linked }
  const besides = signatureRoots(bundle)
  for (const root of bundle.document.roots) {
    const name = rootName(root)
    const target = given.targetOf?.(root)
    const names = { source: root.repository, ...(target === undefined ? {} : { target }) }
    const required = !besides.has(root)
    artifacts.push(await judge({ name, names, target: bare(root.descriptor), required }, options))
  }
  for (const { repository, target } of signedBelow(bundle)) {
    const name = `${repository}@${target.digest}`
    const found = await judge({ name, names: { source: repository }, target, required: false }, options)
    if (found.signatures.length > 0) artifacts.push(found)
  }
  return { checks: artifacts.filter(({ required }) => required).map(rootCheck), artifacts }
}

/**
 * Roots that are signatures, named for want of a list that leads to them: they are judged with what they sign, and do not
 * decide (ADR 24). What they sign has to be in the bundle, and no such signature again: else whoever moves a tag to a
 * manifest that says it is a signature would make a bundle in which nothing needs one.
 * @returns what each of them signs
 */
export function signatureRoots({ document }: OpenedBundle): ReadonlyMap<Root, Digest> {
  const subjects = new Map((document.links ?? []).map(({ signature, subject }) => [signature, subject]))
  const carried = new Set(document.lookups.map(({ subject }) => subject))
  return new Map(
    document.roots.flatMap((root) => {
      const subject = subjects.get(root.descriptor.digest)
      return subject !== undefined && !subjects.has(subject) && carried.has(subject) ? [[root, subject] as const] : []
    }),
  )
}

interface Artifact {
  readonly name: string
  readonly names: ArtifactNames
  readonly target: Descriptor
  readonly required: boolean
}

interface JudgeOptions extends ArtifactOptions {
  readonly policy: TrustPolicy
  readonly sourceOf: (repository: string) => ContentSource
  readonly linked: (target: Descriptor) => readonly CarriedSignature[]
}

async function judge({ name, names, target, required }: Artifact, given: JudgeOptions): Promise<ArtifactVerification> {
  const signatures = async () => [
    ...(await notarySignatures(given.sourceOf(names.source), target, given)),
    ...given.linked(target),
  ]
  try {
    const outcome = await verifyInRepository({ target, names, signatures }, { ...given.context, policy: given.policy })
    return { name, required, ...outcome }
  } catch (cause) {
    given.signal.throwIfAborted()
    if (!(cause instanceof TransferError) || cause.code === 'ERR_MEDIUM') throw cause
    return { name, required, target, scope: names.source, verdict: 'refused', ...whyUnknown(cause), signatures: [] }
  }
}

/** Not known is not trusted. That nobody could be asked happened at the exporter, long before this. */
function whyUnknown({ code, message }: TransferError): { readonly code: ErrorCode; readonly detail: string } {
  if (code !== 'ERR_SOURCE_UNREACHABLE') return { code, detail: message }
  const detail = `the exporter could not find out which signatures it has (${message}); it has to be exported again`
  return { code: 'ERR_SIGNATURE_MISSING', detail }
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

function rootCheck({ name, verdict, detail, code, signatures }: ArtifactVerification): Check {
  const common = { name: 'policy', subject: name, detail: `${name}: ${detail}` } as const
  if (verdict === 'refused') return { ...common, result: 'fail', code: code ?? 'ERR_SIGNATURE_INVALID' }
  const plain = signatures.some((one) => one.verdict === 'verified' && !one.validations.some(isRecorded))
  return { ...common, result: plain ? 'pass' : 'logged' }
}
