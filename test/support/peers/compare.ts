import { createHash } from 'node:crypto'
import type { Workspace } from './workspace.js'

/** JSON that a tool printed; its shape is what the tool's manual says. */
export function parseJson<Shape>(text: string | Buffer): Shape {
  return JSON.parse(text.toString()) as Shape
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

interface Pointer {
  readonly digest: string
  readonly mediaType: string
}

interface ManifestJson {
  readonly manifests?: readonly Pointer[]
  readonly config?: Pointer
  readonly layers?: readonly Pointer[]
}

export interface Referrer {
  readonly digest: string
  readonly mediaType: string
  readonly artifactType: string
  readonly size: number
  readonly annotations: Readonly<Record<string, string>>
  readonly referrers: readonly Referrer[]
}

/** Everything that a registry has of a repository's images, as other tools see it. */
export interface Holdings {
  /** digests, sorted; each one's bytes were read and hashed */
  readonly manifests: readonly string[]
  readonly blobs: readonly string[]
  /** by the manifest they hang on, where there are any */
  readonly referrers: Readonly<Record<string, readonly Referrer[]>>
}

/**
 * Reads everything below and about some digests or tags of a repository: manifests with skopeo, other blobs with regctl,
 * referrers with oras. @throws where anything is missing, or has another digest than it is asked for by
 */
export function holdings(space: Workspace, repository: string, roots: readonly string[]): Holdings {
  const manifests = new Set<string>()
  const blobs = new Set<string>()
  const referrers: Record<string, readonly Referrer[]> = {}
  const left = roots.map((root) => digestOf(space, repository, root))
  for (let digest = left.pop(); digest !== undefined; digest = left.pop()) {
    if (manifests.has(digest)) continue
    manifests.add(digest)
    const manifest = parseJson<ManifestJson>(readManifest(space, repository, digest))
    left.push(...(manifest.manifests ?? []).map((child) => child.digest))
    for (const blob of [manifest.config, ...(manifest.layers ?? [])]) if (blob !== undefined) blobs.add(blob.digest)
    const found = discover(space, `${repository}@${digest}`)
    if (found.length > 0) referrers[digest] = found
    left.push(...found.map((referrer) => referrer.digest))
  }
  for (const digest of blobs) readBlob(space, repository, digest)
  return { manifests: [...manifests].sort(), blobs: [...blobs].sort(), referrers: sortedByName(referrers) }
}

function digestOf(space: Workspace, repository: string, root: string): string {
  return root.includes(':') ? root : sha256(rawManifest(space, `${repository}:${root}`))
}

/** @throws where the bytes have another digest */
export function readManifest(space: Workspace, repository: string, digest: string): Buffer {
  return expectDigest(rawManifest(space, `${repository}@${digest}`), `${repository}@${digest}`, digest)
}

function rawManifest(space: Workspace, reference: string): Buffer {
  return space.bytes('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${reference}`])
}

function readBlob(space: Workspace, repository: string, digest: string): void {
  const bytes = space.bytes('regctl', ['blob', 'get', ...plain(repository), repository, digest])
  expectDigest(bytes, `${repository}@${digest}`, digest)
}

function plain(repository: string): readonly string[] {
  return ['--host', `reg=${repository.slice(0, repository.indexOf('/'))},tls=disabled`]
}

function expectDigest(bytes: Buffer, what: string, digest: string): Buffer {
  if (sha256(bytes) === digest) return bytes
  throw new Error(`${what} has other bytes: ${sha256(bytes)}`)
}

/** What `oras discover` finds, in an order that does not depend on the registry. */
export function discover(space: Workspace, reference: string): readonly Referrer[] {
  const told = space.text('oras', ['discover', '--plain-http', '--format', 'json', reference])
  return normal(parseJson<{ readonly referrers?: readonly Told[] }>(told).referrers)
}

export interface Told extends Omit<Partial<Referrer>, 'referrers'> {
  readonly referrers?: readonly Told[]
}

export function normal(told: readonly Told[] | undefined): readonly Referrer[] {
  return (told ?? [])
    .map(({ digest = '', mediaType = '', artifactType = '', size = -1, annotations = {}, referrers }) => ({
      digest,
      mediaType,
      artifactType,
      size,
      annotations: sortedByName(annotations),
      referrers: normal(referrers),
    }))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
}

function sortedByName<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
