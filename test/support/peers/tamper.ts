import { readFile, rm, writeFile } from 'node:fs/promises'
import { parseJson, sha256 } from './compare.js'
import type { SignedLayout } from './notary-home.js'

interface Entry {
  digest: string
  size: number
  mediaType: string
  artifactType?: string
}

interface Manifest {
  readonly config?: { readonly mediaType: string }
  readonly layers: Entry[]
}

/** The bytes of the layout's first signature. */
export async function envelopeOf(layout: SignedLayout): Promise<Buffer> {
  const { manifest } = await firstSignature(layout)
  return await readFile(blob(layout, manifest.layers[0]?.digest ?? ''))
}

/** Replaces the layout's first signature as one who may write to the medium can: every digest above it is made right again. */
export async function replaceEnvelope(layout: SignedLayout, envelope: Uint8Array): Promise<void> {
  const { index, entry, manifest } = await firstSignature(layout)
  const [layer] = manifest.layers
  if (layer === undefined) throw new Error('the signature has no envelope')
  Object.assign(layer, await put(layout, envelope))
  await rm(blob(layout, entry.digest))
  Object.assign(entry, await put(layout, Buffer.from(JSON.stringify(manifest))))
  await writeFile(`${layout.folder}/index.json`, JSON.stringify(index))
}

async function firstSignature(layout: SignedLayout) {
  const index = parseJson<{ manifests: Entry[] }>(await readFile(`${layout.folder}/index.json`))
  for (const entry of index.manifests) {
    const manifest = parseJson<Manifest>(await readFile(blob(layout, entry.digest)))
    const type = entry.artifactType ?? manifest.config?.mediaType
    if (type === 'application/vnd.cncf.notary.signature') return { index, entry, manifest }
  }
  throw new Error(`${layout.folder} holds no signature`)
}

async function put(layout: SignedLayout, bytes: Uint8Array): Promise<{ digest: string; size: number }> {
  const digest = sha256(bytes)
  await writeFile(blob(layout, digest), bytes)
  return { digest, size: bytes.byteLength }
}

function blob({ folder }: SignedLayout, digest: string): string {
  return `${folder}/blobs/${digest.replace(':', '/')}`
}

/** A flattened JWS, open for changes. */
export interface OpenJws {
  payload: Record<string, Record<string, unknown>>
  protected: Record<string, unknown>
  header: { x5c: string[]; [name: string]: unknown }
  signature: Buffer
}

/** Changes a JWS envelope without its key. What is not changed keeps its very bytes. */
export function changeJws(envelope: Uint8Array, change: (jws: OpenJws) => void): Buffer {
  const json = parseJson<Record<string, string>>(Buffer.from(envelope))
  const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64url')
  const open: OpenJws = {
    payload: parseJson(decode(json['payload'])),
    protected: parseJson(decode(json['protected'])),
    header: structuredClone(json['header']) as unknown as OpenJws['header'],
    signature: decode(json['signature']),
  }
  const before = [JSON.stringify(open.payload), JSON.stringify(open.protected)]
  change(open)
  const encode = (value: unknown, was: string | undefined, text: string | undefined) => {
    const now = JSON.stringify(value)
    return now === was ? text : Buffer.from(now).toString('base64url')
  }
  return Buffer.from(
    JSON.stringify({
      payload: encode(open.payload, before[0], json['payload']),
      protected: encode(open.protected, before[1], json['protected']),
      header: open.header,
      signature: open.signature.toString('base64url'),
    }),
  )
}
