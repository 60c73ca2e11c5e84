import type { TaggedDescriptor } from '../../content/node.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Digest } from '../../oci/digest.js'
import { NOTARY_SIGNATURE } from '../../oci/media-types.js'
import type { SignatureOutcome } from '../../trust/outcome.js'
import type { ManifestFacts } from '../verification.js'
import { type Below, mayDraw } from './context.js'
import { fact, facts, label, shortDigest } from './facts.js'
import type { ReviewNode, ReviewVerdict } from './review.js'
import { signatureNode } from './signature-node.js'

/** What hangs on one manifest: signatures first, then documents, each with what hangs on it in turn. */
export function hungNodes(subject: Digest, id: string, below: Below): readonly ReviewNode[] {
  const lookup = below.closure.manifests.get(subject)?.lookup
  const judged = below.context.judged(below.root.repository, subject)
  const outcomes = new Map((judged?.signatures ?? []).map((one) => [one.signature, one]))
  const by = {
    ...(judged?.statement === undefined ? {} : { statement: judged.statement }),
    ...(judged?.level === undefined ? {} : { level: judged.level }),
  }
  const tags = new Map((lookup?.tagged ?? []).map((one) => [one.descriptor.digest, one]))
  const signatures: ReviewNode[] = []
  const documents: ReviewNode[] = []
  const given = { below, outcomes, by, tags }
  for (const descriptor of lookup?.descriptors ?? []) {
    if (!mayDraw(below.context)) break
    if (isSignature(descriptor.digest, given))
      signatures.push(signatureOf(descriptor, `${id}/s${signatures.length}`, { ...given, subject }))
    else documents.push(documentNode(descriptor, `${id}/d${documents.length}`, given))
    outcomes.delete(descriptor.digest)
  }
  signatures.push(...linkedNodes(`${id}/s${signatures.length}`, given))
  const unknown = [lookup?.referrers, lookup?.tags].flatMap((answer) =>
    answer?.result === 'could-not-ask' ? [answer.reason] : [],
  )
  return [...signatures, ...documents, ...unknown.slice(0, 1).map((reason) => unknownNode(`${id}/unknown`, reason))]
}

/** Of the nv2 prototype: no registry ties them to what they sign. */
function linkedNodes(id: string, { below, outcomes, by }: Hung): readonly ReviewNode[] {
  return [...outcomes.values()].flatMap((outcome, at) => {
    if (!mayDraw(below.context)) return []
    const { signature } = outcome
    const judged = below.signatures.get(signature)
    return [
      signatureNode({
        id: `${id}-${at}`,
        digest: signature,
        outcome,
        ...by,
        ...(judged === undefined ? {} : { judged }),
        now: below.context.now,
      }),
    ]
  })
}

interface Hung {
  readonly below: Below
  readonly outcomes: ReadonlyMap<string, SignatureOutcome>
  readonly by: { readonly statement?: string; readonly level?: string }
  readonly tags: ReadonlyMap<Digest, TaggedDescriptor>
}

function isSignature(digest: Digest, { below, outcomes, tags }: Hung): boolean {
  if (outcomes.has(digest) || below.signatures.has(digest)) return true
  if (tags.get(digest)?.tag.endsWith('.sig') === true) return true
  return below.closure.manifests.get(digest)?.artifactType === NOTARY_SIGNATURE
}

function signatureOf(
  { digest, size }: Descriptor,
  id: string,
  { below, outcomes, by, tags, subject }: Hung & { readonly subject: Digest },
): ReviewNode {
  const outcome = outcomes.get(digest)
  const judged = below.signatures.get(digest)
  const tag = tags.get(digest)?.tag
  const claimed = below.context.claimed?.get(digest)
  const node = signatureNode({
    id,
    digest,
    subject,
    size: sizeOf({ digest, size }, below),
    ...(outcome === undefined ? {} : { outcome, ...by }),
    ...(judged === undefined ? {} : { judged }),
    ...(claimed === undefined ? {} : { claimed }),
    hung: drawnOnce(digest, below, () => hungNodes(digest, id, below)),
    envelope: envelopeOf(below.closure.manifests.get(digest)),
    now: below.context.now,
  })
  if (tag === undefined) return node
  return {
    ...node,
    label: label(`cosign signature ${shortDigest(digest)}`),
    details: [...node.details, ...fact('tag', tag)],
  }
}

/** What is signed or says who signed: of Notary and cosign the first layer, of the nv2 prototype the config. */
function envelopeOf(manifest: ManifestFacts | undefined): Descriptor | undefined {
  return manifest?.kind === 'image' ? (manifest.children[1] ?? manifest.children[0]) : undefined
}

function documentNode(descriptor: Descriptor, id: string, { below, tags }: Hung): ReviewNode {
  const { digest, mediaType } = descriptor
  const manifest = below.closure.manifests.get(digest)
  const tag = tags.get(digest)?.tag
  const type = tag?.endsWith('.att') === true ? 'cosign attestation' : (manifest?.artifactType ?? mediaType)
  const [blob] = manifest?.kind === 'image' ? manifest.children.slice(1) : []
  const known = below.documents.get(digest)
  const children = drawnOnce(digest, below, () => hungNodes(digest, id, below))
  const counted = (known?.found.signatures ?? []).flatMap(({ counted }) => counted)
  return {
    id,
    kind: 'document',
    label: label(`${type} ${shortDigest(digest)}`),
    verdict: documentVerdict(known),
    size: sizeOf(descriptor, below),
    details: [
      ...fact('type', type),
      ...fact('digest', digest),
      ...fact('content', blob === undefined ? undefined : `${blob.mediaType}, ${blob.digest}, ${blob.size} bytes`),
      ...fact('tag', tag),
      ...fact('counts', known === undefined ? 'no rule asks for it' : known.found.counts ? 'yes' : 'no'),
      ...facts(
        'signed by',
        counted.length > 0 ? counted.map(({ signer, subject }) => `${signer} (${subject})`) : signersIn(children),
      ),
    ],
    children,
    ...(blob === undefined
      ? {}
      : { document: { digest: blob.digest, mediaType: label(blob.mediaType), size: blob.size } }),
  }
}

function signersIn(children: readonly ReviewNode[]): readonly string[] {
  return children.flatMap(({ kind, verdict, details }) =>
    kind === 'signature' && (verdict === 'pass' || verdict === 'logged')
      ? details.flatMap(([name, value]) => (name === 'signer' ? [value] : []))
      : [],
  )
}

function documentVerdict(
  known: { readonly found: { readonly counts: boolean }; readonly met: boolean } | undefined,
): ReviewVerdict {
  if (known === undefined) return 'note'
  if (known.found.counts) return 'pass'
  return known.met ? 'logged' : 'fail'
}

function unknownNode(id: string, reason: string): ReviewNode {
  return {
    id,
    kind: 'content',
    label: label(`not known what else hangs here: ${reason}`),
    verdict: 'logged',
    details: fact('reason', `the exporter could not ask: ${reason}`),
    children: [],
  }
}

/** A manifest, its config and its layers, each counted once. */
function sizeOf({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, { closure }: Below): number {
  const blobs = new Map((closure.manifests.get(digest)?.children ?? []).map((one) => [one.digest, one.size]))
  return [...blobs.values()].reduce((sum, one) => sum + one, size)
}

/** What is below something, where it has not been shown already. */
export function drawnOnce(
  digest: Digest,
  { drawn }: Pick<Below, 'drawn'>,
  make: () => readonly ReviewNode[],
): readonly ReviewNode[] {
  if (drawn.has(digest)) return []
  drawn.add(digest)
  return make()
}
