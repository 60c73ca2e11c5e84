import { bundleSource } from '../../bundle/bundle-source.js'
import { type BundleDocument, type RecordedLookup, rootName } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { fetchAll } from '../../content/read-all.js'
import type { CallOptions } from '../../content/store.js'
import { LIMITS } from '../../limits.js'
import type { Digest } from '../../oci/digest.js'
import { artifactTypeOf, parseManifest } from '../../oci/manifest.js'
import { isManifestType } from '../../oci/media-types.js'
import { formatRepository } from '../../oci/reference.js'
import { formatTimestamp, parseTimestamp } from '../../trust/timestamps.js'
import type { Decision, Ruling } from '../decide.js'
import type { Destination } from '../names/names.js'
import type { RequirementFinding, RootFinding } from '../policy/findings.js'
import type { ArtifactVerification, Verification } from '../verification.js'
import type {
  InputArtifact,
  InputLookup,
  InputReferrer,
  InputRequirement,
  InputRoot,
  InputRule,
  PolicyInput,
} from './policy-input-types.js'

export interface PolicyInputOptions extends CallOptions {
  readonly decision: Decision
  /** absent where nobody has said where the bundle goes */
  readonly destination?: Destination
  readonly now: Date
}

/**
 * Everything that is known of a bundle and of what is to become of it, as one document: what a policy in Rego decides on
 * (docs/opa.md). Pure but for the manifests of what hangs on the roots, which are read again for their types.
 * @throws ERR_MEDIUM, ERR_CONTENT_MISMATCH
 */
export async function policyInput(verification: Verification, given: PolicyInputOptions): Promise<PolicyInput> {
  const { bundle, checks, signers, waybillSignatures, artifacts, policy, verified } = verification
  const { decision, destination, now } = given
  // What could not be verified is not taken apart: whose bytes they are nobody knows.
  const typeOf = verified === undefined ? async () => ({}) : artifactTypes(bundle, given)
  return {
    schema: 'waybill.policy-input.v1',
    verifiedAt: formatTimestamp(now),
    ...(destination === undefined ? {} : { target: { ...destination } }),
    bundle: bundleFacts(bundle, now),
    checks,
    signers,
    waybillSignatures,
    artifacts: artifacts.map(artifactFacts),
    lookups: await lookupsFacts(bundle, typeOf),
    omissions: bundle.document.omissions,
    evidence: (bundle.document.evidence ?? []).map(({ descriptor, ...entry }) => ({
      ...entry,
      digest: descriptor.digest,
      size: descriptor.size,
    })),
    evidenceMissing: bundle.document.evidenceMissing ?? [],
    ...(policy === undefined
      ? {}
      : { policy: { digest: policy.digest, partial: policy.partial, bundle: policy.bundle } }),
    roots: decision.rulings.map((ruling) =>
      rootFacts(ruling, { findings: policy?.roots ?? [], placed: destination !== undefined }),
    ),
  }
}

function bundleFacts({ document, size, waybill }: OpenedBundle, now: Date): PolicyInput['bundle'] {
  const created = parseTimestamp(document.createdAt) ?? now
  return {
    waybill: waybill.descriptor.digest,
    size,
    kind: document.kind,
    createdAt: document.createdAt,
    // Rego without a clock cannot count with dates.
    ageSeconds: Math.floor((now.getTime() - created.getTime()) / 1000),
    ...claimed(document),
    generator: document.generator,
    totals: document.totals,
  }
}

