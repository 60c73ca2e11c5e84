import type { GraphNode, Lookup } from '../content/node.js'
import { canonicalJson } from '../encoding/canonical-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Digest } from '../oci/digest.js'
import type { HeldContent } from './base.js'
import { collectInventory } from './collect-inventory.js'
import {
  type BundleDocument,
  type RecordedLookup,
  type RecordedOmission,
  type Root,
  recordOmission,
  rootName,
} from './document.js'
import { inOneOrder } from './evidence.js'
import { FORMAT_VERSION } from './layout.js'
import type { BundleContents } from './seal.js'

/** What was walked from one root, in walk order. */
export interface WalkedRoot {
  readonly root: Root
  readonly nodes: readonly GraphNode[]
}

/** What a document says that no content shows: it is taken from there, and stands on the signature alone. */
export type ClaimsBesideContent = Pick<BundleDocument, 'createdAt' | 'expiresAt' | 'stream' | 'sequence' | 'previous'>

/**
 * Puts what was walked into the form that a bundle has. The exporter makes the document and inventory with it; the
 * importer makes them again from what it reads, and compares: so nothing can be missing, and nothing can be smuggled.
 * @throws ERR_COLLISION where two sources would become one name at the target, ERR_CONTENT_AMBIGUOUS where two
 * repositories describe one digest differently, ERR_REFERRERS_UNKNOWN where one answered a question in two ways,
 * ERR_LIMIT_EXCEEDED where no reader would take so much
 */
export function collectContents(
  walked: readonly WalkedRoot[],
  given: ClaimsBesideContent &
    Pick<BundleDocument, 'generator' | 'links' | 'evidence' | 'evidenceMissing'> & {
      /** what need not be carried */
      readonly held?: readonly HeldContent[]
    },
): BundleContents {
  if (walked.length > LIMITS.roots) {
    throw new TransferError(
      'ERR_LIMIT_EXCEEDED',
      `there are ${walked.length} roots, a bundle has at most ${LIMITS.roots}`,
    )
  }
  const sorted = walked.toSorted((a, b) => (rootName(a.root) < rootName(b.root) ? -1 : 1))
  const evidence = inOneOrder(given)
  const { inventory, bases, totals } = collectInventory(
    sorted.flatMap(({ nodes }) => nodes),
    { evidence: evidence.evidence, held: given.held ?? [] },
  )
  const lookups = collectLookups(sorted)
  refuseCollisions(
    sorted.map(({ root }) => root),
    lookups,
  )
  const document: BundleDocument = {
    version: FORMAT_VERSION,
    ...(bases.length === 0 ? { kind: 'full' } : { kind: 'incremental', base: bases }),
    ...besideContent(given),
    generator: given.generator,
    roots: sorted.map(({ root }) => root),
    lookups,
    omissions: collectOmissions(sorted),
    ...(given.links === undefined || given.links.length === 0 ? {} : { links: given.links }),
    ...evidence,
    totals,
  }
  return { document, inventory }
}

function besideContent({ createdAt, expiresAt, stream, sequence, previous }: ClaimsBesideContent): ClaimsBesideContent {
  return {
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(stream === undefined ? {} : { stream }),
    ...(sequence === undefined ? {} : { sequence }),
    ...(previous === undefined ? {} : { previous }),
  }
}

function collectLookups(walked: readonly WalkedRoot[]): RecordedLookup[] {
  const lookups = new Map<string, RecordedLookup>()
  for (const { root, nodes } of walked) {
    for (const { read } of nodes) {
      if (read === undefined) continue
      const lookup = recordLookup(root.repository, read.lookup)
      const key = `${root.repository}@${lookup.subject}`
      const earlier = lookups.get(key)
      // A document has room for one answer: content that hangs on the other one would belong to nothing at the far side.
      if (earlier !== undefined && canonicalJson(earlier) !== canonicalJson(lookup)) throw twoAnswers(lookup)
      lookups.set(key, lookup)
    }
  }
  return [...lookups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lookup]) => lookup)
}

function twoAnswers({ repository, subject }: RecordedLookup): TransferError {
  return new TransferError(
    'ERR_REFERRERS_UNKNOWN',
    `${repository} gave two answers to what hangs on ${subject}: it changed meanwhile, or could not be asked once`,
    { side: 'source', subject },
  )
}

function recordLookup(repository: string, lookup: Lookup): RecordedLookup {
  const { tags } = lookup
  return {
    repository,
    subject: lookup.subject,
    referrers: lookup.referrers,
    tags:
      tags.result === 'found'
        ? { result: 'found', tags: lookup.tagged.map(({ tag, descriptor }) => ({ tag, digest: descriptor.digest })) }
        : tags,
  }
}

function collectOmissions(walked: readonly WalkedRoot[]): RecordedOmission[] {
  const all = walked.flatMap(({ nodes }) => nodes.flatMap(({ omissions }) => omissions.map(recordOmission)))
  return [...new Map(all.map((omission) => [canonicalJson(omission), omission]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, omission]) => omission)
}

/** At the target the registry's host falls away, so `a.io/app:1` and `b.io/app:1` would be one name. */
export function refuseCollisions(roots: readonly Root[], lookups: readonly RecordedLookup[]): void {
  const names = new Map<string, { readonly from: string; readonly digest: Digest }>()
  const enter = (repository: string, tag: string, digest: Digest): void => {
    const name = `${repository.slice(repository.indexOf('/') + 1)}:${tag}`
    const from = `${repository}:${tag}`
    const earlier = names.get(name)
    if (earlier !== undefined && (earlier.from !== from || earlier.digest !== digest))
      throw collision(name, earlier.from, from)
    names.set(name, { from, digest })
  }
  for (const { repository, tag, descriptor } of roots) if (tag !== undefined) enter(repository, tag, descriptor.digest)
  for (const { repository, tags } of lookups) {
    if (tags.result !== 'found') continue
    for (const { tag, digest } of tags.tags) enterAttached(repository, tag, digest)
  }

  function enterAttached(repository: string, tag: string, digest: Digest): void {
    const name = `${repository.slice(repository.indexOf('/') + 1)}:${tag}`
    // Two registries that keep the same signature under the same tag say the same thing.
    if (names.get(name)?.digest !== digest) enter(repository, tag, digest)
  }
}

function collision(name: string, one: string, other: string): TransferError {
  return new TransferError('ERR_COLLISION', `${one} and ${other} would both become ${name} at the target`, {
    side: 'operator',
    subject: name,
  })
}
