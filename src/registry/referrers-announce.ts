import type { CallOptions } from '../content/store.js'
import { canonicalJson } from '../encoding/canonical-json.js'
import { isJsonObject, type Json, type JsonObject } from '../encoding/strict-json.js'
import type { Descriptor } from '../oci/descriptor.js'
import { artifactTypeOf, type Manifest } from '../oci/manifest.js'
import { OCI_INDEX } from '../oci/media-types.js'
import { protocolError } from './failure.js'
import { putManifest } from './put-manifest.js'
import { hasReferrersApi, listReferrers } from './referrers.js'
import { type Fallback, readFallback } from './referrers-fallback.js'
import type { RepositoryApi } from './repository-api.js'

export interface Announcement {
  /** the manifest that has just been pushed */
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly subject: Descriptor
  /** The registry said `OCI-Subject`; some say it without having the API. */
  readonly acknowledged: boolean
}

const TRIES = 4

/**
 * Makes sure that a pushed manifest is among its subject's referrers. Where the registry has no API for them, it is
 * entered in the index under the fallback tag, beside what is there (distribution-spec, Pushing Manifests with Subject).
 * The caller sees to it that there is one at a time for each subject: two would lose each other's entries.
 * @throws ERR_REGISTRY_PROTOCOL where the tag holds something else, or the entry does not stay
 */
export async function announceReferrer(
  api: RepositoryApi,
  announcement: Announcement,
  call: CallOptions,
): Promise<void> {
  const { subject, descriptor, acknowledged } = announcement
  if (await hasReferrersApi(api, subject, call)) {
    if (acknowledged || (await isListed(api, announcement, call))) return
    api.host.warn('REFERRER_NOT_LISTED', `does not list ${descriptor.digest} by itself; the referrers tag is used`)
  }
  await enter(api, announcement, call)
}

async function isListed(api: RepositoryApi, announcement: Announcement, call: CallOptions): Promise<boolean> {
  for await (const found of listReferrers(api, announcement.subject, call)) {
    if (found.digest === announcement.descriptor.digest) return true
  }
  return false
}

async function enter(api: RepositoryApi, announcement: Announcement, call: CallOptions): Promise<void> {
  const entry = entryOf(announcement)
  for (let attempt = 1; ; attempt += 1) {
    const found = await readFallback(api, announcement.subject, call)
    if (found.kind === 'other') {
      throw protocolError(api.host.place, `cannot list a referrer: ${found.tag} of ${api.name} ${found.why}`)
    }
    // Reading it back is the only proof: another writer may have read before we wrote.
    if (hasEntry(found, entry)) return
    if (attempt === TRIES) {
      throw protocolError(api.host.place, `the referrers tag ${found.tag} of ${api.name} does not keep its entries`)
    }
    const content = Buffer.from(JSON.stringify(withEntry(found, entry)))
    const manifest = { reference: found.tag, mediaType: OCI_INDEX, content }
    const condition = found.kind === 'index' && found.etag !== undefined ? { ifMatch: found.etag } : {}
    await putManifest(api, manifest, { ...call, ...condition, alsoExpected: [412] })
  }
}

function entryOf(announcement: Announcement): JsonObject {
  const { descriptor, manifest } = announcement
  const artifactType = artifactTypeOf(manifest)
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    ...(Object.keys(manifest.annotations).length === 0 ? {} : { annotations: manifest.annotations }),
    ...(artifactType === undefined ? {} : { artifactType }),
  }
}

type Index = Exclude<Fallback, { kind: 'other' }>

function entriesOf(index: Index): readonly Json[] {
  const entries = index.kind === 'index' ? index.json['manifests'] : undefined
  return Array.isArray(entries) ? entries : []
}

function hasEntry(index: Index, entry: JsonObject): boolean {
  const wanted = canonicalJson(entry)
  return entriesOf(index).some((found) => canonicalJson(found) === wanted)
}

/** The index with our entry in it; all other entries and fields stay as they were. */
function withEntry(index: Index, entry: JsonObject): JsonObject {
  const others = entriesOf(index).filter((found) => !isJsonObject(found) || found['digest'] !== entry['digest'])
  const rest = index.kind === 'index' ? index.json : { schemaVersion: 2, mediaType: OCI_INDEX }
  return { ...rest, manifests: [...others, entry] }
}
