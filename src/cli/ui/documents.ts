import { documentLines, NOT_JUDGED, type ShownDocument } from '../../audit/document/document-lines.js'
import type { CallOptions } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import type { Review, ReviewNode } from '../../import/review/review.js'
import { LIMITS } from '../../limits.js'
import type { BareDescriptor } from '../../oci/descriptor.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import type { Audit } from '../../tui/means.js'

/** Something that can be read while an audit lies open. */
export interface Readable {
  /** printable */
  readonly name: string
  readonly descriptor: BareDescriptor
  readonly read: (call: CallOptions) => Promise<ShownDocument>
}

export interface ReadingGiven {
  readonly readables: readonly Readable[]
  /** every payload that was signed is in it: its signature's verdict is said before it is shown */
  readonly review: Review
  /** a sentence before every document; none where everything is verified */
  readonly warning?: string
}

/** What of an audit reads documents. The first of two with one digest counts. */
export function reading({ readables, review, warning }: ReadingGiven): Pick<Audit, 'documents' | 'read'> {
  const known = new Map<Digest, Readable>()
  for (const one of readables) if (!known.has(one.descriptor.digest)) known.set(one.descriptor.digest, one)
  const standings = standingsOf(review)
  return {
    documents: [...known.values()].map(({ name, descriptor: { digest, size } }) => ({ name, digest, size })),
    async read(digest, { signal }) {
      const readable = known.get(digest)
      if (readable === undefined)
        throw new TransferError('ERR_NOT_FOUND', `${digest} is not here to be read`, { subject: digest })
      const document = await readable.read({ signal })
      const lines = documentLines(document, standings.get(digest))
      return warning === undefined ? lines : [warning, '', ...lines]
    },
  }
}

/** Bytes that are in memory: of something that was hashed when it was opened, and is hashed again. */
export function inMemory(descriptor: BareDescriptor, bytes: () => Uint8Array): Readable['read'] {
  return async () => {
    const all = bytes()
    if (digestOf(all) !== descriptor.digest) {
      const message = `${descriptor.digest} is no longer what it was when it was opened`
      throw new TransferError('ERR_CONTENT_MISMATCH', message, { side: 'medium', subject: descriptor.digest })
    }
    return {
      bytes: all.subarray(0, LIMITS.shownBytes),
      mediaType: descriptor.mediaType,
      size: all.byteLength,
    }
  }
}

/** The worse stands before the better: one envelope can be a signature of two things. */
const STANDINGS = ['fail', 'note', 'logged', 'pass'] as const
const WORDS: Readonly<Record<ReviewNode['verdict'], string>> = {
  fail: 'NOT VERIFIED: the signature is refused.',
  note: NOT_JUDGED,
  logged: 'ACCEPTED, with failures that the trust policy only records.',
  pass: 'VERIFIED: the signature is accepted.',
}

function standingsOf({ bundle, artifacts }: Review): ReadonlyMap<Digest, string> {
  const worst = new Map<Digest, ReviewNode['verdict']>()
  for (const { kind, document, verdict } of nodesOf([bundle, ...artifacts])) {
    if (kind !== 'signature' || document === undefined) continue
    const before = worst.get(document.digest) ?? 'pass'
    worst.set(document.digest, STANDINGS.find((one) => one === before || one === verdict) ?? verdict)
  }
  return new Map([...worst].map(([digest, verdict]) => [digest, WORDS[verdict]]))
}

/** All nodes of a tree, each before what is below it. */
export function* nodesOf(nodes: readonly ReviewNode[]): Generator<ReviewNode> {
  for (const node of nodes) {
    yield node
    yield* nodesOf(node.children)
  }
}
