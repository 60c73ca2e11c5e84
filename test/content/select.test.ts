import { describe, expect, it } from 'vitest'
import { selectChildren } from '../../src/content/select.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { type Manifest, parseManifest } from '../../src/oci/manifest.js'
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { parsePlatform } from '../../src/oci/platform.js'
import { json } from '../support/build.js'

const PARENT = digestOf(new Uint8Array([1]))

function child(name: string, platform?: string, annotations?: Readonly<Record<string, string>>): Descriptor {
  return {
    mediaType: OCI_MANIFEST,
    digest: digestOf(new TextEncoder().encode(name)),
    size: 100,
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function index(...manifests: readonly Descriptor[]): Manifest {
  const { bytes } = json(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests })
  return parseManifest(bytes, OCI_INDEX, 'index')
}

function selected(manifest: Manifest, ...platforms: readonly string[]) {
  const wishes = platforms.length === 0 ? undefined : platforms.map(parsePlatform)
  const { children, omissions } = selectChildren(manifest, PARENT, wishes)
  return {
    kept: children.map(({ digest }) => digest),
    left: omissions.map(({ descriptor, reason }) => [descriptor.digest, reason]),
  }
}

const amd64 = child('amd64', 'linux/amd64')
const v7 = child('arm', 'linux/arm/v7')
const v6 = child('arm6', 'linux/arm/v6')
const windows = child('windows', 'windows/amd64')

describe('selectChildren', () => {
  it('takes every platform where none is asked for', () => {
    expect(selected(index(amd64, v7))).toEqual({ kept: [amd64.digest, v7.digest], left: [] })
  })

  it('says what it left out, and why', () => {
    expect(selected(index(amd64, windows), 'linux/amd64')).toEqual({
      kept: [amd64.digest],
      left: [[windows.digest, 'platform']],
    })
  })

  it('takes every variant where the wish has none, and one where it has one', () => {
    expect(selected(index(v7, v6), 'linux/arm').kept).toEqual([v7.digest, v6.digest])
    expect(selected(index(v7, v6), 'linux/arm/v6').kept).toEqual([v6.digest])
  })

  it('takes an entry without a platform, since it may be about anything', () => {
    const sbom = child('sbom')

    expect(selected(index(amd64, sbom, windows), 'linux/amd64').kept).toEqual([amd64.digest, sbom.digest])
  })

  it('takes the attestation about an image that is kept, and leaves the other one', () => {
    const about = (image: Descriptor) => ({ 'vnd.docker.reference.digest': image.digest })
    const mine = child('attestation of amd64', 'unknown/unknown', about(amd64))
    const other = child('attestation of windows', 'unknown/unknown', about(windows))

    const { kept, left } = selected(index(amd64, mine, windows, other), 'linux/amd64')

    expect(kept).toEqual([amd64.digest, mine.digest])
    expect(left).toEqual([
      [windows.digest, 'platform'],
      [other.digest, 'platform'],
    ])
  })

  it('keeps one image that is listed for two platforms where one of them is wanted', () => {
    const both = { ...amd64, platform: parsePlatform('linux/arm64') }

    expect(selected(index(amd64, both), 'linux/arm64')).toEqual({ kept: [amd64.digest, amd64.digest], left: [] })
  })

  it('keeps nothing of an index that has none of the platforms: whether that may be is for the walk to say', () => {
    const manifest = index(amd64, windows)

    expect(selected(manifest, 'linux/s390x')).toMatchObject({ kept: [] })
  })

  it('takes an empty index as it is', () => {
    expect(selected(index(), 'linux/amd64')).toEqual({ kept: [], left: [] })
  })

  it('leaves out layers that may not be distributed, and takes the config and the others', () => {
    const config = { ...child('config'), mediaType: OCI_CONFIG }
    const layer = { ...child('layer'), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }
    const foreign = { ...child('foreign'), mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }
    const { bytes } = json(OCI_MANIFEST, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config,
      layers: [foreign, layer],
    })

    const found = selected(parseManifest(bytes, OCI_MANIFEST, 'image'), 'linux/amd64')

    expect(found).toEqual({
      kept: [config.digest, layer.digest],
      left: [[foreign.digest, 'non-distributable']],
    })
  })
})
