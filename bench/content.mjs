// About a gigabyte of images for the benchmark: twenty of two platforms that share bases, hundreds of small layers, one
// layer of 200 MB, and three referrers each. Random bytes, as compressed layers are.
import { randomFillSync } from 'node:crypto'
import { once } from '../dist/content/reopenable.js'
import { canonicalBytes } from '../dist/encoding/canonical-json.js'
import { describe } from '../dist/oci/descriptor.js'
import { OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../dist/oci/media-types.js'

const MB = 1_000_000

/**
 * @param {(repository: string) => import('../src/content/store.js').ContentSink} sinkOf
 * @param {{ images: number, repositories: number, scale: number }} size
 * @returns {Promise<{ repository: string, tag: string }[]>}
 */
export async function pushContent(sinkOf, { images, repositories, scale }) {
  const call = { signal: new AbortController().signal }
  const bases = [60, 60, 40, 40].map((size) => random(size * MB * scale))
  const giant = random(200 * MB * scale)
  const names = []
  for (let at = 0; at < images; at += 1) {
    const repository = `bench/app-${at % repositories}`
    const tag = `v${at}`
    const sink = sinkOf(repository)
    const push = async (mediaType, bytes, extra = {}) => {
      const descriptor = describe(mediaType, bytes)
      if (!(await sink.has(descriptor, call))) await sink.push(descriptor, once(bytes), call)
      return { ...descriptor, ...extra }
    }
    const platforms = []
    for (const [n, architecture] of ['amd64', 'arm64'].entries()) {
      const layers = [bases[(at + n) % bases.length], random(10 * MB * scale), ...(at === 0 && n === 0 ? [giant] : [])]
      for (let small = 0; small < 8; small += 1) layers.push(random(20_000 + small * 5_000))
      const descriptors = []
      for (const layer of layers) descriptors.push(await push(OCI_LAYER_GZIP, layer))
      const config = {
        architecture,
        os: 'linux',
        config: {},
        rootfs: { type: 'layers', diff_ids: descriptors.map(({ digest }) => digest) },
      }
      const manifest = {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: await push(OCI_CONFIG, canonicalBytes(config)),
        layers: descriptors,
      }
      platforms.push(await push(OCI_MANIFEST, canonicalBytes(manifest), { platform: { os: 'linux', architecture } }))
    }
    const index = await push(
      OCI_INDEX,
      canonicalBytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: platforms }),
    )
    await sink.tag(index, tag, call)
    for (const artifactType of [
      'application/spdx+json',
      'application/vnd.example.scan+json',
      'application/vnd.example.signature',
    ]) {
      await push(
        OCI_MANIFEST,
        canonicalBytes({
          schemaVersion: 2,
          mediaType: OCI_MANIFEST,
          artifactType,
          config: await push(OCI_EMPTY, canonicalBytes({})),
          layers: [await push('application/octet-stream', random(3_000))],
          subject: describe(
            OCI_INDEX,
            canonicalBytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: platforms }),
          ),
        }),
      )
    }
    names.push({ repository, tag })
  }
  return names
}

function random(size) {
  return randomFillSync(new Uint8Array(Math.max(1, Math.round(size))))
}
