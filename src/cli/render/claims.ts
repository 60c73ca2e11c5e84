import type { BundleBase } from '../../bundle/base.js'
import { type BundleDocument, type RecordedEvidence, type RecordedLookup, rootName } from '../../bundle/document.js'
import type { InventoryLine } from '../../bundle/inventory.js'
import { placeOf } from '../../bundle/stream.js'
import { amount } from '../../encoding/amount.js'
import { printable } from '../../encoding/printable.js'

/** The document's claims for `--json`. */
export function claimsOutput(document: BundleDocument) {
  return {
    kind: document.kind,
    ...(document.base === undefined ? {} : { base: document.base.map(baseOutput) }),
    createdAt: document.createdAt,
    ...(document.expiresAt === undefined ? {} : { expiresAt: document.expiresAt }),
    ...placeOf(document),
    generator: document.generator,
    roots: rootsOutput(document),
    lookups: document.lookups.map(lookupOutput),
    omissions: [...document.omissions],
    ...(document.links === undefined ? {} : { links: [...document.links] }),
    evidence: (document.evidence ?? []).map(evidenceOutput),
    evidenceMissing: [...(document.evidenceMissing ?? [])],
    totals: document.totals,
  }
}

function baseOutput(base: BundleBase) {
  return { ...base, repositories: [...base.repositories] }
}

/** What is not carried, and why its exporter thought that it need not be. */
function baseLines({ base = [], totals: { expected } }: BundleDocument): string[] {
  if (expected === undefined) return []
  return [
    `INCREMENTAL: ${expected.blobs} of them, ${amount(expected.bytes)}, are not carried, but expected at the target`,
    ...base.map((one) =>
      one.kind === 'assumed'
        ? `  ASSUMED to have arrived: the bundle ${one.waybill}`
        : `  acknowledged by ${one.target}: the bundle ${one.waybill}, in the receipt ${one.receipt}`,
    ),
  ]
}

function evidenceOutput({ descriptor, certificates, ...entry }: RecordedEvidence) {
  return { ...entry, digest: descriptor.digest, size: descriptor.size, certificates: [...certificates] }
}

export function rootsOutput(document: BundleDocument) {
  return document.roots.map((root) => ({
    name: rootName(root),
    digest: root.descriptor.digest,
    mediaType: root.descriptor.mediaType,
    ...(root.platforms === undefined ? {} : { platforms: [...root.platforms] }),
  }))
}

function lookupOutput({ repository, subject, referrers, tags }: RecordedLookup) {
  const reason = [referrers, tags].flatMap((answer) => (answer.result === 'could-not-ask' ? [answer.reason] : []))[0]
  return {
    repository,
    subject,
    referrers: referrers.result,
    tags: tags.result,
    found: [
      ...(referrers.result === 'found' ? referrers.digests : []),
      ...(tags.result === 'found' ? tags.tags.map(({ digest }) => digest) : []),
    ],
    ...(reason === undefined ? {} : { reason }),
  }
}

export function blobsOutput(inventory: readonly InventoryLine[]) {
  return inventory.map(({ digest, size, mediaType, role, base }) => ({
    digest,
    size,
    mediaType,
    role,
    ...(base === undefined ? {} : { base }),
  }))
}

/** The document's claims for a person. All of it is foreign text until the bundle is verified. */
export function claimsLines(document: BundleDocument): string[] {
  const { roots, lookups, omissions, totals } = document
  const found = lookups.reduce((sum, lookup) => sum + lookupOutput(lookup).found.length, 0)
  const unknown = lookups.filter(({ referrers, tags }) => [referrers.result, tags.result].includes('could-not-ask'))
  return [
    `made ${document.createdAt} by ${printable(document.generator, 80)}`,
    ...placeLines(document),
    ...roots.flatMap((root) => [
      `  ${rootName(root)}`,
      `    ${root.descriptor.digest}${root.platforms === undefined ? '' : `  only ${root.platforms.map((one) => printable(one, 80)).join(', ')}`}`,
    ]),
    `${totals.blobs} blobs, ${amount(totals.bytes)}`,
    ...baseLines(document),
    `signatures, SBOMs and other referrers: ${found} found on ${lookups.length} manifests`,
    ...(document.links ?? []).map(({ signature, subject }) => `  ${signature} says it is about ${subject}`),
    ...unknown.map(
      (lookup) =>
        `  COULD NOT ASK ${lookup.repository} about ${lookup.subject}: ${printable(lookupOutput(lookup).reason ?? '')}`,
    ),
    ...evidenceLines(document),
    ...(omissions.length === 0
      ? [totals.expected === undefined ? 'nothing is left out' : 'nothing else is left out']
      : [`left out: ${omissions.length}`]),
    ...omissions.map(
      ({ digest, size, reason, platform }) =>
        `  ${digest}  ${amount(size)}  ${reason}${platform === undefined ? '' : ` ${printable(platform, 80)}`}`,
    ),
  ]
}

function placeLines(document: BundleDocument): string[] {
  const place = placeOf(document)
  const after = place?.previous === undefined ? '' : `, after ${place.previous}`
  return [
    ...(place === undefined ? [] : [`number ${place.sequence} of the stream ${place.stream}${after}`]),
    ...(document.expiresAt === undefined ? [] : [`not to be imported from ${document.expiresAt} on`]),
  ]
}

/** What travels along about revocation, each until when it counts; nothing where nothing is signed. */
function evidenceLines({ evidence = [], evidenceMissing = [] }: BundleDocument): string[] {
  if (evidence.length + evidenceMissing.length === 0) return []
  const about = new Set(evidence.flatMap(({ certificates }) => certificates))
  return [
    `evidence about revocation: ${evidence.length} for ${about.size} certificates`,
    ...evidence.map(
      ({ type, url, thisUpdate, nextUpdate }) =>
        `  ${type.padEnd(4)}  ${thisUpdate} to ${nextUpdate ?? 'no end'}  ${printable(url ?? 'from a file')}`,
    ),
    ...evidenceMissing.map(
      ({ subject, url, reason }) =>
        `  NOT HAD: ${printable(subject)}${url === undefined ? '' : `  ${printable(url)}`}: ${printable(reason)}`,
    ),
  ]
}