function claimed({ base, expiresAt, stream, sequence, previous }: BundleDocument) {
  return {
    ...(base === undefined ? {} : { base }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(previous === undefined ? {} : { previous }),
  }
}

function artifactFacts({ target, ...artifact }: ArtifactVerification): InputArtifact {
  const { name, required, scope, statement, level, verdict, detail, code, signatures } = artifact
  return {
    name,
    required,
    digest: target.digest,
    mediaType: target.mediaType,
    size: target.size,
    scope,
    ...(statement === undefined ? {} : { statement }),
    ...(level === undefined ? {} : { level }),
    verdict,
    detail,
    ...(code === undefined ? {} : { code }),
    signatures,
  }
}

/** The ruling on each root: what it is, where it is to go, or why it must not. */
function rootFacts(
  ruling: Ruling,
  { findings, placed }: { readonly findings: readonly RootFinding[]; readonly placed: boolean },
): InputRoot {
  const { root } = ruling
  const facts = {
    name: rootName(root),
    repository: root.repository,
    ...(root.tag === undefined ? {} : { tag: root.tag }),
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    ...(root.platforms === undefined ? {} : { platforms: root.platforms }),
    ...ruleOf(findings.find((finding) => finding.root === root)),
  }
  if (ruling.kind === 'refuse') return { ...facts, ruling: 'refuse', because: ruling.because }
  const { target, tag } = ruling
  if (!placed) return { ...facts, ruling: 'admit', because: [] }
  const place = { target: formatRepository(target), ...(tag === undefined ? {} : { targetTag: tag }) }
  return { ...facts, ruling: 'admit', ...place, because: [] }
}

function ruleOf(finding: RootFinding | undefined): { readonly policy?: InputRule } {
  if (finding === undefined) return {}
  const { root: _, follows, signatures, documents, ...rule } = finding
  return {
    policy: {
      ...rule,
      signatures: signatures.map(requirement),
      documents: documents.map(({ found, ...document }) => ({
        ...document,
        found: found.map((one) => ({ ...one, signatures: one.signatures.map(requirement) })),
      })),
      ...(follows === undefined ? {} : { follows: follows.map(rootName) }),
    },
  }
}

function requirement({ judged: _, ...facts }: RequirementFinding): InputRequirement {
  return facts
}

type TypeOf = (digest: Digest) => Promise<Pick<InputReferrer, 'mediaType' | 'artifactType'>>

async function lookupsFacts(bundle: OpenedBundle, typeOf: TypeOf): Promise<readonly InputLookup[]> {
  const facts: InputLookup[] = []
  for (const lookup of bundle.document.lookups) facts.push(await lookupFacts(lookup, typeOf))
  return facts
}

async function lookupFacts(
  { repository, subject, referrers, tags }: RecordedLookup,
  typeOf: TypeOf,
): Promise<InputLookup> {
  const found: InputReferrer[] = []
  const tagged = tags.result === 'found' ? tags.tags : []
  const listed = referrers.result === 'found' ? referrers.digests.map((digest) => ({ digest })) : []
  for (const one of [...listed, ...tagged]) found.push({ ...one, ...(await typeOf(one.digest)) })
  const reason = [referrers, tags].flatMap((answer) => (answer.result === 'could-not-ask' ? [answer.reason] : []))[0]
  return {
    repository,
    subject,
    referrers: referrers.result,
    tags: tags.result,
    found,
    ...(reason === undefined ? {} : { reason }),
  }
}

function artifactTypes(bundle: OpenedBundle, { signal }: CallOptions): TypeOf {
  const source = bundleSource(bundle)
  const lines = new Map(bundle.inventory.map((line) => [line.digest, line]))
  const known = new Map<Digest, Awaited<ReturnType<TypeOf>>>()
  return async (digest) => {
    const line = lines.get(digest)
    const earlier = known.get(digest)
    if (earlier !== undefined || line === undefined || !isManifestType(line.mediaType)) return earlier ?? {}
    const bytes = await fetchAll(source, line, { signal, maxBytes: LIMITS.manifestBytes })
    const artifactType = artifactTypeOf(parseManifest(bytes, line.mediaType, digest))
    const facts = { mediaType: line.mediaType, ...(artifactType === undefined ? {} : { artifactType }) }
    known.set(digest, facts)
    return facts
  }
}
