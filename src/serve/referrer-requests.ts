import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../oci/digest.js'
import { OCI_INDEX } from '../oci/media-types.js'
import { ifThere } from './disk.js'
import { answer, type Exchange } from './exchange.js'
import { digestOfFileName } from './file-names.js'
import type { RepositoryFolder } from './repository-folder.js'

const PAGE_ENTRIES = 1_000
const PAGE_BYTES = 2 * 1024 * 1024

/**
 * GET …/referrers/DIGEST (distribution-spec, listing referrers). Always an index, also where repository or subject are
 * unknown: 404 would mean that there is no such API here.
 */
export async function listReferrers(exchange: Exchange, repository: string, subject: Digest): Promise<void> {
  const { query, store, response } = exchange
  // A plus sign that was not encoded arrives as a space, which no media type has.
  const artifactType = query.get('artifactType')?.replaceAll(' ', '+') || undefined
  const wanted = { artifactType, after: query.get('last') ?? '' }
  const { entries, last } = await readPage(store.repository(repository), subject, wanted)
  const body = `{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[${entries.join(',')}]}`
  const filter = artifactType === undefined ? '' : `artifactType=${encodeURIComponent(artifactType)}&`
  const next = `</v2/${repository}/referrers/${subject}?${filter}last=${last}>; rel="next"`
  const headers = {
    'Content-Type': OCI_INDEX,
    ...(artifactType === undefined ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
    ...(last === undefined ? {} : { Link: next }),
  }
  answer(response, 200, headers, Buffer.from(body))
}

interface Wanted {
  readonly artifactType: string | undefined
  /** the file name of the last entry of the page before */
  readonly after: string
}

interface ReferrersPage {
  readonly entries: readonly string[]
  /** where the next page goes on, if there is one */
  readonly last: string | undefined
}

async function readPage(folder: RepositoryFolder, subject: Digest, wanted: Wanted): Promise<ReferrersPage> {
  const path = folder.referrersPath(subject)
  const names = ((await ifThere(readdir(path))) ?? []).filter((name) => name > wanted.after).sort()
  const entries: string[] = []
  let bytes = 0
  for (const [at, name] of names.entries()) {
    const entry = await readEntry(folder, join(path, name), name)
    if (entry === undefined || !isWanted(entry, wanted.artifactType)) continue
    entries.push(entry)
    bytes += entry.length
    const full = entries.length >= PAGE_ENTRIES || bytes >= PAGE_BYTES
    if (full && at < names.length - 1) return { entries, last: name }
  }
  return { entries, last: undefined }
}

/** An entry is written before its manifest and removed after it: it counts only while the manifest is there. */
async function readEntry(folder: RepositoryFolder, path: string, name: string): Promise<string | undefined> {
  const digest = digestOfFileName(name)
  if (digest === undefined || !(await folder.holdsManifest(digest))) return undefined
  return await ifThere(readFile(path, 'utf8'))
}

function isWanted(entry: string, artifactType: string | undefined): boolean {
  if (artifactType === undefined) return true
  const descriptor: { artifactType?: unknown } = JSON.parse(entry)
  return descriptor.artifactType === artifactType
}
