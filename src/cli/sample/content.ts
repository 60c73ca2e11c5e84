import { hash } from 'node:crypto'
import { BLOCK, END_BYTES, paddingOf, tarHeader } from '../../bundle/tar-header.js'
import { canonicalBytes } from '../../encoding/canonical-json.js'
import { type BareDescriptor, bare, type Descriptor, describe } from '../../oci/descriptor.js'
import { encodedOf } from '../../oci/digest.js'
import { OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST } from '../../oci/media-types.js'

/** Something of the sample, with what points at it. */
export interface SampleContent {
  readonly descriptor: BareDescriptor
  readonly bytes: Uint8Array
}

/** What the sample release has, before anybody has signed it. It has the same digests on every machine. */
export interface SampleImages {
  readonly index: Descriptor
  readonly sbom: Descriptor
  /** all of it, children before parents */
  readonly contents: readonly SampleContent[]
}

export const SAMPLE_VENDOR = 'Wabbit Networks (sample)'
const SBOM_TYPE = 'application/spdx+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const CREATED = '2026-11-01T00:00:00Z'
const LAYER_BYTES = 300 * 1024
const ANNOTATIONS = {
  'org.opencontainers.image.title': 'net-monitor',
  'org.opencontainers.image.vendor': SAMPLE_VENDOR,
  'org.opencontainers.image.version': '1.0.0',
  'org.opencontainers.image.licenses': 'Apache-2.0',
}

/** `net-monitor` for two platforms, which share a layer, and its SBOM. */
export async function sampleImages(): Promise<SampleImages> {
  const shared = await layerOf('etc/net-monitor.conf', 'interfaces = all\n')
  const images = await Promise.all(['amd64', 'arm64'].map((architecture) => imageOf(architecture, shared)))
  const platforms = images.map(({ manifest, architecture }) => ({
    ...manifest.descriptor,
    platform: { os: 'linux', architecture },
  }))
  const index = json(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: platforms,
    annotations: ANNOTATIONS,
  })
  const document = json(SBOM_TYPE, sbomOf(index.descriptor, platforms))
  const empty = json(OCI_EMPTY, {})
  const sbom = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: SBOM_TYPE,
    config: empty.descriptor,
    layers: [
      { ...document.descriptor, annotations: { 'org.opencontainers.image.title': 'net-monitor-1.0.0.spdx.json' } },
    ],
    subject: bare(index.descriptor),
    annotations: { 'org.opencontainers.image.created': CREATED },
  })
  return {
    index: index.descriptor,
    sbom: sbom.descriptor,
    contents: [shared, ...images.flatMap(({ contents }) => contents), index, document, empty, sbom],
  }
}

async function imageOf(architecture: string, shared: SampleContent) {
  const program = await layerOf('usr/bin/net-monitor', `#!/bin/sh\n# net-monitor 1.0.0 (${architecture})\n`)
  const config = json(OCI_CONFIG, {
    os: 'linux',
    architecture,
    created: CREATED,
    config: { Entrypoint: ['/usr/bin/net-monitor'], Labels: ANNOTATIONS },
    // A layer that is not compressed is its own diff (image-spec, "Layer DiffID").
    rootfs: { type: 'layers', diff_ids: [shared.descriptor.digest, program.descriptor.digest] },
  })
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: [shared.descriptor, program.descriptor],
    annotations: ANNOTATIONS,
  })
  return { architecture, manifest, contents: [program, config, manifest] }
}

/** A tar with one file, large enough that its way can be watched. */
async function layerOf(name: string, text: string): Promise<SampleContent> {
  const body = Buffer.alloc(LAYER_BYTES, filler(text))
  body.write(text, 0)
  const tar = [await tarHeader(name, body.byteLength), body, Buffer.alloc(paddingOf(body.byteLength) % BLOCK)]
  return content(LAYER, Buffer.concat([...tar, Buffer.alloc(END_BYTES)]))
}

/** Lines of comment that differ from each other and from those of every other text. */
function filler(text: string): string {
  return Array.from({ length: 64 }, (_, line) => `# ${hash('sha256', `${line} ${text}`, 'hex')}\n`).join('')
}

/** SPDX 2.3 as JSON. */
function sbomOf(index: BareDescriptor, platforms: readonly Descriptor[]) {
  const image = packageOf('Image', 'net-monitor', index)
  const variants = platforms.map((manifest) => {
    const architecture = manifest.platform?.architecture ?? ''
    return packageOf(`Image-${architecture}`, `net-monitor (linux/${architecture})`, manifest)
  })
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'net-monitor-1.0.0',
    documentNamespace: `https://wabbit-networks.example/spdx/net-monitor-1.0.0-${encodedOf(index.digest)}`,
    creationInfo: { created: CREATED, creators: [`Organization: ${SAMPLE_VENDOR}`, 'Tool: waybill-sample-1'] },
    packages: [image, ...variants],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image.SPDXID },
      ...variants.map(({ SPDXID }) => ({
        spdxElementId: SPDXID,
        relationshipType: 'VARIANT_OF',
        relatedSpdxElement: image.SPDXID,
      })),
    ],
  }
}

function packageOf(id: string, name: string, { digest }: BareDescriptor) {
  return {
    SPDXID: `SPDXRef-${id}`,
    name,
    versionInfo: '1.0.0',
    supplier: `Organization: ${SAMPLE_VENDOR}`,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: encodedOf(digest) }],
    licenseConcluded: 'Apache-2.0',
    licenseDeclared: 'Apache-2.0',
    copyrightText: 'NOASSERTION',
  }
}

function content(mediaType: string, bytes: Uint8Array): SampleContent {
  return { descriptor: describe(mediaType, bytes), bytes }
}

function json(mediaType: string, value: Parameters<typeof canonicalBytes>[0]): SampleContent {
  return content(mediaType, canonicalBytes(value))
}
