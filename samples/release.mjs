// The sample release: Wabbit Networks' net-monitor, with its SBOM, its source bundle, and the signatures on all three.
import { gzip, tarOf } from './archive.mjs'
import {
  bare,
  buildSignatureManifest,
  canonicalBytes,
  describe,
  digestOf,
  ENVELOPE_JWS,
  formatPayload,
  loadSigner,
  makeSigningKeys,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_LAYER_GZIP,
  OCI_MANIFEST,
  once,
  SIGNATURE_TYPE,
  sealEnvelope,
} from './built.mjs'
import { CREATED, SBOM_TYPE, sbomOf } from './sbom.mjs'

export const REPOSITORY = 'wabbit-networks/net-monitor'
export const TAG = 'v1'
export const VENDOR = 'Wabbit Networks'
export const CERTIFIER = 'Wharf Certified Content'
export const SOURCE_TYPE = 'application/vnd.wabbit-networks.source-bundle.v1'

/** @typedef {import('../src/oci/descriptor.js').Descriptor} Descriptor */
/** @typedef {import('../src/content/store.js').ContentSink} ContentSink */
/** @typedef {{ readonly descriptor: Descriptor, readonly bytes: Uint8Array }} Content */
/** @typedef {{ readonly name: string, readonly caCertPem: string, readonly rootThumbprint: string }} SignerFacts */
/**
 * @typedef {object} Release
 * @property {Descriptor} index
 * @property {readonly Descriptor[]} platforms linux/amd64, linux/arm64
 * @property {readonly Descriptor[]} layers every layer once; the first is part of both platforms
 * @property {Descriptor} sbom
 * @property {Descriptor} source
 * @property {readonly { readonly manifest: Descriptor, readonly subject: Descriptor, readonly by: string }[]} signatures
 * @property {readonly SignerFacts[]} signers what a verifier has to be told by another way than the registry
 * @property {readonly Content[]} contents all of it, each once, children before parents
 */

/**
 * Makes the release. Everything has the same digests on every machine and every day, except the signatures: their keys
 * are made on the spot and forgotten.
 * @param {{ readonly now: Date }} given `now`: when it is signed
 * @returns {Promise<Release>}
 */
export async function makeRelease({ now }) {
  const shared = await layerOf({ 'etc/net-monitor.conf': CONFIGURATION })
  const images = []
  for (const architecture of ['amd64', 'arm64']) images.push(await imageOf(architecture, shared))
  const index = json(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: images.map(({ root }) => root),
    annotations: ANNOTATIONS,
  })
  const sourceFiles = { 'net-monitor-1.0.0/net-monitor': programFor('any'), 'net-monitor-1.0.0/LICENSE': LICENCE }
  const sourceBundle = content('application/gzip', gzip(await tarOf(sourceFiles)))
  const source = artifactOf(SOURCE_TYPE, sourceBundle, { subject: index, title: 'net-monitor-1.0.0.src.tar.gz' })
  const document = {
    index: index.descriptor,
    platforms: images.map(({ root }) => root),
    source: sourceBundle.descriptor,
  }
  const sbom = artifactOf(SBOM_TYPE, json(SBOM_TYPE, sbomOf(document)), {
    subject: index,
    title: 'net-monitor-1.0.0.spdx.json',
  })
  const vendor = await newSigner(VENDOR, now)
  const certifier = await newSigner(CERTIFIER, now)
  const signatures = [
    await signatureOn(index.descriptor, vendor, now),
    await signatureOn(sbom.manifest.descriptor, vendor, now),
    await signatureOn(source.manifest.descriptor, vendor, now),
    await signatureOn(index.descriptor, certifier, now),
  ]
  return {
    index: index.descriptor,
    platforms: images.map(({ root }) => root),
    layers: [shared, ...images.map(({ program }) => program)].map(({ layer }) => layer.descriptor),
    sbom: sbom.manifest.descriptor,
    source: source.manifest.descriptor,
    signatures: signatures.map(({ manifest, subject, by }) => ({ manifest: manifest.descriptor, subject, by })),
    signers: [vendor, certifier].map(({ facts }) => facts),
    contents: eachOnce([
      ...images.flatMap(({ contents }) => contents),
      index,
      ...[source, sbom, ...signatures].flatMap(({ contents }) => contents),
    ]),
  }
}

