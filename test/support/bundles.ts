import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HeldContent } from '../../src/bundle/base.js'
import type { RecordedLookup } from '../../src/bundle/document.js'
import { type OpenedBundle, openBundle } from '../../src/bundle/reader.js'
import type { StreamPlace } from '../../src/bundle/stream.js'
import type { BundleSummary } from '../../src/bundle/writer.js'
import { memoryStore } from '../../src/content/memory.js'
import type { ContentSource } from '../../src/content/store.js'
import { ERRORS, type ErrorCode, TransferError } from '../../src/errors.js'
import type { TransferEvent } from '../../src/events.js'
import type { EvidenceOptions } from '../../src/export/evidence/gather.js'
import type { OpenExportSource } from '../../src/export/pin.js'
import type { ExportPlan } from '../../src/export/plan.js'
import { parseSource, selectorOf } from '../../src/export/request.js'
import { type ExportOptions, planRequest, writePlan } from '../../src/export/run.js'
import { exporterStatement } from '../../src/import/trust.js'
import type { Verification } from '../../src/import/verification.js'
import { verify } from '../../src/import/verify.js'
import type { VerifyOptions } from '../../src/import/verify-options.js'
import { parsePlatform } from '../../src/oci/platform.js'
import { formatRepository } from '../../src/oci/reference.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import type { Signer } from '../../src/trust/key/signer.js'
import {
  aCosignSignature,
  anArtifact,
  anImage,
  anIndex,
  type Built,
  COSIGN_PAYLOAD,
  NOTARY_SIGNATURE,
  together,
} from './build.js'
import { MADE_AT, VERIFIED_AT } from './clock.js'
import { fixedSigner, fixedTrust } from './keys-fixed.js'
import { signWaybill } from './sign-waybill.js'
import { CALL, tmpFolder } from './tmp.js'

export const GENERATOR = 'waybill/0.0.0-test'
export const APP = 'registry.example/team/app'

export interface Release {
  readonly amd64: Built
  readonly arm64: Built
  readonly index: Built
  readonly sbom: Built
  readonly sbomSignature: Built
  readonly imageSignature: Built
  readonly cosign: Built
  readonly attestation: Built
  /** All of it; the tag of the index is `1.0`. */
  readonly all: Built
}

/**
 * What a signed release looks like in a registry: an index of two platforms, an SBOM on it, a signature on the SBOM, one
 * on a platform's image, and a signature and an attestation under the tags that cosign uses.
 * @param size bytes of each layer's file
 */
export function aRelease(size = 700, seed = 'release'): Release {
  const amd64 = anImage({ layers: 2, size, seed, platform: 'linux/amd64' })
  const arm64 = anImage({ layers: 1, size, seed, platform: 'linux/arm64' })
  const index = anIndex([amd64, arm64], { 'org.opencontainers.image.version': '1.0' }).tagged('1.0')
  const sbom = anArtifact({ subject: index, bytes: `{"spdxVersion":"SPDX-2.3","name":"${seed}"}` })
  const notary = { artifactType: NOTARY_SIGNATURE, mediaType: 'application/jose+json' }
  const sbomSignature = anArtifact({ ...notary, subject: sbom, bytes: `{"payload":"sbom of ${seed}"}` })
  const imageSignature = anArtifact({ ...notary, subject: arm64, bytes: `{"payload":"arm64 of ${seed}"}` })
  const cosign = aCosignSignature(index)
  const attestation = anArtifact({ mediaType: COSIGN_PAYLOAD, bytes: `{"payload":"provenance of ${seed}"}` }).tagged(
    `sha256-${index.root.digest.slice(7)}.att`,
  )
  const all = together(index, sbom, sbomSignature, imageSignature, cosign, attestation)
  return { amd64, arm64, index, sbom, sbomSignature, imageSignature, cosign, attestation, all }
}

/** A repository in memory that holds these. */
export async function aRepository(...built: readonly Built[]): Promise<ReturnType<typeof memoryStore>> {
  const store = memoryStore()
  for (const one of built) await one.into(store)
  return store
}

export interface ExportSpec {
  /** `HOST/NAME` of each repository that can be read */
  readonly from: Readonly<Record<string, ContentSource>>
  /** `HOST/NAME:TAG` or `HOST/NAME@DIGEST` */
  readonly sources: readonly string[]
  readonly platforms?: readonly string[]
  readonly allowUnknownReferrers?: boolean
  readonly concurrency?: number
  /** `undefined` makes an unsigned bundle; the fixed exporter signs where nothing is said. */
  readonly signer?: Signer | undefined
  readonly evidence?: EvidenceOptions
  readonly events?: TransferEvent[]
  readonly signal?: AbortSignal
  readonly createdAt?: Date
  readonly lifetimeMs?: number
  readonly place?: StreamPlace
  /** what the far side has */
  readonly held?: readonly HeldContent[]
}

/** Plans an export as the command line does, from stores instead of registries. */
export async function planOf(spec: ExportSpec): Promise<ExportPlan> {
  const request = {
    sources: spec.sources.map(parseSource),
    allowUnknownReferrers: spec.allowUnknownReferrers === true,
    ...(spec.platforms === undefined ? {} : { platforms: spec.platforms.map(parsePlatform) }),
  }
  return await planRequest(request, exportOptions(spec))
}

