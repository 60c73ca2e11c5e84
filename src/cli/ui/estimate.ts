import { carriedTotals, type RecordedLookup } from '../../bundle/document.js'
import { readAll } from '../../content/read-all.js'
import type { CallOptions } from '../../content/store.js'
import { printable } from '../../encoding/printable.js'
import type { ExportPlan } from '../../export/plan.js'
import { LIMITS } from '../../limits.js'
import type { Digest } from '../../oci/digest.js'
import { artifactTypeOf, type Manifest, parseManifest } from '../../oci/manifest.js'
import { isManifestType, NOTARY_SIGNATURE } from '../../oci/media-types.js'
import { formatPlatform } from '../../oci/platform.js'
import type { Estimate } from '../../tui/means.js'

/** What a plan comes to, for somebody who has not decided yet. What is read for it was read when the plan was made. */
export async function estimateOf(plan: ExportPlan, call: CallOptions): Promise<Estimate> {
  const { document } = plan.contents
  const hung = hungOn(document.lookups)
  const platforms = new Set<string>()
  const linked = (document.links ?? []).map(({ signature }) => signature)
  const signatures = new Set<Digest>(linked)
  let documents = 0
  for await (const { digest, manifest } of manifestsOf(plan, call)) {
    for (const platform of platformsIn(manifest)) platforms.add(platform)
    const tagged = hung.get(digest)?.some((tag) => tag.endsWith('.sig')) === true
    if (!hung.has(digest)) continue
    if (tagged || artifactTypeOf(manifest) === NOTARY_SIGNATURE) signatures.add(digest)
    else if (!signatures.has(digest)) documents += 1
  }
  return {
    artifacts: document.roots.length,
    ...carriedTotals(document),
    signatures: signatures.size,
    documents,
    platforms: [...platforms].sort(),
    unknown: plan.unknown.map(unknownLine),
  }
}

async function* manifestsOf({ contents, fetch }: ExportPlan, call: CallOptions) {
  for (const line of contents.inventory) {
    const { digest, mediaType } = line
    if (!isManifestType(mediaType)) continue
    const bytes = await readAll(fetch(line, call), LIMITS.manifestBytes, digest)
    yield { digest, manifest: parseManifest(bytes, mediaType, digest) }
  }
}

/** Everything that was found about something else, with cosign's tags for it. */
function hungOn(lookups: readonly RecordedLookup[]): ReadonlyMap<Digest, readonly string[]> {
  const hung = new Map<Digest, string[]>()
  for (const { referrers, tags } of lookups) {
    for (const digest of referrers.result === 'found' ? referrers.digests : [])
      if (!hung.has(digest)) hung.set(digest, [])
    for (const { digest, tag } of tags.result === 'found' ? tags.tags : [])
      hung.set(digest, [...(hung.get(digest) ?? []), tag])
  }
  return hung
}

function platformsIn(manifest: Manifest): readonly string[] {
  if (manifest.kind !== 'index') return []
  // Builders write unknown/unknown on what is no image; nobody can ask for that.
  return manifest.manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown' ? [] : [printable(formatPlatform(platform), 100)],
  )
}

function unknownLine({ repository, subject, referrers, tags }: RecordedLookup): string {
  const reasons = [referrers, tags].flatMap((answer) => (answer.result === 'could-not-ask' ? [answer.reason] : []))
  return printable(`${repository} about ${subject}: ${reasons[0] ?? ''}`, 1000)
}
