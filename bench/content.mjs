// About a gigabyte of images for the benchmark: twenty of two platforms that share bases, hundreds of small layers, one
// layer of 200 MB, and three referrers each. Random bytes, as compressed layers are.
import { randomFillSync } from 'node:crypto'
import {
  canonicalBytes,
  describe,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
  once,
} from '../samples/built.mjs'

/** @typedef {import('../src/content/store.js').ContentSink} ContentSink */
/** @typedef {import('../src/oci/descriptor.js').Descriptor} Descriptor */

const MB = 1_000_000
const REFERRERS = ['application/spdx+json', 'application/vnd.example.scan+json', 'application/vnd.example.signature']
const call = { signal: new AbortController().signal }

/**
 * @param {(repository: string) => ContentSink} sinkOf
 * @param {{ images: number, repositories: number, scale: number }} size
 * @returns {Promise<{ repository: string, tag: string }[]>}
 */
export async function pushContent(sinkOf, { images, repositories, scale }) {
  const bases = [60, 60, 40, 40].map((size) => random(size * MB * scale))
  const giant = random(200 * MB * scale)
  const names = []
  for (let at = 0; at < images; at += 1) {
    const name = { repository: `bench/app-${at % repositories}`, tag: `v${at}` }
    const sink = sinkOf(name.repository)
    const platforms = []
    for (const [n, architecture] of ['amd64', 'arm64'].entries()) {
      const own = Array.from({ length: 8 }, (_, small) => random(20_000 + small * 5_000))
      const base = bases[(at + n) % bases.length] ?? giant
      const layers = [base, random(14.5 * MB * scale), ...(at === 0 && n === 0 ? [giant] : []), ...own]
      platforms.push(await pushImage(sink, architecture, layers))
    }
    const index = await pushJson(sink, OCI_INDEX, { manifests: platforms })
    await sink.tag(index, name.tag, call)
    for (const artifactType of REFERRERS) await pushReferrer(sink, artifactType, index)
    names.push(name)
  }
  return names
}

/** @param {ContentSink} sink @param {string} architecture @param {readonly Uint8Array[]} contents */
async function pushImage(sink, architecture, contents) {
  const layers = []
  for (const layer of contents) layers.push(await push(sink, OCI_LAYER_GZIP, layer))
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
  const config = await push(sink, OCI_CONFIG, canonicalBytes({ architecture, os: 'linux', config: {}, rootfs }))
  return { ...(await pushJson(sink, OCI_MANIFEST, { config, layers })), platform: { os: 'linux', architecture } }
}

/** @param {ContentSink} sink @param {string} artifactType @param {Descriptor} subject */
async function pushReferrer(sink, artifactType, subject) {
  const config = await push(sink, OCI_EMPTY, canonicalBytes({}))
  const layers = [await push(sink, 'application/octet-stream', random(3_000))]
  await pushJson(sink, OCI_MANIFEST, { artifactType, config, layers, subject })
}

/** @param {ContentSink} sink @param {string} mediaType @param {object} members */
async function pushJson(sink, mediaType, members) {
  return await push(sink, mediaType, canonicalBytes({ schemaVersion: 2, mediaType, ...members }))
}

/** @param {ContentSink} sink @param {string} mediaType @param {Uint8Array} bytes @returns {Promise<Descriptor>} */
async function push(sink, mediaType, bytes) {
  const descriptor = describe(mediaType, bytes)
  if (!(await sink.has(descriptor, call))) await sink.push(descriptor, once(bytes), call)
  return descriptor
}

/** @param {number} size bytes */
function random(size) {
  return randomFillSync(new Uint8Array(Math.max(1, Math.round(size))))
}
