import { once } from '../content/reopenable.js'
import type { CallOptions, ContentSource } from '../content/store.js'
import { TransferError } from '../errors.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { makeSignature } from '../sign/make-signature.js'
import { packSignature, type SignaturePack } from '../sign/pack.js'
import type { SigningOptions } from '../sign/signing-options.js'
import type { PinnedSource } from './pin.js'
import type { ExportPlan } from './plan.js'

export interface SignedRoot {
  readonly subject: Digest
  /** of the signature's manifest */
  readonly signature: Digest
}

/** Roots that the exporter has signed: sources that show these signatures beside what is really there. */
interface SignedRoots {
  readonly pinned: readonly PinnedSource[]
  /** each digest that is signed, with its signature */
  readonly packs: ReadonlyMap<Digest, SignaturePack>
}

/**
 * Signs each root, once for each digest. Nothing is written to any source: the signatures are shown as referrers by the
 * sources that are given back, so that they are walked, listed in the document and carried like every other.
 * @param given undefined where they are not to be signed
 * @throws as `makeSignature` does
 */
export async function signRoots(
  pinned: readonly PinnedSource[],
  given: SigningOptions | undefined,
): Promise<SignedRoots> {
  const packs = new Map<Digest, SignaturePack>()
  if (given === undefined) return { pinned, packs }
  for (const { root } of pinned) {
    if (!packs.has(root.digest)) packs.set(root.digest, packSignature(await makeSignature(root, given), root))
  }
  return { pinned: pinned.map((one) => ({ ...one, source: new SignedSource(one.source, packs) })), packs }
}

/**
 * Refuses a plan without them: where a registry could not say what hangs on an image, the plan has no place for what we
 * hang there, and the far side would take it for smuggled.
 * @throws ERR_REFERRERS_UNKNOWN
 */
export function requireSigned(plan: ExportPlan, packs: SignedRoots['packs']): readonly SignedRoot[] {
  const carried = new Set(plan.contents.inventory.map(({ digest }) => digest))
  const all = [...packs.values()]
  const left = all.find(({ manifest }) => !carried.has(manifest.descriptor.digest))
  if (left === undefined) {
    return all.map(({ subject, manifest }) => ({ subject: subject.digest, signature: manifest.descriptor.digest }))
  }
  throw new TransferError(
    'ERR_REFERRERS_UNKNOWN',
    `nobody could say what hangs on ${left.subject.digest}, so that the exporter’s signature on it cannot be listed; export without --sign`,
    { side: 'source', subject: left.subject.digest },
  )
}

class SignedSource implements ContentSource {
  readonly resolve: ContentSource['resolve']
  readonly #source: ContentSource
  readonly #packs: SignedRoots['packs']
  readonly #bytes: ReadonlyMap<Digest, Uint8Array>

  constructor(source: ContentSource, packs: SignedRoots['packs']) {
    this.#source = source
    this.#packs = packs
    this.resolve = (selector, call) => source.resolve(selector, call)
    const stored = [...packs.values()].flatMap(({ manifest, blobs }) => [manifest, ...blobs])
    this.#bytes = new Map(stored.map(({ descriptor, bytes }) => [descriptor.digest, bytes]))
  }

  fetch(...[descriptor, call]: Parameters<ContentSource['fetch']>): ReturnType<ContentSource['fetch']> {
    const bytes = this.#bytes.get(descriptor.digest)
    return bytes === undefined ? this.#source.fetch(descriptor, call) : once(bytes.subarray(call.from ?? 0))
  }

  async *referrers(subject: Descriptor, call: CallOptions): AsyncIterable<Descriptor> {
    yield* this.#source.referrers(subject, call)
    const pack = this.#packs.get(subject.digest)
    if (pack !== undefined) yield pack.manifest.descriptor
  }
}