/** Plans and writes. */
export async function exportTo(path: string, spec: ExportSpec): Promise<BundleSummary> {
  const signer = 'signer' in spec ? spec.signer : fixedSigner()
  return await writePlan(await planOf(spec), path, { ...exportOptions(spec), sign: signWaybill(signer) })
}

/** A bundle of this in a file of its own; what is not said is a signed export of `APP:1.0`. */
export async function aBundle(
  built: Built | readonly Built[] = aRelease().all,
  spec: Partial<ExportSpec> = {},
): Promise<string> {
  const path = join(await tmpFolder(), 'bundle.tar')
  const store = await aRepository(...('root' in built ? [built] : built))
  await exportTo(path, { from: { [APP]: store }, sources: [`${APP}:1.0`], ...spec })
  return path
}

/** What an export is given beside its sources. */
export function exportOptions(spec: ExportSpec): ExportOptions {
  return {
    open: openFrom(spec.from),
    emit: (event) => spec.events?.push(event),
    signal: spec.signal ?? CALL.signal,
    concurrency: spec.concurrency ?? 4,
    createdAt: () => spec.createdAt ?? MADE_AT,
    ...(spec.lifetimeMs === undefined ? {} : { lifetimeMs: spec.lifetimeMs }),
    ...(spec.place === undefined ? {} : { place: spec.place }),
    ...(spec.held === undefined ? {} : { held: spec.held }),
    generator: GENERATOR,
    evidence: spec.evidence ?? { files: [], required: false, now: () => MADE_AT },
    ...(spec.signer === undefined ? {} : { ownChains: [{ from: 'the bundle', certificates: spec.signer.chain }] }),
  }
}

/** Opens repositories of a table instead of registries. */
export function openFrom(from: ExportSpec['from']): OpenExportSource {
  return async (source) => {
    if (source.kind !== 'registry') throw new Error('only registries are in the table')
    const { repository, tag } = source.reference
    const store = from[formatRepository(repository)]
    if (store === undefined) throw new TransferError('ERR_NOT_FOUND', `no repository ${formatRepository(repository)}`)
    const root = (call: { readonly signal: AbortSignal }) => store.resolve(selectorOf(source.reference), call)
    return { repository, ...(tag === undefined ? {} : { tag }), source: store, root }
  }
}

export interface Trust {
  readonly anchors: readonly Certificate[]
  readonly now: Date
  /** what the importer remembers; nobody asks where it is absent */
  readonly rollback?: VerifyOptions['rollback']
}

export function trusted(): Trust {
  return { anchors: fixedTrust(), now: VERIFIED_AT }
}

/** The trust of an importer that has these anchors for exporters, and no policy for artifacts. */
export function importing({ anchors, now, rollback }: Trust): Pick<VerifyOptions, 'trust' | 'now' | 'rollback'> {
  return { trust: { waybill: exporterStatement(['exporters']), store: async () => anchors }, now, rollback }
}

/** Opens a bundle until the test is over. */
export async function opened(path: string): Promise<OpenedBundle> {
  const bundle = await openBundle(path)
  onTestFinished(() => bundle.close())
  return bundle
}

/** Verifies an open bundle, as the fixed exporter's customer. */
export async function verification(bundle: OpenedBundle, trust: Trust = trusted()): Promise<Verification> {
  return await verify(bundle, { ...importing(trust), ...CALL, emit: () => {} })
}

export interface Judgement {
  readonly verdict: 'verified' | 'not-authentic' | 'damaged' | 'refused' | 'other'
  readonly code?: ErrorCode
  /** What the first refusal is about. */
  readonly subject?: string
}

/**
 * What `waybill verify` comes to. A refusal may be an error or a failed check; anything else that is thrown is a bug and
 * comes through.
 */
export async function judge(path: string, trust: Trust = trusted()): Promise<Judgement> {
  try {
    const bundle = await openBundle(path)
    try {
      return judgementOf(await verification(bundle, trust))
    } finally {
      await bundle.close()
    }
  } catch (cause) {
    if (!(cause instanceof TransferError)) throw cause
    return { ...verdictOf(cause.code), ...(cause.subject === undefined ? {} : { subject: cause.subject }) }
  }
}

/** The verdict that a verification comes to, and the first reason. */
export function judgementOf({ verified, checks }: Verification): Judgement {
  const failed = checks.find(({ result }) => result === 'fail')
  if (verified !== undefined) return failed === undefined ? { verdict: 'verified' } : { verdict: 'other' }
  return failed?.code === undefined ? { verdict: 'other' } : { ...verdictOf(failed.code), subject: failed.subject }
}

function verdictOf(code: ErrorCode): Judgement {
  const verdicts: Readonly<Record<number, Judgement['verdict']>> = { 2: 'refused', 5: 'not-authentic', 6: 'damaged' }
  return { verdict: verdicts[ERRORS[code].exit] ?? 'other', code }
}

/** The lookup that a plan records about this subject. */
export function lookupOf(plan: ExportPlan, built: Built): RecordedLookup | undefined {
  return plan.contents.document.lookups.find(({ subject }) => subject === built.root.digest)
}
