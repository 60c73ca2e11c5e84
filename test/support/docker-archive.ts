import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { type Digest, digestOf, encodedOf } from '../../src/oci/digest.js'
import { type LayoutFile, tarOf } from './layout-files.js'

export interface ArchiveEntry extends LayoutFile {
  readonly type?: 'file' | 'symlink' | 'link' | 'directory'
  readonly linkname?: string
}

export interface SavedImage {
  readonly names?: readonly string[] | null
  /** tars, lowest first */
  readonly layers: readonly Uint8Array[]
  /** what the config says instead of the digests of the layers */
  readonly diffIds?: readonly string[]
}

const NOTHING = new Uint8Array(0)

/** What `docker save` up to version 24 writes: a folder for each layer, and a link where a layer is there already. */
export function savedEntries(images: readonly SavedImage[]): readonly ArchiveEntry[] {
  const layers = new Map<Digest, string>()
  const entries: ArchiveEntry[] = []
  const list = images.map(({ names = null, layers: tars, diffIds }, image) => {
    const digests = tars.map((bytes) => digestOf(bytes))
    const config = canonicalBytes({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { image: `${image}` } },
      rootfs: { type: 'layers', diff_ids: diffIds ?? digests },
    })
    const paths = tars.map((bytes, at) => {
      const name = `${encodedOf(digestOf(Buffer.from(`${image} ${at}`)))}/layer.tar`
      const digest = digestOf(bytes)
      const first = layers.get(digest)
      layers.set(digest, first ?? name)
      const folder: ArchiveEntry = { name: name.replace('layer.tar', ''), type: 'directory', bytes: NOTHING }
      const link: ArchiveEntry = { name, type: 'symlink', linkname: `../${first}`, bytes: NOTHING }
      entries.push(folder, { name: name.replace('layer.tar', 'VERSION'), bytes: Buffer.from('1.0') })
      entries.push(first === undefined ? { name, bytes } : link)
      return name
    })
    const name = `${encodedOf(digestOf(config))}.json`
    entries.push({ name, bytes: config })
    return { Config: name, RepoTags: names, Layers: paths }
  })
  return [...entries, { name: 'manifest.json', bytes: canonicalBytes(list) }]
}

export async function savedTar(images: readonly SavedImage[]): Promise<Uint8Array> {
  return await tarOf(savedEntries(images))
}
