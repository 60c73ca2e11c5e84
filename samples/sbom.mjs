// The software bill of materials of the sample release: SPDX 2.3 as JSON.
import { encodedOf } from './built.mjs'

export const SBOM_TYPE = 'application/spdx+json'
export const CREATED = '2026-11-01T00:00:00Z'

/** @typedef {import('../src/oci/descriptor.js').Descriptor} Descriptor */

/**
 * @param {object} release
 * @param {Descriptor} release.index
 * @param {readonly Descriptor[]} release.platforms
 * @param {Descriptor} release.source the source bundle's file
 */
export function sbomOf({ index, platforms, source }) {
  const image = packageOf('Image', 'net-monitor', index)
  const variants = platforms.map((manifest) => {
    const { os = '', architecture = '' } = manifest.platform ?? {}
    return packageOf(`Image-${os}-${architecture}`, `net-monitor (${os}/${architecture})`, manifest)
  })
  const sources = packageOf('Source', 'net-monitor-src', source)
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'net-monitor-1.0.0',
    documentNamespace: `https://wabbit-networks.example/spdx/net-monitor-1.0.0-${encodedOf(index.digest)}`,
    creationInfo: { created: CREATED, creators: ['Organization: Wabbit Networks', 'Tool: waybill-sample-1'] },
    packages: [{ ...image, externalRefs: [purlOf(index)] }, ...variants, sources],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', image),
      ...variants.map((variant) => relation(variant.SPDXID, 'VARIANT_OF', image)),
      relation(image.SPDXID, 'GENERATED_FROM', sources),
    ],
  }
}

/** @param {string} id @param {string} name @param {Descriptor} descriptor */
function packageOf(id, name, { digest }) {
  return {
    SPDXID: `SPDXRef-${id}`,
    name,
    versionInfo: '1.0.0',
    supplier: 'Organization: Wabbit Networks',
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: encodedOf(digest) }],
    licenseConcluded: 'Apache-2.0',
    licenseDeclared: 'Apache-2.0',
    copyrightText: 'NOASSERTION',
  }
}

/** @param {Descriptor} descriptor */
function purlOf({ digest }) {
  return {
    referenceCategory: 'PACKAGE-MANAGER',
    referenceType: 'purl',
    referenceLocator: `pkg:oci/net-monitor@${encodeURIComponent(digest)}`,
  }
}

/** @param {string} from @param {string} type @param {{ readonly SPDXID: string }} to */
function relation(from, type, to) {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to.SPDXID }
}
