import { printable } from '../encoding/printable.js'
import { type ErrorCode, hasCode, TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { bare, type Descriptor } from '../oci/descriptor.js'
import { algorithmOf, encodedOf } from '../oci/digest.js'
import { isManifestType } from '../oci/media-types.js'
import { isTag } from '../oci/reference.js'
import type { Answer, Lookup, TaggedDescriptor } from './node.js'
import type { CallOptions, ContentSource } from './store.js'

// cosign SIGNATURE_SPEC, ATTESTATION_SPEC, SBOM_SPEC
const COSIGN_SUFFIXES = ['sig', 'att', 'sbom'] as const
// A list that never ends, or names what is not there, was asked for and answered: there is nothing to put up with.
const FINAL: readonly ErrorCode[] = ['ERR_LIMIT_EXCEEDED', 'ERR_BUNDLE_INCOMPLETE']

/**
 * Asks what hangs on a subject. A failure to ask becomes an answer, with the reason: whoever plans decides whether that
 * may be.
 * @throws ERR_LIMIT_EXCEEDED, ERR_BUNDLE_INCOMPLETE, and the reason of an abort
 */
export async function lookUp(subject: Descriptor, source: ContentSource, call: CallOptions): Promise<Lookup> {
  const [referrers, tagged] = await Promise.all([
    ask(call, () => askReferrers(subject, source, call)),
    ask(call, () => askTags(subject, source, call)),
  ])
  return {
    subject: subject.digest,
    referrers: answerOf(referrers, (descriptor) => descriptor),
    tags: answerOf(tagged, ({ descriptor }) => descriptor),
    tagged: tagged.found,
    descriptors: unique([...referrers.found, ...tagged.found.map(({ descriptor }) => descriptor)]),
  }
}

/** The tags that cosign derives from a digest. None of a sha512 digest: they would be longer than a tag may be. */
export function cosignTags(subject: Descriptor): string[] {
  const stem = `${algorithmOf(subject.digest)}-${encodedOf(subject.digest)}`
  return COSIGN_SUFFIXES.map((suffix) => `${stem}.${suffix}`).filter(isTag)
}

interface Asked<T> {
  readonly found: readonly T[]
  readonly reason?: string
}

async function ask<T>(call: CallOptions, question: () => Promise<readonly T[]>): Promise<Asked<T>> {
  try {
    return { found: await question() }
  } catch (cause) {
    call.signal.throwIfAborted()
    if (!(cause instanceof TransferError) || FINAL.includes(cause.code)) throw cause
    return { found: [], reason: `${cause.code}: ${printable(cause.message)}` }
  }
}

function answerOf<T>(asked: Asked<T>, descriptorOf: (item: T) => Descriptor): Answer {
  if (asked.reason !== undefined) return { result: 'could-not-ask', reason: asked.reason }
  if (asked.found.length === 0) return { result: 'none' }
  return { result: 'found', digests: asked.found.map((item) => descriptorOf(item).digest).sort() }
}

async function askReferrers(subject: Descriptor, source: ContentSource, call: CallOptions): Promise<Descriptor[]> {
  const found: Descriptor[] = []
  for await (const referrer of source.referrers(subject, call)) {
    // An endless list of signatures must not fill the medium (cosign CVE-2024-29903).
    if (found.length >= LIMITS.referrersPerSubject) {
      throw new TransferError(
        'ERR_LIMIT_EXCEEDED',
        `${subject.digest} has more than ${LIMITS.referrersPerSubject} referrers`,
        { side: 'source', subject: subject.digest },
      )
    }
    // The withdrawn artifact manifest, for one: a signature in it must not be lost without a word.
    if (!isManifestType(referrer.mediaType)) throw notCarried(subject, referrer)
    found.push(bare(referrer))
  }
  return unique(found)
}

function notCarried(subject: Descriptor, referrer: Descriptor): TransferError {
  return new TransferError(
    'ERR_REFERRERS_UNKNOWN',
    `the referrer ${referrer.digest} is ${printable(referrer.mediaType)}, which cannot be carried`,
    { side: 'source', subject: subject.digest },
  )
}

async function askTags(subject: Descriptor, source: ContentSource, call: CallOptions): Promise<TaggedDescriptor[]> {
  const answers = await Promise.all(
    cosignTags(subject).map(async (tag) => {
      const descriptor = await resolveIfThere(tag, source, call)
      return descriptor === undefined ? undefined : { tag, descriptor: bare(descriptor) }
    }),
  )
  return answers.filter((answer) => answer !== undefined)
}

async function resolveIfThere(tag: string, source: ContentSource, call: CallOptions): Promise<Descriptor | undefined> {
  try {
    return await source.resolve({ kind: 'tag', tag }, call)
  } catch (cause) {
    if (hasCode(cause, 'ERR_NOT_FOUND')) return undefined
    throw cause
  }
}

function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  const byDigest = new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor]))
  // Sorted, since registries list in any order and the same content must give the same bundle.
  return [...byDigest.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))
}
