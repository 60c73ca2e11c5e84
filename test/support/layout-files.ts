import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Header, pack } from 'tar-stream'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { blobPath, REF_NAME } from '../../src/oci/image-layout.js'
import { OCI_INDEX } from '../../src/oci/media-types.js'
import type { Built } from './build.js'

export interface LayoutFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The files of a layout that lists its tags and nothing else. */
export function layoutFiles(built: Built): readonly LayoutFile[] {
  const tagged = Object.entries(built.tags)
  const named = tagged.map(([tag, { mediaType, digest, size }]) => ({
    mediaType,
    digest,
    size,
    annotations: { [REF_NAME]: tag },
  }))
  const manifests = named.length > 0 ? named : [built.root]
  return [
    { name: 'oci-layout', bytes: canonicalBytes({ imageLayoutVersion: '1.0.0' }) },
    { name: 'index.json', bytes: canonicalBytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }) },
    ...built.contents.map(({ descriptor, bytes }) => ({ name: blobPath(descriptor.digest), bytes })),
  ]
}

export async function writeFolder(folder: string, files: readonly LayoutFile[]): Promise<void> {
  for (const { name, bytes } of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
}

/** A tar as another program would write it: `tar-stream` knows nothing of this one. */
export async function tarOf(entries: readonly (Partial<Header> & LayoutFile)[]): Promise<Uint8Array> {
  const tar = pack()
  const chunks: Uint8Array[] = []
  tar.on('data', (chunk: unknown) => {
    if (chunk instanceof Uint8Array) chunks.push(chunk)
  })
  for (const { bytes, ...header } of entries) {
    if (header.type === undefined || header.type === 'file') tar.entry(header, Buffer.from(bytes))
    else tar.entry(header)
  }
  tar.finalize()
  await once(tar, 'end')
  return Buffer.concat(chunks)
}
