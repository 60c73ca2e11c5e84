import type { HeldContent } from '../bundle/base.js'
import type { ClaimsBesideContent } from '../bundle/contents.js'
import { carriedTotals } from '../bundle/document.js'
import { type SignWaybill, sealBundle } from '../bundle/seal.js'
import type { StreamPlace } from '../bundle/stream.js'
import { type BundleSummary, writeBundle } from '../bundle/writer.js'
import type { CallOptions } from '../content/store.js'
import type { WatchOptions } from '../content/watched.js'
import type { Emit, TransferEvent } from '../events.js'
import type { Platform } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import type { SigningOptions } from '../sign/signing-options.js'
import { formatTimestamp } from '../trust/timestamps.js'
import type { Chain } from './evidence/chain.js'
import { type EvidenceOptions, gatherEvidence } from './evidence/gather.js'
import { type FindChains, notaryChains, type WalkedContent } from './evidence/notary-chains.js'
import type { GatheredEvidence } from './evidence/shelf.js'
import { requireNv2, withNv2 } from './nv2-links.js'
import { type OpenExportSource, pin } from './pin.js'
import { type ExportPlan, planExport, requireReferrers } from './plan.js'
import type { ExportSource } from './request.js'
import { requireSigned, type SignedRoot, signRoots } from './sign-roots.js'

export interface ExportRequest {
  readonly sources: readonly ExportSource[]
  /** signatures of the nv2 prototype: nothing in a registry leads to them, so they are named */
  readonly nv2?: readonly ExportSource[]
  readonly platforms?: readonly Platform[]
  /** Go on where a registry could not say what hangs on an image; the bundle says so. */
  readonly allowUnknownReferrers: boolean
}

export interface ExportOptions extends CallOptions {
  readonly open: OpenExportSource
  readonly emit: Emit
  readonly concurrency: number
  /** when the bundle says that it was made: what had been gathered by then was in force by then (docs/adr/0023) */
  readonly createdAt: () => Date
  readonly generator: string
  /** Holds bytes back while somebody has paused the work. */
  readonly ready?: WatchOptions['ready']
  /** The bundle is refused when this is over. */
  readonly lifetimeMs?: number
  /** What the far side has, and need not be carried. */
  readonly held?: readonly HeldContent[]
  /** The bundle's place in its stream. */
  readonly place?: StreamPlace
  readonly evidence: EvidenceOptions
  /** Of whoever will sign and timestamp the bundle: the far side asks about their revocation too. */
  readonly ownChains?: readonly Chain[]
  /** Signs every root as well; the signatures are carried, and no source is touched. */
  readonly signRoots?: SigningOptions
}

// The order decides nothing. Another world of signatures adds its own way here.
const FIND_CHAINS: readonly FindChains[] = [notaryChains]

export interface RequestedPlan extends ExportPlan {
  /** what the exporter has signed, by digests of root and signature */
  readonly signedRoots: readonly SignedRoot[]
}

/** Request → pin → walk → plan: what an export would carry, at the price of reading manifests. */
export async function planRequest(request: ExportRequest, options: ExportOptions): Promise<RequestedPlan> {
  const given = { ...options, createdAt: once(options.createdAt) }
  given.emit({ type: 'stage-started', stage: 'pin' })
  const { pinned, packs } = await signRoots(await pin(request.sources, given.open, given), given.signRoots)
  const nv2 = await pin(request.nv2 ?? [], given.open, given)
  given.emit({ type: 'stage-ended', stage: 'pin' })
  given.emit({ type: 'stage-started', stage: 'walk' })
  const plan = await planExport(withNv2(pinned, nv2), {
    signal: given.signal,
    concurrency: given.concurrency,
    generator: given.generator,
    claims: () => claimsOf(given),
    gather: (content) => {
      given.emit({ type: 'stage-ended', stage: 'walk' })
      return gather(content, given)
    },
    ...(given.held === undefined ? {} : { held: given.held }),
    onUnreadable: (signature, reason) => given.emit(unreadable(signature, reason)),
    onVisited: (digest) => given.emit({ type: 'walked', digest }),
    onIgnored: (referrer, subject) => given.emit(ignored(referrer, subject)),
    ...(request.platforms === undefined ? {} : { platforms: request.platforms }),
  })
  if (!request.allowUnknownReferrers) requireReferrers(plan)
  requireNv2(plan, nv2)
  return { ...plan, signedRoots: requireSigned(plan, packs) }
}

function claimsOf({ lifetimeMs, place, ...given }: ExportOptions): ClaimsBesideContent {
  const createdAt = given.createdAt()
  const expiresAt = lifetimeMs === undefined ? undefined : new Date(createdAt.getTime() + lifetimeMs)
  return {
    createdAt: formatTimestamp(createdAt),
    ...(expiresAt === undefined ? {} : { expiresAt: formatTimestamp(expiresAt) }),
    ...place,
  }
}

async function gather(content: WalkedContent, given: ExportOptions): Promise<GatheredEvidence> {
  const { signal, concurrency, emit, ownChains = [] } = given
  const onUnreadable = (signature: Digest, reason: string): void => emit(unreadable(signature, reason))
  const chains: Chain[] = [...ownChains]
  for (const find of FIND_CHAINS) chains.push(...(await find(content, { signal, concurrency, onUnreadable })))
  return await gatherEvidence(chains, { ...given.evidence, signal, emit, createdAt: given.createdAt })
}

/** One moment for all that a document says of its own time. */
function once(clock: () => Date): () => Date {
  let moment: Date | undefined
  return () => {
    moment ??= clock()
    return moment
  }
}

function unreadable(signature: Digest, reason: string): TransferEvent {
  const message = `${signature} is carried, but nobody will be able to verify it: ${reason}`
  return { type: 'warning', code: 'signature-unreadable', message }
}

function ignored(referrer: Digest, subject: Digest): TransferEvent {
  const message = `${referrer} is listed as a referrer of ${subject}, but does not say so itself: it is left out`
  return { type: 'warning', code: 'not-a-referrer', message }
}

/** Keeps the numbers of a stream. */
export interface Numbering {
  /** Refuses a number that stands for another bundle already. @throws ERR_SEQUENCE_USED */
  check(waybill: Digest): void
  /** Returns when the number would stand for this bundle after a power failure, too. */
  record(waybill: Digest, createdAt: string): Promise<void>
}

/**
 * Writes a planned bundle to a file. Its number is recorded before the file gets its name: no number is given twice.
 * @throws as `writeBundle` and `numbering` do
 */
export async function writePlan(
  plan: ExportPlan,
  path: string,
  given: ExportOptions & { readonly sign: SignWaybill | undefined; readonly numbering?: Numbering },
): Promise<BundleSummary> {
  const { numbering } = given
  const sealed = await sealBundle(plan.contents, given)
  const waybill = sealed.waybill.descriptor.digest
  numbering?.check(waybill)
  given.emit({ type: 'stage-started', stage: 'write', total: carriedTotals(plan.contents.document) })
  const summary = await writeBundle(sealed, path, {
    signal: given.signal,
    emit: given.emit,
    concurrency: given.concurrency,
    fetch: plan.fetch,
    ready: given.ready,
    ...(numbering === undefined
      ? {}
      : { beforeNaming: () => numbering.record(waybill, plan.contents.document.createdAt) }),
  })
  given.emit({ type: 'stage-ended', stage: 'write' })
  return summary
}