/**
 * Makes the release and writes all of it into a sink: a repository of a registry, or an image layout.
 * @param {ContentSink} sink
 * @param {{ readonly now: Date, readonly signal: AbortSignal }} given
 * @returns {Promise<Release>}
 */
export async function pushRelease(sink, { now, signal }) {
  const release = await makeRelease({ now })
  for (const { descriptor, bytes } of release.contents) await sink.push(descriptor, once(bytes), { signal })
  await sink.tag(release.index, TAG, { signal })
  return release
}

const ANNOTATIONS = {
  'org.opencontainers.image.title': 'net-monitor',
  'org.opencontainers.image.vendor': VENDOR,
  'org.opencontainers.image.version': '1.0.0',
  'org.opencontainers.image.licenses': 'Apache-2.0',
}
const CONFIGURATION = 'interfaces = all\ninterval_seconds = 60\n'
const LICENCE = 'SPDX-License-Identifier: Apache-2.0\n'

/** @param {string} architecture */
function programFor(architecture) {
  return `#!/bin/sh\n# net-monitor 1.0.0 (${architecture})\nexec cat /proc/net/dev\n`
}

/** @param {string} architecture @param {Awaited<ReturnType<typeof layerOf>>} shared */
async function imageOf(architecture, shared) {
  const program = await layerOf({ 'usr/bin/net-monitor': programFor(architecture) })
  const platform = { os: 'linux', architecture }
  const config = json(OCI_CONFIG, {
    ...platform,
    created: CREATED,
    config: { Entrypoint: ['/usr/bin/net-monitor'], Labels: ANNOTATIONS },
    rootfs: { type: 'layers', diff_ids: [shared.diffId, program.diffId] },
    history: ['the configuration', 'the program'].map((step) => ({ created: CREATED, created_by: `add ${step}` })),
  })
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: [shared.layer.descriptor, program.layer.descriptor],
    annotations: ANNOTATIONS,
  })
  const contents = [shared.layer, program.layer, config, manifest]
  return { root: { ...manifest.descriptor, platform }, program, contents }
}

/** @param {Readonly<Record<string, string>>} files */
async function layerOf(files) {
  const tar = await tarOf(files)
  return { diffId: digestOf(tar), layer: content(OCI_LAYER_GZIP, gzip(tar)) }
}

/**
 * An artifact of one file about something else (image-spec, "Guidelines for Artifact Usage").
 * @param {string} artifactType
 * @param {Content} file
 * @param {{ readonly subject: Content, readonly title: string }} about
 */
function artifactOf(artifactType, file, { subject, title }) {
  const config = json(OCI_EMPTY, {})
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: config.descriptor,
    layers: [{ ...file.descriptor, annotations: { 'org.opencontainers.image.title': title } }],
    subject: bare(subject.descriptor),
    annotations: { 'org.opencontainers.image.created': CREATED },
  })
  return { manifest, contents: [file, config, manifest] }
}

/** @param {string} name @param {Date} now */
async function newSigner(name, now) {
  const { signingKeyPem, chainPem, caCertPem, rootThumbprint } = await makeSigningKeys({ name, now })
  return { signer: loadSigner(signingKeyPem, chainPem, now), facts: { name, caCertPem, rootThumbprint } }
}

/**
 * A Notary Project signature, as `notation sign` would attach it.
 * @param {Descriptor} subject
 * @param {Awaited<ReturnType<typeof newSigner>>} by
 * @param {Date} now
 */
async function signatureOn(subject, { signer, facts }, now) {
  const signed = await sealEnvelope(formatPayload(subject), signer, {
    type: ENVELOPE_JWS,
    signingTime: now,
    agent: 'waybill-sample/1',
  })
  const envelope = content(ENVELOPE_JWS, signed)
  const parts = { envelope: envelope.descriptor, subject, chain: signer.chain, createdAt: now }
  const manifest = content(OCI_MANIFEST, buildSignatureManifest(parts))
  return { manifest, subject, by: facts.name, contents: [envelope, json(SIGNATURE_TYPE, {}), manifest] }
}

/** @param {readonly Content[]} contents */
function eachOnce(contents) {
  return [...new Map(contents.map((one) => [one.descriptor.digest, one])).values()]
}

/** @param {string} mediaType @param {Uint8Array} bytes @returns {Content} */
function content(mediaType, bytes) {
  return { descriptor: describe(mediaType, bytes), bytes }
}

/** @param {string} mediaType @param {unknown} value */
function json(mediaType, value) {
  return content(mediaType, canonicalBytes(value))
}
