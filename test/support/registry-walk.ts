import { digestOf } from '../../src/oci/digest.js'
import { childrenOf, parseManifest } from '../../src/oci/manifest.js'
import { isManifestType, MANIFEST_TYPES } from '../../src/oci/media-types.js'

/**
 * Every tag of a repository and what it means, when everything below each was asked for and is there.
 * @throws where something below a tag is missing, or is something else
 */
export async function wholeTags(host: string, repository: string): Promise<Record<string, string>> {
  const at = `http://${host}/v2/${repository}`
  const listed = await fetch(`${at}/tags/list`)
  if (listed.status === 404) return {}
  const { tags }: { tags: string[] } = JSON.parse(await listed.text())
  const found: Record<string, string> = {}
  const whole = new Set<string>()
  for (const tag of tags) found[tag] = await wholeManifest(at, tag, whole)
  return found
}

async function wholeManifest(at: string, reference: string, whole: Set<string>): Promise<string> {
  const answer = await fetch(`${at}/manifests/${reference}`, { headers: { accept: [...MANIFEST_TYPES].join(', ') } })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (!answer.ok) throw new Error(`${at}: ${reference} is not there (${answer.status})`)
  const digest = digestOf(bytes)
  if (reference.includes(':') && reference !== digest) throw new Error(`${at}: ${reference} is something else`)
  const manifest = parseManifest(bytes, answer.headers.get('content-type') ?? '', reference)
  for (const child of childrenOf(manifest)) {
    if (whole.has(child.digest)) continue
    whole.add(child.digest)
    if (isManifestType(child.mediaType)) await wholeManifest(at, child.digest, whole)
    else if (digestOf(await blob(at, child.digest)) !== child.digest)
      throw new Error(`${at}: ${child.digest}, below ${reference}, is something else`)
  }
  return digest
}

async function blob(at: string, digest: string): Promise<Uint8Array> {
  const answer = await fetch(`${at}/blobs/${digest}`)
  if (!answer.ok) throw new Error(`${at}: the blob ${digest} is not there (${answer.status})`)
  return new Uint8Array(await answer.arrayBuffer())
}
